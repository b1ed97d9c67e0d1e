import type { Id } from '../../domain/ids.ts';
import { putBackIntoReview } from '../core/move-recording.ts';
import type { Transaction } from '../ports/database.ts';

/** A cleared recording has to be reviewed again; an open release ends and its rendition no longer counts. */
export async function reopenReview(tx: Transaction, recordingId: Id, lessonId: Id, at: Date): Promise<void> {
  await putBackIntoReview(tx, recordingId, 'reopen_review', at);
  await tx.log({
    action: 'recording.reopened',
    outcome: 'done',
    object: { kind: 'recording', id: recordingId, recordingId, lessonId },
  });
}
