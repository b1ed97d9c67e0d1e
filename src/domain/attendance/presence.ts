import { clip, type Interval } from './interval.ts';
import type { AttendanceRow } from './row.ts';

type Stay = Pick<AttendanceRow, 'joinedMs' | 'leftMs' | 'isWaiting'>;

/**
 * When a row says that somebody was in the lesson (design, section 8). An unknown start is the start of the lesson, an
 * unknown end its end. An end before its start is no end. Who waited was not in the lesson.
 */
export function stayOf({ joinedMs, leftMs, isWaiting }: Stay, lesson: Interval): Interval | null {
  if (isWaiting) return null;
  const startMs = joinedMs ?? Math.min(lesson.startMs, leftMs ?? lesson.startMs);
  const isEnd = leftMs !== null && leftMs >= startMs;
  return { startMs, endMs: isEnd ? leftMs : Math.max(startMs, lesson.endMs) };
}

/**
 * The parts of the recorded time in which somebody may have been there, united. A report in whole minutes drops the
 * seconds: who left at 10:18 was perhaps there until 10:18:59. `resolutionMs` says how coarse its times are; 1,000 and less
 * add nothing.
 */
export function presenceOf(
  rows: readonly Stay[],
  times: { readonly lesson: Interval; readonly recorded: readonly Interval[]; readonly resolutionMs?: number },
): Interval[] {
  const more = Math.max(0, (times.resolutionMs ?? 0) - 1_000);
  const stays = rows.flatMap((row) => {
    const stay = stayOf(row, times.lesson);
    return stay === null ? [] : [{ startMs: stay.startMs, endMs: stay.endMs + (row.leftMs === null ? 0 : more) }];
  });
  return clip(stays, times.recorded);
}
