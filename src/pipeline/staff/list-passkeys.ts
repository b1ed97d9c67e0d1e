import { staffIdOf } from '../core/staff-id.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';

export async function listPasskeys({ database }: Pick<Outside, 'database'>, caller: Caller) {
  return database.read.passkey.findMany({ where: { accountId: staffIdOf(caller) }, orderBy: { createdAt: 'asc' } });
}
