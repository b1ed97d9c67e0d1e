import type { Id } from '../../domain/ids.ts';
import { assertForRecording, lockLesson } from '../core/gate-record.ts';
import { lessonOf, putBackIntoReview } from '../core/move-recording.ts';
import type { Caller } from '../ports/caller.ts';
import type { Transaction } from '../ports/database.ts';
import type { Outside } from '../ports/outside.ts';

/**
 * Puts a recording back into review once permission is there again; it has to be cleared and approved again.
 * @throws Refusal `PERMISSION_MISSING`, `WRONG_STATE`, `NOT_FOUND`.
 */
export async function liftQuarantine(
  { database, clock }: Pick<Outside, 'database' | 'clock'>,
  caller: Caller,
  recordingId: Id,
): Promise<void> {
  await database.transact(caller, async (tx) => {
    const lessonId = await lessonOf(tx.db, recordingId);
    await lockLesson(tx.db, lessonId);
    await liftOne(tx, { recordingId, lessonId }, clock());
  });
}

/** The same within a transaction that holds the lesson's lock. @throws Refusal `PERMISSION_MISSING`, `WRONG_STATE`, `NOT_FOUND`. */
export async function liftOne(
  tx: Transaction,
  { recordingId, lessonId }: { readonly recordingId: Id; readonly lessonId: Id },
  at: Date,
): Promise<void> {
  await assertForRecording(tx.db, { recordingId, lessonId }, at);
  await putBackIntoReview(tx, recordingId, 'lift_quarantine', at);
  await tx.enqueue('check-recording', { recordingId }, { key: `check:${recordingId}` });
  await tx.log({
    action: 'recording.quarantine_lifted',
    outcome: 'done',
    object: { kind: 'recording', id: recordingId, recordingId, lessonId },
  });
}
