import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';
import { openPlayback, type Playback } from './open-playback.ts';
import { staffMayPlay } from './staff-may-play.ts';

type Needs = Pick<Outside, 'database' | 'objects' | 'keyring' | 'clock' | 'watched' | 'viewings' | 'watchChecks'>;

/** The sealed original, for the reviewer. @throws Refusal `NOT_FOUND`, `WRONG_STATE`. */
export async function openOriginal(outside: Needs, caller: Caller, recordingId: Id): Promise<Playback> {
  const { database } = outside;
  const row = await database.read.recording.findUnique({ where: { id: recordingId }, include: { sealed: true } });
  if (!row?.sealed || row.state === 'receiving') throw new Refusal('NOT_FOUND');
  return openPlayback(outside, {
    caller,
    sealed: row.sealed,
    mediaType: row.mediaType ?? 'application/octet-stream',
    durationMs: row.analysedDurationMs ?? row.declaredDurationMs ?? 0,
    layout: null,
    object: { kind: 'recording', id: recordingId, recordingId, lessonId: row.lessonId },
    stillAllowed: () => staffMayPlay(outside, recordingId),
    checkedWith: `recording ${recordingId}`,
  });
}
