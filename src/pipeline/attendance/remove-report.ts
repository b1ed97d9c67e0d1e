import { uncoveredCodes } from '../../domain/attendance/told.ts';
import { Refusal } from '../../domain/errors.ts';
import { gateReasons } from '../../domain/gate.ts';
import type { Id } from '../../domain/ids.ts';
import { getGateRecord, lockLesson } from '../core/gate-record.ts';
import { isAdministrator } from '../core/is-administrator.ts';
import { purgeSealed } from '../core/sealed-object.ts';
import type { Caller } from '../ports/caller.ts';
import type { Transaction } from '../ports/database.ts';
import type { Outside } from '../ports/outside.ts';
import { settleLesson } from './settle-lesson.ts';

type Needs = Pick<Outside, 'database' | 'objects' | 'keyring' | 'clock'>;

/**
 * Takes a report away that was of another lesson, or handed in by mistake: its rows, what was decided on them, and the file.
 * A report that shows somebody uncovered only an administrator takes away: the gate would forget what it closed for.
 * @throws Refusal `NOT_FOUND`; `NOT_ALLOWED` with whom it shows.
 */
export async function removeReport(
  outside: Needs,
  caller: Caller,
  { lessonId, reportId }: { readonly lessonId: Id; readonly reportId: Id },
  why: string,
): Promise<void> {
  const { database, clock } = outside;
  const bodyKey = await database.transact(caller, async (tx) => {
    await lockLesson(tx.db, lessonId);
    await assertMayForget(tx, caller, lessonId, clock());
    const report = await tx.db.attendanceReport.findUnique({
      where: { id: reportId, lessonId },
      include: { sealed: { select: { id: true, bodyKey: true } }, _count: { select: { rows: true } } },
    });
    if (!report) throw new Refusal('NOT_FOUND');
    await tx.db.attendanceReport.delete({ where: { id: reportId } });
    await tx.db.sealedObject.delete({ where: { id: report.sealed.id } });
    await settleLesson(tx, lessonId, clock());
    await tx.log({
      action: 'attendance.report_removed',
      outcome: 'done',
      object: { kind: 'attendance_report', id: reportId, lessonId },
      details: { rows: report._count.rows, why },
    });
    return report.sealed.bodyKey;
  });
  await purgeSealed(outside, bodyKey);
}

async function assertMayForget(tx: Transaction, caller: Caller, lessonId: Id, at: Date): Promise<void> {
  if (isAdministrator(caller)) return;
  const { lesson, permissions } = await getGateRecord(tx.db, lessonId);
  const reasons = gateReasons(lesson, permissions, at).filter(({ code }) => uncoveredCodes.some((one) => one === code));
  if (reasons.length > 0) throw new Refusal('NOT_ALLOWED', { reasons });
}
