/** The first moment after a day that somebody chose as the last one, in the time zone of this device. */
export const endOf = (day: string): string => new Date(new Date(`${day}T00:00:00`).setHours(24)).toISOString();

/** The day that is so many days away, such as 2026-09-14. */
export const dayIn = (days: number): string => new Date(Date.now() + days * 86_400_000).toLocaleDateString('sv');
