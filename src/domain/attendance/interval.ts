import { list, number, object, type Reader } from '../json.ts';

/** A stretch of time. Instants are milliseconds since 1970-01-01T00:00:00Z. `endMs` is the first that is no longer in it. */
export interface Interval {
  readonly startMs: number;
  /** Not before `startMs`. Equal: somebody was there for less than the report can tell. */
  readonly endMs: number;
}

/** Everything that one of the intervals covers, in order of time. What overlaps or touches becomes one. */
export function unite(intervals: readonly Interval[]): Interval[] {
  const united: { startMs: number; endMs: number }[] = [];
  for (const { startMs, endMs } of intervals.toSorted((a, b) => a.startMs - b.startMs || a.endMs - b.endMs)) {
    const last = united.at(-1);
    if (last === undefined || startMs > last.endMs) united.push({ startMs, endMs });
    else last.endMs = Math.max(last.endMs, endMs);
  }
  return united;
}

/**
 * The parts of the intervals that lie in `within`, united. An interval without length stays where it lies inside. One that
 * only touches an edge is outside.
 */
export function clip(intervals: readonly Interval[], within: readonly Interval[]): Interval[] {
  const bounds = unite(within);
  return unite(
    intervals.flatMap((one) =>
      bounds.flatMap((bound) => {
        if (one.startMs === one.endMs)
          return one.startMs >= bound.startMs && one.startMs < bound.endMs ? [{ ...one }] : [];
        const startMs = Math.max(one.startMs, bound.startMs);
        const endMs = Math.min(one.endMs, bound.endMs);
        return startMs < endMs ? [{ startMs, endMs }] : [];
      }),
    ),
  );
}

/** What the second list leaves of the first, united and in order of time. */
export function without(intervals: readonly Interval[], taken: readonly Interval[]): Interval[] {
  const gone = unite(taken).filter(({ startMs, endMs }) => startMs < endMs);
  return unite(intervals).flatMap(({ startMs, endMs }) => {
    const left: Interval[] = [];
    let from = startMs;
    for (const one of gone) {
      if (one.endMs <= from || one.startMs >= endMs) continue;
      if (one.startMs > from) left.push({ startMs: from, endMs: one.startMs });
      from = Math.max(from, one.endMs);
    }
    if (from < endMs) left.push({ startMs: from, endMs });
    return left;
  });
}

/** How long the intervals last together, in milliseconds; what is covered twice counts once. */
export const lengthOfAll = (intervals: readonly Interval[]): number =>
  unite(intervals).reduce((sum, { startMs, endMs }) => sum + endMs - startMs, 0);

/** Whether there is a moment that is in both. Intervals that only touch have none. */
export const overlap = (one: Interval, other: Interval): boolean =>
  one.startMs < other.endMs && other.startMs < one.endMs;

/** `attendance_row.spoke`. */
export const readIntervals: Reader<Interval[]> = list(object({ startMs: number, endMs: number }));
