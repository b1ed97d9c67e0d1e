import { currentLanguage } from './current.ts';

type Moment = string | Date;

const formatted = (at: Moment, options: Intl.DateTimeFormatOptions) =>
  new Intl.DateTimeFormat(currentLanguage(), options).format(new Date(at));

/** Day and minute, in the time zone of this device. */
export const dateTime = (at: Moment): string => formatted(at, { dateStyle: 'medium', timeStyle: 'short' });
/** Day and second. */
export const dateTimeExact = (at: Moment): string => formatted(at, { dateStyle: 'medium', timeStyle: 'medium' });
/** The day of a moment. */
export const date = (at: Moment): string => formatted(at, { dateStyle: 'medium' });
/** A day that has no time, such as 2026-09-14. */
export const day = (iso: string): string => formatted(iso, { dateStyle: 'medium', timeZone: 'UTC' });
export const timeOfDay = (at: Moment): string => formatted(at, { timeStyle: 'short' });

export const number = (n: number, digits = 0): string =>
  new Intl.NumberFormat(currentLanguage(), { maximumFractionDigits: digits }).format(n);

/** A size in octets, in decimal units. */
export function byteSize(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let unit = 0;
  let size = bytes;
  for (; size >= 1000 && unit < units.length - 1; unit++) size /= 1000;
  return `${number(size, size < 10 && unit > 1 ? 1 : 0)} ${units[unit] ?? ''}`;
}

const spans: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
];

/** How long ago, or in how long: `3 days ago`, `in 2 hours`. */
export function ago(at: Moment, now = Date.now()): string {
  const passed = new Date(at).getTime() - now;
  const [unit, size] = spans.find(([, size]) => Math.abs(passed) >= size) ?? (['minute', 60_000] as const);
  return new Intl.RelativeTimeFormat(currentLanguage(), { numeric: 'auto' }).format(Math.trunc(passed / size), unit);
}
