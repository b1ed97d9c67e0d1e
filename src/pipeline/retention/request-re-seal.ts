import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import { lockLesson } from '../core/gate-record.ts';
import { lessonOf } from '../core/move-recording.ts';
import { staffIdOf } from '../core/staff-id.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';

/**
 * Asks for a new session key, salt and body of a recording and its renditions: after a compromise, when wrapping the old key
 * again would help nobody. @throws Refusal `NOT_FOUND`, `WRONG_STATE` for what is erased.
 */
export async function requestReSeal(
  { database, clock }: Pick<Outside, 'database' | 'clock'>,
  caller: Caller,
  recordingId: Id,
  why: string,
): Promise<void> {
  await database.transact(caller, async (tx) => {
    const lessonId = await lessonOf(tx.db, recordingId);
    await lockLesson(tx.db, lessonId);
    const row = await tx.db.recording.findUniqueOrThrow({ where: { id: recordingId } });
    if (row.sealedId === null) throw new Refusal('WRONG_STATE');
    const asked = { state: 'waiting' as const, why, requestedById: staffIdOf(caller), requestedAt: clock() };
    const fresh = { doneBytes: 0, totalBytes: 0, error: null, finishedAt: null, resealed: [] };
    await tx.db.reSeal.upsert({
      where: { recordingId },
      create: { recordingId, ...asked, ...fresh, replaced: [] },
      // Folders that an earlier re-sealing replaced and could not remove yet stay on the list.
      update: { ...asked, ...fresh },
    });
    await tx.enqueue(
      're-seal-recording',
      { recordingId },
      { key: `reseal:${recordingId}`, queue: `reseal:${recordingId}` },
    );
    await tx.log({
      action: 'recording.reseal_requested',
      outcome: 'done',
      object: { kind: 'recording', id: recordingId, recordingId, lessonId },
    });
  });
}
