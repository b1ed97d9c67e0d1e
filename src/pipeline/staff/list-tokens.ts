import { staffIdOf } from '../core/staff-id.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';

type Needs = Pick<Outside, 'database' | 'clock'>;

export async function listTokens({ database }: Pick<Needs, 'database'>, caller: Caller) {
  return database.read.apiToken.findMany({
    where: { userId: staffIdOf(caller) },
    orderBy: { createdAt: 'desc' },
  });
}
