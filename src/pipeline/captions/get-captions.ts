import type { Cue } from '../../domain/captions/cue.ts';
import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';
import { staffMayPlay } from '../release/staff-may-play.ts';
import { findLanguage, versionOf } from './find-captions.ts';
import { viewCaptions } from './list-captions.ts';
import { openCues } from './sealed-captions.ts';

type Needs = Pick<Outside, 'database' | 'objects' | 'keyring'>;

/**
 * The text of captions: of the version in force, or of an earlier one. That it was read is on the log before it leaves.
 * Policy P1.
 * @throws Refusal `NOT_FOUND`; `WRONG_STATE` in quarantine, as for the recording itself.
 */
export async function getCaptions(
  outside: Needs,
  caller: Caller,
  { recordingId, language, version }: { recordingId: Id; language: string; version?: number | undefined },
) {
  const { database } = outside;
  const row = await findLanguage(database.read, recordingId, language);
  const refusal = await staffMayPlay(outside, recordingId);
  if (refusal) throw refusal;
  const number = version ?? row.current;
  if (number === null) throw new Refusal('NOT_FOUND');
  const shown = versionOf(row, number);
  const lessonId = (await database.read.recording.findUnique({ where: { id: recordingId } }))?.lessonId;
  await database.transact(caller, (tx) =>
    tx.log({
      action: 'captions.shown',
      outcome: 'done',
      object: { kind: 'captions', id: row.id, recordingId, lessonId },
      details: { version: number },
    }),
  );
  const cues: Cue[] = await openCues(outside, shown.sealed);
  return { ...viewCaptions(row), shown: number, showsSpeakers: shown.showsSpeakers, cues };
}
