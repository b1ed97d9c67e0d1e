import { mustHave } from './must-have.ts';

/** A day, such as 2026-03-02. */
export type Day = string;

const dayMs = 24 * 60 * 60_000;

/** The day on which an instant falls in a time zone (IANA). */
export function dayIn(at: Date, timeZone: string): Day {
  const { year, month, day } = partsIn(at, timeZone);
  return `${year}-${month}-${day}`;
}

/** The last day of a span in a time zone. `end`: the first instant after it. */
export function lastDayBefore(end: Date, timeZone: string): Day {
  return dayIn(new Date(end.getTime() - 1), timeZone);
}

/** The hour of the day of an instant in a time zone, from 0 to 23. */
export function hourIn(at: Date, timeZone: string): number {
  return Number(partsIn(at, timeZone).hour);
}

/** The first instant of a day in a time zone. Where the clocks go forward at midnight, it is one o'clock. */
export function startOfDay(day: Day, timeZone: string): Date {
  const asUtc = Date.parse(`${day}T00:00:00Z`);
  // With the offset of the day before and with that of the day after: the clocks change once in between at most.
  const starts = [-dayMs, dayMs]
    .map((away) => new Date(asUtc - offsetAt(new Date(asUtc + away), timeZone)))
    .sort((a, b) => a.getTime() - b.getTime());
  // A zone that crosses the date line skips a day: what comes after it stands for it.
  return starts.find((start) => dayIn(start, timeZone) === day) ?? mustHave(starts.at(-1), 'start of a day');
}

/** The day after. */
export function dayAfter(day: Day): Day {
  const next = new Date(`${day}T00:00:00Z`);
  next.setUTCDate(next.getUTCDate() + 1);
  return next.toISOString().slice(0, 10);
}

/** Milliseconds that the clocks of a time zone (IANA) are ahead of UTC at an instant. */
export function offsetAt(at: Date, timeZone: string): number {
  const { year, month, day, hour, minute, second } = partsIn(at, timeZone);
  const shown = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return shown - Math.floor(at.getTime() / 1_000) * 1_000;
}

type Part = 'year' | 'month' | 'day' | 'hour' | 'minute' | 'second';

function partsIn(at: Date, timeZone: string): Record<Part, string> {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  });
  return Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, value])) as Record<Part, string>;
}
