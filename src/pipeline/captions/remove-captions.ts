import type { Id } from '../../domain/ids.ts';
import { staffIdOf } from '../core/staff-id.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';
import { putInForce } from './add-version.ts';
import { assertRead, findLanguage } from './find-captions.ts';
import { holdRecording } from './hold-recording.ts';

/**
 * The recording has no captions in this language any more. Their versions stay sealed until the recording is erased, so
 * that this can be undone.
 * @throws Refusal `STATE_CHANGED` when another version is in force than was read; `NOT_FOUND`, `WRONG_STATE`.
 */
export async function removeCaptions(
  { database, clock }: Pick<Outside, 'database' | 'clock'>,
  caller: Caller,
  { recordingId, language }: { recordingId: Id; language: string },
  version: number,
): Promise<void> {
  await database.transact(caller, async (tx) => {
    const held = await holdRecording(tx, recordingId, clock());
    const row = await findLanguage(tx.db, recordingId, language);
    assertRead(row, version);
    await putInForce(tx, row.id, null, staffIdOf(caller));
    await tx.log({
      action: 'captions.removed',
      outcome: 'done',
      object: { kind: 'captions', id: row.id, recordingId, lessonId: held.lessonId },
      details: { before: version },
    });
  });
}
