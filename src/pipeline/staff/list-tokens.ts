import { staffIdOf } from '../core/staff-id.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';

export async function listTokens({ database }: Pick<Outside, 'database'>, caller: Caller) {
  return database.read.apiToken.findMany({
    where: { userId: staffIdOf(caller) },
    orderBy: { createdAt: 'desc' },
  });
}
