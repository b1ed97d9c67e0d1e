import { canonicalJson } from '../../audit/canonical-json.ts';
import type { Id } from '../../domain/ids.ts';
import { signDetached } from '../../vault/sign.ts';
import { putText, signingKey } from '../core/signed-text.ts';
import type { Outside } from '../ports/outside.ts';

type Needs = Pick<Outside, 'database' | 'objects' | 'keyring' | 'clock'>;

export const folder = 'tombstones/';

/**
 * Says in the store that a recording is erased, before any part of it goes: a database restored from a backup that
 * still has the recording finds it here. Signed, because otherwise anyone who can write to the store could erase what
 * they like.
 */
export async function putTombstone(
  outside: Needs,
  erasure: { recordingId: Id; why: string; startedAt: Date },
): Promise<void> {
  const statement = canonicalJson({
    kind: 'emanet.tombstone',
    v: 1,
    recordingId: erasure.recordingId,
    why: erasure.why,
    erasedAt: erasure.startedAt.toISOString(),
  });
  const signature = await signDetached(statement, signingKey(outside));
  await putText(outside, `${folder}${erasure.recordingId}`, JSON.stringify({ statement, signature }));
}
