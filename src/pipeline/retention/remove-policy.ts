import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import { removingShortens } from '../../domain/retention-change.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';
import { askChange } from './ask-change.ts';
import { toChange } from './list-changes.ts';
import { factsOf, takePolicy } from './put-policy.ts';

type Needs = Pick<Outside, 'database' | 'clock' | 'settings'>;

/** Removes a policy, or asks for it where a shorter one would take its place. @throws Refusal `NOT_FOUND`. */
export async function removePolicy(outside: Needs, caller: Caller, policyId: Id) {
  return outside.database.transact(caller, async (tx) => {
    const policies = await tx.db.retentionPolicy.findMany();
    const removed = policies.find(({ id }) => id === policyId);
    if (!removed) throw new Refusal('NOT_FOUND');
    if (removingShortens(policies, removed)) {
      const payload = { policyId, ...factsOf(removed) };
      return { waiting: toChange(await askChange(outside, tx, caller, { kind: 'policy_removed', payload })) };
    }
    await takePolicy(tx, policyId);
    return { waiting: null };
  });
}
