import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import { lockLesson } from '../core/gate-record.ts';
import { lessonOf } from '../core/move-recording.ts';
import { staffIdOf } from '../core/staff-id.ts';
import type { Caller } from '../ports/caller.ts';
import type { Transaction } from '../ports/database.ts';

/** Key of the finding that stands for a whole recording whose check failed. */
export const failedKey = 'not_analysed:file:check_failed';

/**
 * A review ends only after the check has run, also when it runs again; or after it failed for good and the whole
 * recording is a finding to be decided on. @throws Refusal `WRONG_STATE`.
 */
export async function assertChecked(tx: Transaction, recordingId: Id): Promise<void> {
  const { checkState } = await tx.db.recording.findUniqueOrThrow({ where: { id: recordingId } });
  if (checkState === 'done') return;
  const isForAPerson = { recordingId_key: { recordingId, key: failedKey } };
  if (checkState === 'failed' && (await tx.db.finding.findUnique({ where: isForAPerson }))) return;
  throw new Refusal('WRONG_STATE', {
    reasons: [{ code: 'CHECK_NOT_DONE' }],
  });
}

export async function assertInReview(tx: Transaction, caller: Caller, recordingId: Id): Promise<Id> {
  const lessonId = await lessonOf(tx.db, recordingId);
  await lockLesson(tx.db, lessonId);
  const row = await tx.db.recording.findUniqueOrThrow({ where: { id: recordingId } });
  if (row.state !== 'in_review')
    throw new Refusal('WRONG_STATE', {
      reasons: [{ code: 'NOT_IN_REVIEW' }],
    });
  if (row.uploaderId === staffIdOf(caller))
    throw new Refusal('SAME_PERSON', {
      reasons: [{ code: 'REVIEWER_IS_UPLOADER' }],
    });
  return lessonId;
}
