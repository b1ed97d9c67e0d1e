import type { Id } from '../../domain/ids.ts';
import { staffIdOf } from '../core/staff-id.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';
import { getDetectionRules } from '../review/detection-rules.ts';
import { noteFindings, putInForce } from './add-version.ts';
import { assertRead, findLanguage, versionOf } from './find-captions.ts';
import { holdRecording } from './hold-recording.ts';
import { openCues } from './sealed-captions.ts';

type Needs = Pick<Outside, 'database' | 'objects' | 'keyring' | 'clock'>;

/**
 * Goes back to a version, also after captions were removed; and forward again. Nothing is lost by it.
 * @throws Refusal `STATE_CHANGED` when another version is in force than was read; `NOT_FOUND`, `WRONG_STATE`.
 */
export async function undoCaptions(
  outside: Needs,
  caller: Caller,
  { recordingId, language }: { recordingId: Id; language: string },
  { version, to }: { readonly version: number | null; readonly to: number },
): Promise<void> {
  const { database, clock } = outside;
  const before = await findLanguage(database.read, recordingId, language);
  // A version never changes: it is the same in the transaction.
  const cues = await openCues(outside, versionOf(before, to).sealed);
  const rules = await getDetectionRules(outside);
  await database.transact(caller, async (tx) => {
    const held = await holdRecording(tx, recordingId, clock());
    const row = await findLanguage(tx.db, recordingId, language);
    assertRead(row, version);
    await putInForce(tx, row.id, to, staffIdOf(caller));
    await noteFindings(tx, held, rules, { language, cues });
    await tx.log({
      action: 'captions.undone',
      outcome: 'done',
      object: { kind: 'captions', id: row.id, recordingId, lessonId: held.lessonId },
      details: { version: to, before: row.current },
    });
  });
}
