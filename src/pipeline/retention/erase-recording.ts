import type { Actor, Id } from '../../domain/ids.ts';
import { assertNoHold, type ErasureReason } from '../../domain/retention.ts';
import { lockLesson } from '../core/gate-record.ts';
import { lessonOf } from '../core/move-recording.ts';
import type { Transaction } from '../ports/database.ts';
import { beginErasure } from './begin-erasure.ts';
import { holdsOf } from './rules.ts';

/**
 * Erases a recording for good. From the moment this commits nobody can read it: no envelope is left in the database and no
 * release is open. What the store has goes in a job right after (`finish-erasure.ts`), which ends with a certificate.
 * @throws Refusal `HOLD_IN_FORCE`, `WRONG_STATE`, `NOT_FOUND`.
 */
export async function eraseInTransaction(
  tx: Transaction,
  by: Actor,
  recordingId: Id,
  input: { why: ErasureReason; note: string | null },
  at: Date,
): Promise<void> {
  const lessonId = await lessonOf(tx.db, recordingId);
  await lockLesson(tx.db, lessonId);
  assertNoHold(await holdsOf(tx.db, { recordingId, lessonId }), at);
  await beginErasure(tx, by, { recordingId, lessonId, ...input, at });
}
