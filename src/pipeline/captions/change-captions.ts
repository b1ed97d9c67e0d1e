import { type Cue, sortCues, tidyName, tidyText } from '../../domain/captions/cue.ts';
import { unreadableCaptions } from '../../domain/captions/refusal.ts';
import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import { staffIdOf } from '../core/staff-id.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';
import { getDetectionRules } from '../review/detection-rules.ts';
import { addVersion } from './add-version.ts';
import { assertRead, findLanguage } from './find-captions.ts';
import { holdRecording } from './hold-recording.ts';
import { orPurge, sealCues } from './sealed-captions.ts';

type Needs = Pick<Outside, 'database' | 'objects' | 'keyring' | 'clock'>;

/**
 * Corrects text and times: all cues as they shall be, for the version that was read. The earlier version stays, to go
 * back to. Policy P5.
 * @throws Refusal `STATE_CHANGED` when another version is in force; `CAPTIONS_UNREADABLE` without a cue, or with one
 * outside of the recording; `INVALID_REQUEST` for one without text or length; `WRONG_STATE`, `NOT_FOUND`.
 */
export async function changeCaptions(
  outside: Needs,
  caller: Caller,
  { recordingId, language }: { recordingId: Id; language: string },
  change: { readonly version: number; readonly cues: readonly Cue[]; readonly showsSpeakers: boolean },
): Promise<void> {
  const { database, clock } = outside;
  // Before anything is sealed: most conflicts are known by now.
  assertRead(await findLanguage(database.read, recordingId, language), change.version);
  const cues = tidied(change.cues);
  const rules = await getDetectionRules(outside);
  const sealed = await sealCues(outside, recordingId, cues);
  await orPurge(outside, [sealed], () =>
    database.transact(caller, async (tx) => {
      const held = await holdRecording(tx, recordingId, clock());
      assertRead(await findLanguage(tx.db, recordingId, language), change.version);
      assertWithin(cues, held.durationMs);
      await addVersion(tx, held, rules, {
        language,
        cues,
        source: 'correction',
        showsSpeakers: change.showsSpeakers,
        sealed,
        byId: staffIdOf(caller),
        at: clock(),
      });
    }),
  );
}

function tidied(cues: readonly Cue[]): Cue[] {
  if (cues.length === 0) throw unreadableCaptions({ code: 'CAPTIONS_EMPTY' });
  const tidy = cues.map(({ startMs, endMs, text, speaker }) => ({
    startMs,
    endMs,
    text: tidyText(text),
    speaker: tidyName(speaker ?? '') || null,
  }));
  const wrong = tidy.findIndex(({ startMs, endMs, text }) => endMs <= startMs || text === '');
  if (wrong >= 0)
    throw new Refusal('INVALID_REQUEST', {
      reasons: [{ code: 'CAPTION_WRONG', params: { number: wrong + 1 }, subject: { kind: 'field', id: 'cues' } }],
    });
  return sortCues(tidy);
}

/** A person says what they mean: nothing is left out without a word. */
function assertWithin(cues: readonly Cue[], durationMs: number): void {
  const beyond = durationMs <= 0 ? -1 : cues.findIndex(({ startMs }) => startMs >= durationMs);
  if (beyond >= 0) throw unreadableCaptions({ code: 'CAPTIONS_BEYOND_END', params: { number: beyond + 1 } });
}
