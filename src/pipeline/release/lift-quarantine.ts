import type { Id } from '../../domain/ids.ts';
import { assertForRecording, lockLesson } from '../core/gate-record.ts';
import { lessonOf, putBackIntoReview } from '../core/move-recording.ts';
import type { Caller } from '../ports/caller.ts';
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
    await assertForRecording(tx.db, { recordingId, lessonId }, clock());
    await putBackIntoReview(tx, recordingId, 'lift_quarantine', clock());
    await tx.enqueue('check-recording', { recordingId }, { key: `check:${recordingId}` });
    await tx.log({
      action: 'recording.quarantine_lifted',
      outcome: 'done',
      object: { kind: 'recording', id: recordingId, recordingId, lessonId },
    });
  });
}
