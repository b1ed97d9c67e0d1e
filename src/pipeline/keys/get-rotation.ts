import type { Outside } from '../ports/outside.ts';
import { countOutdated, wantedOf } from './outdated.ts';

type Needs = Pick<Outside, 'database' | 'keyring'>;

/**
 * `left` counts what is wrapped for keys other than the current ones, or locked under another epoch; null `run`: no
 * walk has ever run.
 */
export async function getRotation({ database, keyring }: Needs) {
  // In this order: when nothing is left, the run that saw to it is there.
  const left = await countOutdated(database, wantedOf(keyring));
  const run = await database.read.rewrapRun.findFirst({ orderBy: { startedAt: 'desc' } });
  return { left, run };
}
