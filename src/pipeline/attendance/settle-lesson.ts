import { type AttendanceSummary, type AttendanceToCover, summarise } from '../../domain/attendance/coverage.ts';
import type { AttendeeDecision } from '../../domain/attendance/decision.ts';
import { foldTurkish } from '../../domain/attendance/fold.ts';
import type { Interval } from '../../domain/attendance/interval.ts';
import { matchAttendance } from '../../domain/attendance/match.ts';
import type { RowMatch } from '../../domain/attendance/row-match.ts';
import type { Id } from '../../domain/ids.ts';
import { quarantineUnlessGateHolds } from '../core/quarantine.ts';
import type { Database, Transaction } from '../ports/database.ts';
import { readAliases, readAttendancePeople, schoolYearOfLesson } from './attendance-people.ts';
import { toAttendeeDecision, toReportedRow } from './attendance-rows.ts';

type Db = Transaction['db'] | Database['read'];

/** The times of a lesson that attendance is about. */
export interface LessonTimes {
  readonly lesson: Interval;
  /** What was, or may have been, recorded. */
  readonly recorded: readonly Interval[];
}

/**
 * When a lesson was, and what of it may be recorded: from its planned beginning, or from when the recording began by the
 * second of its announcement, to its planned end, or to the end of its longest recording.
 */
export async function lessonTimes(db: Db, lessonId: Id): Promise<LessonTimes> {
  const lesson = await db.lesson.findUniqueOrThrow({
    where: { id: lessonId },
    select: { plannedStart: true, plannedEnd: true, announcedAt: true, announcedSecond: true },
  });
  const startMs = recordingBegan(lesson);
  const lengths = await db.recording.aggregate({
    where: { lessonId, state: { notIn: ['receiving', 'rejected', 'expired', 'erased'] } },
    _max: { declaredDurationMs: true, analysedDurationMs: true },
  });
  const longest = Math.max(lengths._max.declaredDurationMs ?? 0, lengths._max.analysedDurationMs ?? 0);
  const [from, until] = [lesson.plannedStart.getTime(), lesson.plannedEnd.getTime()];
  return {
    lesson: { startMs: from, endMs: until },
    recorded: [{ startMs: Math.min(from, startMs), endMs: Math.max(until, startMs + longest) }],
  };
}

/** The instant of a recording's first millisecond, as far as it is known: milliseconds since 1970. */
export function recordingBegan(lesson: {
  readonly plannedStart: Date;
  readonly announcedAt: Date | null;
  readonly announcedSecond: number | null;
}): number {
  return lesson.announcedAt !== null && lesson.announcedSecond !== null
    ? lesson.announcedAt.getTime() - 1_000 * lesson.announcedSecond
    : lesson.plannedStart.getTime();
}

/** Everything that the rules want to know of a lesson's attendance, read at one moment. */
export async function readAttendanceOf(db: Db, lessonId: Id) {
  const reports = await db.attendanceReport.findMany({
    where: { lessonId },
    orderBy: { takenAt: 'asc' },
    include: { rows: { orderBy: [{ line: 'asc' }, { id: 'asc' }] } },
  });
  const rows = reports.flatMap((report) => report.rows);
  const lesson = await db.lesson.findUniqueOrThrow({ where: { id: lessonId } });
  const digests = rows.flatMap(({ emailDigest }) => (emailDigest === null ? [] : [emailDigest]));
  const people = await readAttendancePeople(db, lesson, digests);
  return { reports, rows, lesson, people, times: await lessonTimes(db, lessonId) };
}

/** The same in the form that the rules of coverage take; with the matches that are kept, or with newer ones. */
export function toCover(
  { reports, rows, people, times }: Awaited<ReturnType<typeof readAttendanceOf>>,
  matches: AttendanceToCover['matches'] = new Map(rows.map((row) => [row.id, row])),
): AttendanceToCover {
  return {
    ...times,
    reports: reports.map((report) => ({
      rows: report.rows.map(toReportedRow),
      statedCount: report.statedCount,
      resolutionMs: report.resolutionMs,
    })),
    matches,
    decisions: new Map(
      rows.flatMap((row): [string, AttendeeDecision][] => {
        const decision = toAttendeeDecision(row);
        return decision === null ? [] : [[row.id, decision]];
      }),
    ),
    names: new Map(people.map(({ id, name }) => [id, name])),
  };
}

/**
 * Matches the rows of a lesson anew and says what they come to. What shows somebody uncovered puts the lesson's recordings
 * out of reach in the same transaction. The caller holds the lesson's lock. Returns the recordings that went into quarantine.
 */
export async function settleLesson(tx: Transaction, lessonId: Id, at: Date): Promise<Id[]> {
  const found = await readAttendanceOf(tx.db, lessonId);
  const { rows, people, times, lesson } = found;
  const year = await schoolYearOfLesson(tx.db, lesson);
  const aliases = await readAliases(
    tx.db,
    year,
    rows.map(({ name }) => foldTurkish(name)),
  );
  const matches = matchAttendance(rows.map(toReportedRow), people, { lesson: times.lesson, aliases });
  await keepMatches(tx.db, rows, matches);
  const summary = found.reports.length === 0 ? null : summarise(toCover(found, matches));
  await keepSummary(tx.db, lessonId, summary);
  return quarantineUnlessGateHolds(tx, lessonId, at);
}

/** The same where there are reports: after something changed that says when the lesson was recorded. */
export async function renewAttendance(tx: Transaction, lessonId: Id, at: Date): Promise<void> {
  if ((await tx.db.attendanceReport.count({ where: { lessonId } })) > 0) await settleLesson(tx, lessonId, at);
}

/** What the reports of a lesson come to, for its gate; null: there is none. */
export async function keepSummary(
  db: Transaction['db'],
  lessonId: Id,
  summary: AttendanceSummary | null,
): Promise<void> {
  const json = summary === null ? null : JSON.stringify(summary);
  await db.$executeRaw`UPDATE lesson SET attendance = ${json}::jsonb WHERE id = ${lessonId}::uuid`;
}

/** Writes what has changed in one statement: a lesson may have hundreds of rows. */
async function keepMatches(
  db: Transaction['db'],
  rows: Awaited<ReturnType<typeof readAttendanceOf>>['rows'],
  matches: ReadonlyMap<string, RowMatch>,
): Promise<void> {
  const changed = rows.flatMap((row) => {
    const match = matches.get(row.id);
    if (match === undefined || isSame(row, match)) return [];
    const { state, isTicked, candidates, notes } = match;
    return [{ id: row.id, state, isTicked, candidates, notes }];
  });
  if (changed.length === 0) return;
  await db.$executeRaw`
    UPDATE attendance_row r
       SET state = c.state::"AttendeeState", "isTicked" = c."isTicked", candidates = c.candidates, notes = c.notes
      FROM jsonb_to_recordset(${JSON.stringify(changed)}::jsonb)
             AS c(id uuid, state text, "isTicked" boolean, candidates uuid[], notes text[])
     WHERE r.id = c.id`;
}

function isSame(
  row: Omit<RowMatch, 'tier' | 'notes'> & { readonly notes: readonly string[] },
  match: RowMatch,
): boolean {
  return (
    row.state === match.state &&
    row.isTicked === match.isTicked &&
    row.candidates.join() === match.candidates.join() &&
    row.notes.join() === match.notes.join()
  );
}
