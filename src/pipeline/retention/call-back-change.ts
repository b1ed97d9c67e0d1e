import type { Id } from '../../domain/ids.ts';
import { staffIdOf } from '../core/staff-id.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';
import { callBack, lockWaiting } from './settle-change.ts';

type Needs = Pick<Outside, 'database' | 'clock'>;

/** Any administrator calls a waiting change back. @throws Refusal `NOT_FOUND`, `STATE_CHANGED`. */
export async function callBackChange({ database, clock }: Needs, caller: Caller, changeId: Id): Promise<void> {
  await database.transact(caller, async (tx) => {
    await callBack(tx, await lockWaiting(tx, changeId), staffIdOf(caller), clock());
  });
}
