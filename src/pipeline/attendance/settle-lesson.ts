import { type AttendanceSummary, type AttendanceToCover, summarise } from '../../domain/attendance/coverage.ts';
import type { AttendeeDecision } from '../../domain/attendance/decision.ts';
import { foldTurkish } from '../../domain/attendance/fold.ts';
import { matchAttendance } from '../../domain/attendance/match.ts';
import type { RowMatch } from '../../domain/attendance/row-match.ts';
import type { Id } from '../../domain/ids.ts';
import { quarantineUnlessGateHolds } from '../core/quarantine.ts';
import type { Database, Transaction } from '../ports/database.ts';
import { readAliases, readAttendancePeople, schoolYearOfLesson } from './attendance-people.ts';
import { toAttendeeDecision, toReportedRow } from './attendance-rows.ts';
import { lessonTimes } from './lesson-times.ts';
import { renewRemovals } from './renew-removals.ts';

type Db = Transaction['db'] | Database['read'];

/** A lesson with its times, and its reports with their rows, read at one moment. */
export async function readAttendanceOf(db: Db, lessonId: Id) {
  const reports = await db.attendanceReport.findMany({
    where: { lessonId },
    orderBy: { takenAt: 'asc' },
    include: { rows: { orderBy: [{ line: 'asc' }, { id: 'asc' }] } },
  });
  const rows = reports.flatMap((report) => report.rows);
  const lesson = await db.lesson.findUniqueOrThrow({ where: { id: lessonId } });
  return { reports, rows, lesson, times: await lessonTimes(db, lesson) };
}

/**
 * The same in the form that the rules of coverage take; with the matches that are kept, or with newer ones. `names`: of
 * everybody whom a row may be.
 */
export function toCover(
  { reports, rows, times }: Awaited<ReturnType<typeof readAttendanceOf>>,
  names: AttendanceToCover['names'],
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
    names,
  };
}

/**
 * Matches the rows of a lesson anew and says what they come to. What shows somebody uncovered puts the lesson's recordings
 * out of reach in the same transaction, and what it shows of people who were removed from a recording goes too. The caller holds
 * the lesson's lock. Returns the recordings that went into quarantine.
 */
export async function settleLesson(tx: Transaction, lessonId: Id, at: Date): Promise<Id[]> {
  const found = await readAttendanceOf(tx.db, lessonId);
  const { rows, times, lesson } = found;
  const digests = rows.flatMap(({ emailDigest }) => (emailDigest === null ? [] : [emailDigest]));
  const people = await readAttendancePeople(tx.db, lesson, digests);
  const year = await schoolYearOfLesson(tx.db, lesson);
  const aliases = await readAliases(
    tx.db,
    year,
    rows.map(({ name }) => foldTurkish(name)),
  );
  const matches = matchAttendance(rows.map(toReportedRow), people, { lesson: times.lesson, aliases });
  await keepMatches(tx.db, rows, matches);
  const names = new Map(people.map(({ id, name }) => [id, name]));
  const cover = toCover(found, names, matches);
  await keepSummary(tx.db, lessonId, found.reports.length === 0 ? null : summarise(cover));
  const quarantined = await quarantineUnlessGateHolds(tx, lessonId, at);
  await renewRemovals(tx, lesson, cover, at);
  return quarantined;
}

/**
 * The same where there are reports: after a change of what says when the lesson was recorded (its planned times, its
 * announcement, the length of a recording), and before a review ends, because people of the school may be known by now.
 */
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
