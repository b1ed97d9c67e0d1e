import { isUnavailable, Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import type { Caller } from '../ports/caller.ts';
import { StoreUnavailable } from '../ports/object-store.ts';
import type { Outside } from '../ports/outside.ts';
import { failUpload } from './fail-upload.ts';

type Needs = Pick<Outside, 'database' | 'objects' | 'media' | 'keyring' | 'clock' | 'settings'>;

const caller: Caller = { actor: { kind: 'system', id: 'sealing' } };

/**
 * No retry is left, or none could help: nothing is kept, and the owner is told why. If only something was away or the machine
 * too busy, all of it is kept: the sweep queues the sealing again, until it ends.
 */
export async function noteSealingFailed(outside: Needs, uploadId: Id, error: unknown): Promise<void> {
  if (error instanceof StoreUnavailable || isUnavailable(error)) return;
  const why =
    error instanceof Refusal
      ? error
      : new Refusal('UPLOAD_INCOMPLETE', {
          cause: error,
          reasons: [{ code: 'SEALING_FAILED' }],
        });
  // Another process published or dropped it meanwhile: then there is nothing to fail.
  if (why.code === 'UPLOAD_INCOMPLETE' && error instanceof Refusal) return;
  await failUpload(outside, caller, uploadId, why);
}
