import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import { openSealed } from '../core/sealed-object.ts';
import { readProbe } from '../core/stored-json.ts';
import type { Caller } from '../ports/caller.ts';
import type { MediaProbe, OpenSource, Thumbnails, Waveform } from '../ports/media.ts';
import type { Outside } from '../ports/outside.ts';
import { staffMayPlay } from '../release/staff-may-play.ts';
import { lengthOfRecording } from './view-coverage.ts';

type Needs = Pick<Outside, 'database' | 'objects' | 'keyring' | 'media'>;

/**
 * The loudness of the whole original. Like the pictures of it, it is made on request, goes to the caller alone and is
 * kept nowhere. The log has it first. Policy P1, P5.
 * @throws Refusal `NOT_FOUND`, `WRONG_STATE`.
 */
export const openWaveform = (outside: Needs, caller: Caller, recordingId: Id, signal: AbortSignal): Promise<Waveform> =>
  showOverview(outside, caller, recordingId, 'waveform', signal, (source, probe) =>
    outside.media.waveform(source, probe, { signal }),
  );

/** Small pictures of the whole original, in one. @throws Refusal `NOT_FOUND`, `WRONG_STATE`. */
export const openThumbnails = (
  outside: Needs,
  caller: Caller,
  recordingId: Id,
  signal: AbortSignal,
): Promise<Thumbnails> =>
  showOverview(outside, caller, recordingId, 'thumbnails', signal, (source, probe, lengthMs) =>
    outside.media.thumbnails(source, probe, lengthMs, { signal }),
  );

async function showOverview<T>(
  outside: Needs,
  caller: Caller,
  recordingId: Id,
  what: 'waveform' | 'thumbnails',
  signal: AbortSignal,
  show: (source: OpenSource, probe: MediaProbe, lengthMs: number) => Promise<T>,
): Promise<T> {
  const { database } = outside;
  const row = await database.read.recording.findUnique({ where: { id: recordingId }, include: { sealed: true } });
  if (!row?.sealed || row.probe === null) throw new Refusal('NOT_FOUND');
  await assertMayPlay(outside, recordingId);
  await database.transact(caller, (tx) =>
    tx.log({
      action: 'recording.overview_shown',
      outcome: 'done',
      object: { kind: 'recording', id: recordingId, recordingId, lessonId: row.lessonId },
      details: { what },
    }),
  );
  const source = await openSealed(outside, row.sealed, signal);
  try {
    const shown = await show(source, readProbe(row.probe), lengthOfRecording(row));
    // It takes a while: a withdrawal that came meanwhile counts.
    await assertMayPlay(outside, recordingId);
    return shown;
  } finally {
    source.close();
  }
}

async function assertMayPlay(outside: Needs, recordingId: Id): Promise<void> {
  const refusal = await staffMayPlay(outside, recordingId);
  if (refusal !== null) throw refusal;
}
