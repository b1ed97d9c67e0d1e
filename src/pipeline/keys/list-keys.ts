import type { Outside } from '../ports/outside.ts';
import { getRotation } from './get-rotation.ts';
import { countWrappedFor } from './outdated.ts';

type Needs = Pick<Outside, 'database' | 'keyring'>;

/** Every key with the number of envelopes wrapped for it, and the progress of the walk after the last rotation. */
export async function listKeys({ database, keyring }: Needs) {
  const items = [];
  for (const key of keyring.known) items.push({ ...key, envelopes: await countWrappedFor(database, key.fingerprint) });
  return { items, rotation: await getRotation({ database, keyring }) };
}
