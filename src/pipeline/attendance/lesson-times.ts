import type { Interval } from '../../domain/attendance/interval.ts';
import type { Id } from '../../domain/ids.ts';
import type { Database, Transaction } from '../ports/database.ts';

/** What of a lesson says when it was, and when its recording began. */
interface Meeting {
  readonly plannedStart: Date;
  readonly plannedEnd: Date;
  readonly announcedAt: Date | null;
  readonly announcedSecond: number | null;
}

/** The times of a lesson that attendance is about. */
export interface LessonTimes {
  readonly lesson: Interval;
  /** What was, or may have been, recorded. */
  readonly recorded: readonly Interval[];
}

/** How long a recording is, as far as it is known. */
interface Lengths {
  readonly declaredDurationMs: number | null;
  readonly analysedDurationMs: number | null;
}

/**
 * When a lesson was, and what of it may be recorded: from its planned beginning, or from when the recording began by the
 * second of its announcement, to its planned end, or to the end of its longest recording.
 */
export async function lessonTimes(
  db: Transaction['db'] | Database['read'],
  lesson: Meeting & { readonly id: Id },
): Promise<LessonTimes> {
  const startMs = recordingBegan(lesson);
  const { _max } = await db.recording.aggregate({
    where: { lessonId: lesson.id, state: { notIn: ['receiving', 'rejected', 'expired', 'erased'] } },
    _max: { declaredDurationMs: true, analysedDurationMs: true },
  });
  const [from, until] = [lesson.plannedStart.getTime(), lesson.plannedEnd.getTime()];
  return {
    lesson: { startMs: from, endMs: until },
    recorded: [{ startMs: Math.min(from, startMs), endMs: Math.max(until, startMs + longestOf(_max)) }],
  };
}

/**
 * The time of one recording, as instants: from its beginning, as far as its length is known, or else to the planned end of the
 * lesson. `recordedFrom`: when it began; null: as the announcement or the plan says.
 */
export function timeOfRecording(recording: Lengths, recordedFrom: Date | null, lesson: Meeting): Interval {
  const startMs = recordedFrom?.getTime() ?? recordingBegan(lesson);
  const length = longestOf(recording) || Math.max(1, lesson.plannedEnd.getTime() - startMs);
  return { startMs, endMs: startMs + length };
}

const longestOf = ({ declaredDurationMs, analysedDurationMs }: Lengths): number =>
  Math.max(declaredDurationMs ?? 0, analysedDurationMs ?? 0);

/** The instant of a recording's first millisecond, as far as it is known: milliseconds since 1970. */
function recordingBegan({ plannedStart, announcedAt, announcedSecond }: Omit<Meeting, 'plannedEnd'>): number {
  return announcedAt !== null && announcedSecond !== null
    ? announcedAt.getTime() - 1_000 * announcedSecond
    : plannedStart.getTime();
}
