import type { AttendeeDecision } from '../../domain/attendance/decision.ts';
import { foldTurkish } from '../../domain/attendance/fold.ts';
import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import { lockLesson } from '../core/gate-record.ts';
import { staffIdOf } from '../core/staff-id.ts';
import type { Caller } from '../ports/caller.ts';
import type { Transaction } from '../ports/database.ts';
import type { Outside } from '../ports/outside.ts';
import { schoolYearOfLesson } from './attendance-people.ts';
import { settleLesson } from './settle-lesson.ts';

type Needs = Pick<Outside, 'database' | 'clock'>;

export interface RowDecision extends AttendeeDecision {
  readonly rowId: Id;
  readonly why: string | null;
}

/**
 * Says who rows of a lesson's reports are, one or many at once; all of them count, or none. A shown name with its persons is a
 * suggestion for the rest of the school year. What shows somebody uncovered puts recordings out of reach at once.
 * @throws Refusal `NOT_FOUND`; `INVALID_REQUEST` `ATTENDEE_PERSONS_WRONG`, `ATTENDEE_WHY_MISSING`; `STATE_CHANGED` when a row is gone.
 */
export async function decideRows(
  { database, clock }: Needs,
  caller: Caller,
  lessonId: Id,
  decisions: readonly RowDecision[],
): Promise<void> {
  await database.transact(caller, async (tx) => {
    await lockLesson(tx.db, lessonId);
    const rows = await rowsOf(
      tx,
      lessonId,
      decisions.map(({ rowId }) => rowId),
    );
    assertWhy(decisions);
    await assertPersons(tx, decisions);
    const lesson = await tx.db.lesson.findUniqueOrThrow({ where: { id: lessonId } });
    const schoolYear = await schoolYearOfLesson(tx.db, lesson);
    const by = { decidedById: staffIdOf(caller), decidedAt: clock() };
    for (const { rowId, kind, personIds, why } of decisions) {
      const row = rows.get(rowId);
      if (row === undefined) continue;
      await tx.db.attendanceRow.update({
        where: { id: rowId },
        data: { decision: kind, personIds: [...personIds], why, ...by },
      });
      await tx.log({
        action: 'attendance.row_decided',
        outcome: 'done',
        object: { kind: 'attendance_row', id: rowId, lessonId },
        details: {
          line: row.line,
          decision: kind,
          persons: personIds.map((id) => ({ person: 'person' as const, id })),
          why,
        },
      });
      const name = foldTurkish(row.name);
      if (kind !== 'persons' || name === '' || row.isTelephone) continue;
      const { emailDigest } = row;
      const alias = { schoolYear, name, emailDigest };
      await tx.db.attendeeAlias.deleteMany({ where: alias });
      await tx.db.attendeeAlias.create({
        data: { ...alias, personIds: [...personIds], confirmedById: by.decidedById, confirmedAt: by.decidedAt },
      });
    }
    await settleLesson(tx, lessonId, clock());
  });
}

/**
 * Takes back what was said about rows: they are open again, and so is what rests on them.
 * @throws Refusal `NOT_FOUND`, `STATE_CHANGED`.
 */
export async function undoDecisions(
  { database, clock }: Needs,
  caller: Caller,
  lessonId: Id,
  rowIds: readonly Id[],
): Promise<void> {
  await database.transact(caller, async (tx) => {
    await lockLesson(tx.db, lessonId);
    const rows = await rowsOf(tx, lessonId, rowIds);
    for (const row of rows.values()) {
      if (row.decision === null) continue;
      await tx.db.attendanceRow.update({
        where: { id: row.id },
        data: { decision: null, personIds: [], why: null, decidedById: null, decidedAt: null },
      });
      // What was a mistake is no suggestion.
      const { emailDigest, personIds } = row;
      await tx.db.attendeeAlias.deleteMany({
        where: { name: foldTurkish(row.name), emailDigest, personIds: { equals: personIds } },
      });
      await tx.log({
        action: 'attendance.decision_undone',
        outcome: 'done',
        object: { kind: 'attendance_row', id: row.id, lessonId },
        details: { line: row.line, decision: row.decision },
      });
    }
    await settleLesson(tx, lessonId, clock());
  });
}

/** @throws Refusal `STATE_CHANGED` unless every row is one of the lesson. */
async function rowsOf(tx: Transaction, lessonId: Id, ids: readonly Id[]) {
  const rows = await tx.db.attendanceRow.findMany({ where: { id: { in: [...ids] }, report: { lessonId } } });
  if (rows.length !== new Set(ids).size)
    throw new Refusal('STATE_CHANGED', { reasons: [{ code: 'ATTENDANCE_ROWS_CHANGED' }] });
  return new Map(rows.map((row) => [row.id, row]));
}

/** What takes a row out of the comparison with permission has a reason that others can read. */
function assertWhy(decisions: readonly RowDecision[]): void {
  if (decisions.some(({ kind, why }) => kind !== 'persons' && (why ?? '').trim() === ''))
    throw new Refusal('INVALID_REQUEST', {
      reasons: [{ code: 'ATTENDEE_WHY_MISSING', subject: { kind: 'field', id: 'why' } }],
    });
}

/** Persons for people, and for nothing else; each of them known. */
async function assertPersons(tx: Transaction, decisions: readonly RowDecision[]): Promise<void> {
  const named = new Set(decisions.flatMap(({ personIds }) => personIds));
  const known = await tx.db.person.count({ where: { id: { in: [...named] }, erasedAt: null } });
  const isWrong = decisions.some(({ kind, personIds }) => (kind === 'persons') !== personIds.length > 0);
  if (isWrong || known !== named.size)
    throw new Refusal('INVALID_REQUEST', {
      reasons: [{ code: 'ATTENDEE_PERSONS_WRONG', subject: { kind: 'field', id: 'personIds' } }],
    });
}
