import type { LessonKind } from '../../domain/retention.ts';
import { addingShortens } from '../../domain/retention-change.ts';
import { staffIdOf } from '../core/staff-id.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';
import { askChange } from './ask-change.ts';
import { toChange } from './list-changes.ts';
import { assertNoPolicy, factsOf, putPolicy } from './put-policy.ts';

type Needs = Pick<Outside, 'database' | 'clock' | 'settings'>;

/**
 * Adds a policy: at once when nothing is kept for a shorter time because of it, else as a change that waits. What is null in
 * the answer did not happen. @throws Refusal `ALREADY_EXISTS`: one policy for each kind and school year.
 */
export async function addPolicy(
  outside: Needs,
  caller: Caller,
  input: {
    kind?: LessonKind | undefined;
    schoolYear?: number | undefined;
    keepDays?: number | undefined;
    keepUntil?: Date | undefined;
  },
) {
  return outside.database.transact(caller, async (tx) => {
    const policy = {
      kind: input.kind ?? null,
      schoolYear: input.schoolYear ?? null,
      keepDays: input.keepDays ?? null,
      keepUntil: input.keepUntil ?? null,
    };
    await assertNoPolicy(tx, policy);
    if (addingShortens(await tx.db.retentionPolicy.findMany(), policy))
      return {
        policy: null,
        waiting: toChange(await askChange(outside, tx, caller, { kind: 'policy_added', payload: factsOf(policy) })),
      };
    const created = await putPolicy(tx, { ...policy, createdById: staffIdOf(caller) });
    return { policy: created, waiting: null };
  });
}
