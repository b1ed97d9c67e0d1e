import type { Id } from '../../domain/ids.ts';
import { writeTombstone } from '../core/tombstone.ts';
import type { Outside } from '../ports/outside.ts';

/** Says in the store that a recording is erased, for a database that is restored from a backup. */
export async function putTombstone(
  outside: Pick<Outside, 'objects' | 'keyring'>,
  erasure: { recordingId: Id; why: string; startedAt: Date },
): Promise<void> {
  await writeTombstone(outside, erasure.recordingId, {
    kind: 'emanet.tombstone',
    v: 1,
    recordingId: erasure.recordingId,
    why: erasure.why,
    erasedAt: erasure.startedAt.toISOString(),
  });
}
