import type { Outside } from '../ports.ts';
import { countOutdated, countWrappedFor, wantedOf } from './outdated.ts';

type Needs = Pick<Outside, 'database' | 'keyring'>;

/** Every key with how much is wrapped for it, and how far the walk after the last rotation is. */
export async function listKeys({ database, keyring }: Needs) {
  const items = [];
  for (const key of keyring.known) items.push({ ...key, envelopes: await countWrappedFor(database, key.fingerprint) });
  return { items, rotation: await getRotation({ database, keyring }) };
}

/** `left` counts what is wrapped for other keys than the current ones, or locked under another epoch; null `run`: nothing was ever wrapped anew. */
export async function getRotation({ database, keyring }: Needs) {
  // In this order: when nothing is left, the run that saw to it is there.
  const left = await countOutdated(database, wantedOf(keyring));
  const run = await database.read.rewrapRun.findFirst({ orderBy: { startedAt: 'desc' } });
  return { left, run };
}
