import type { Outside } from '../ports/outside.ts';
import { getRotation } from './get-rotation.ts';
import { countWrappedFor } from './outdated.ts';

type Needs = Pick<Outside, 'database' | 'keyring'>;

/** Every key with how much is wrapped for it, and how far the walk after the last rotation is. */
export async function listKeys({ database, keyring }: Needs) {
  const items = [];
  for (const key of keyring.known) items.push({ ...key, envelopes: await countWrappedFor(database, key.fingerprint) });
  return { items, rotation: await getRotation({ database, keyring }) };
}
