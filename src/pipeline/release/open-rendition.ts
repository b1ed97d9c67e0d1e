import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import { orNull } from '../../domain/json.ts';
import { mustHave } from '../../domain/must-have.ts';
import { readLayout } from '../core/stored-json.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';
import { openPlayback, type Playback } from './open-playback.ts';
import { staffMayPlay } from './staff-may-play.ts';

type Needs = Pick<Outside, 'database' | 'objects' | 'keyring' | 'clock' | 'watched' | 'viewings' | 'watchChecks'>;

/**
 * The rendition that would be released, for the reviewer or the approver.
 * @throws Refusal `RENDITION_NOT_READY`, `WRONG_STATE`.
 */
export async function openRendition(outside: Needs, caller: Caller, recordingId: Id): Promise<Playback> {
  const row = await outside.database.read.rendition.findFirst({
    where: { recordingId, supersededAt: null, state: 'ready' },
    include: { sealed: true, recording: true },
  });
  if (!row?.sealed) throw new Refusal('RENDITION_NOT_READY');
  return openPlayback(outside, {
    caller,
    sealed: row.sealed,
    mediaType: mustHave(row.mediaType, 'media type of a rendition that is ready'),
    durationMs: row.durationMs ?? row.recording.analysedDurationMs ?? 0,
    layout: orNull(readLayout)(row.layout),
    object: { kind: 'rendition', id: row.id, recordingId, lessonId: row.recording.lessonId },
    stillAllowed: () => staffMayPlay(outside, recordingId),
    checkedWith: `recording ${recordingId}`,
  });
}
