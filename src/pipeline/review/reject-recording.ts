import type { Id } from '../../domain/ids.ts';
import { lockLesson } from '../core/gate-record.ts';
import { lessonOf, moveRecording } from '../core/move-recording.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';

type Needs = Pick<Outside, 'database' | 'clock'>;

/** `note`: why, in the words of the person who rejects it. @throws Refusal `WRONG_STATE`, `NOT_FOUND`. */
export async function rejectRecording(
  { database }: Needs,
  caller: Caller,
  recordingId: Id,
  note: string,
): Promise<void> {
  await database.transact(caller, async (tx) => {
    const lessonId = await lessonOf(tx.db, recordingId);
    await lockLesson(tx.db, lessonId);
    await moveRecording(tx, recordingId, 'reject', { stateNote: note });
    await tx.log({
      action: 'recording.rejected',
      outcome: 'done',
      object: { kind: 'recording', id: recordingId, recordingId, lessonId },
      details: { segment: null, note },
    });
  });
}
