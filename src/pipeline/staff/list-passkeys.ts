import { staffIdOf } from '../core/staff-id.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';

type Needs = Pick<Outside, 'database' | 'credentials' | 'clock' | 'settings'>;

export async function listPasskeys({ database }: Pick<Needs, 'database'>, caller: Caller) {
  return database.read.passkey.findMany({ where: { userId: staffIdOf(caller) }, orderBy: { createdAt: 'asc' } });
}
