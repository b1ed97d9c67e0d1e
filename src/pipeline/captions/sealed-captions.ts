import { Readable } from 'node:stream';
import type { Cue } from '../../domain/captions/cue.ts';
import { readWebVtt } from '../../domain/captions/parse-captions.ts';
import { writeWebVtt } from '../../domain/captions/write-captions.ts';
import { mayBeCommitted } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import {
  folderOf,
  openSealed,
  purgeSealed,
  type SealedRow,
  type StoredSealed,
  sealIntoStore,
} from '../core/sealed-object.ts';
import type { Outside } from '../ports/outside.ts';

type Needs = Pick<Outside, 'objects' | 'keyring'>;

/** Seals octets of captions into the folder of their recording. */
export async function sealOctets(outside: Needs, recordingId: Id, octets: Uint8Array): Promise<StoredSealed> {
  return sealIntoStore(outside, folderOf('recordings', recordingId), Readable.from([octets]), {
    mediaLength: octets.length,
  });
}

/** The text of one version, as WebVTT. */
export const sealCues = (outside: Needs, recordingId: Id, cues: readonly Cue[]): Promise<StoredSealed> =>
  sealOctets(outside, recordingId, Buffer.from(writeWebVtt(cues)));

export async function openCues(outside: Needs, row: SealedRow): Promise<Cue[]> {
  const source = await openSealed(outside, row);
  try {
    const pieces: Uint8Array[] = [];
    for await (const piece of source.read(0, source.bytes)) pieces.push(Uint8Array.from(piece));
    return readWebVtt(Buffer.concat(pieces).toString('utf8'));
  } finally {
    source.close();
  }
}

/** Runs what records them; what nothing records is removed, unless nobody knows whether it was: then the sweep decides. */
export async function orPurge<T>(
  outside: Needs,
  sealed: readonly StoredSealed[],
  record: () => Promise<T>,
): Promise<T> {
  try {
    return await record();
  } catch (error) {
    if (!mayBeCommitted(error)) await purgeAll(outside, sealed);
    throw error;
  }
}

/** Removes what nothing has recorded. */
export async function purgeAll(outside: Needs, sealed: readonly StoredSealed[]): Promise<void> {
  for (const { bodyKey } of sealed) await purgeSealed(outside, bodyKey);
}
