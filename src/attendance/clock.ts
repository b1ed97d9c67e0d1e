import { offsetAt } from '../domain/calendar.ts';
import type { DayOrder } from './report.ts';
import type { WrittenDate } from './when.ts';

const dayMs = 24 * 60 * 60_000;

/** Whether this names a time zone (IANA). */
export function isTimeZone(timeZone: string): boolean {
  try {
    new Intl.DateTimeFormat('en-US', { timeZone });
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false; // ECMA-402, 11.1.2
    throw error;
  }
}

/** Midnight of a written date as if the clocks stood at UTC, in milliseconds; undefined: there is no such day. */
export function midnightOf({ year, first, second, isOpen }: WrittenDate, order: DayOrder): number | undefined {
  const [day, month] = isOpen && order === 'month_first' ? [second, first] : [first, second];
  const ms = Date.UTC(year, month - 1, day);
  return new Date(ms).getUTCMonth() === month - 1 ? ms : undefined;
}

/**
 * The instants at which the clocks of a zone show a time, which is given as if it were UTC. Where the clocks go back a time
 * comes twice; where they go forward it does not come, and both sides of the gap stand for it.
 */
export function createClock(
  timeZone: string,
): (shownMs: number) => { readonly firstMs: number; readonly lastMs: number } {
  const known = new Map<number, number>();
  const offset = (at: number): number => {
    // No zone changes its offset within a quarter of an hour of the clock.
    const quarter = Math.floor(at / 900_000);
    const there = known.get(quarter) ?? offsetAt(new Date(quarter * 900_000), timeZone);
    known.set(quarter, there);
    return there;
  };
  return (shownMs) => {
    const offsets = [...new Set([offset(shownMs - dayMs), offset(shownMs + dayMs)])];
    const instants = offsets.map((one) => shownMs - one);
    const real = instants.filter((at, place) => offset(at) === offsets[place]);
    const chosen = real.length > 0 ? real : instants;
    return { firstMs: Math.min(...chosen), lastMs: Math.max(...chosen) };
  };
}
