import type { Id } from '../../domain/ids.ts';
import { unwrapSessionKey } from '../../vault/envelope.ts';
import { openLock } from '../core/envelope-lock.ts';
import type { Outside } from '../ports/outside.ts';

/**
 * The key of an upload that is not over. The caller overwrites it.
 * @throws KeyRefused, VaultCorrupt when no key that is kept opens it.
 */
export async function openUploadKey(
  keyring: Outside['keyring'],
  { id, wrappedKey, epoch }: { readonly id: Id; readonly wrappedKey: Uint8Array | null; readonly epoch: number },
): Promise<Uint8Array> {
  if (wrappedKey === null) throw new TypeError('an upload that is over has no key');
  return unwrapSessionKey(await openLock(keyring, { id, envelope: wrappedKey, epoch }), keyring.openingKeys);
}
