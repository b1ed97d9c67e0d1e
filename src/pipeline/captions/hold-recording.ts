import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import type { RecordingState } from '../../domain/lifecycle.ts';
import { lockLesson } from '../core/gate-record.ts';
import type { Transaction } from '../ports/database.ts';
import { reopenReview } from '../review/reopen-review.ts';

export interface HeldRecording {
  readonly id: Id;
  readonly lessonId: Id;
  readonly state: RecordingState;
  /** 0: nobody knows yet. */
  readonly durationMs: number;
}

/**
 * Locks a recording whose captions are about to change. One that was cleared goes back to review, as after any other
 * change of what is released. In quarantine nobody reads or writes what is said in it.
 * @throws Refusal `NOT_FOUND`, `WRONG_STATE`.
 */
export async function holdRecording(tx: Transaction, recordingId: Id, at: Date): Promise<HeldRecording> {
  const found = await tx.db.recording.findUnique({ where: { id: recordingId }, select: { lessonId: true } });
  if (!found) throw new Refusal('NOT_FOUND');
  await lockLesson(tx.db, found.lessonId);
  const row = await tx.db.recording.findUnique({ where: { id: recordingId } });
  if (!row) throw new Refusal('NOT_FOUND');
  if (['cleared', 'approved', 'released'].includes(row.state)) await reopenReview(tx, recordingId, row.lessonId, at);
  else if (!['receiving', 'sealed', 'in_review'].includes(row.state))
    throw new Refusal('WRONG_STATE', { reasons: [{ code: 'NOT_PLAYABLE' }] });
  return {
    id: recordingId,
    lessonId: row.lessonId,
    state: row.state,
    durationMs: Math.max(row.declaredDurationMs ?? 0, row.analysedDurationMs ?? 0),
  };
}
