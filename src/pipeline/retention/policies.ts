import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import type { LessonKind } from '../../domain/retention.ts';
import { addingShortens, removingShortens } from '../../domain/retention-change.ts';
import { staffIdOf } from '../lesson/lessons.ts';
import type { Caller, Outside } from '../ports.ts';
import { askChange } from './ask-change.ts';
import { assertNoPolicy, factsOf, putPolicy, takePolicy } from './put-policy.ts';
import { toChange } from './settle-change.ts';

type Needs = Pick<Outside, 'database' | 'clock' | 'settings'>;

export async function listPolicies({ database }: Pick<Needs, 'database'>) {
  const rows = await database.read.retentionPolicy.findMany({ orderBy: [{ kind: 'asc' }, { schoolYear: 'asc' }] });
  return rows.map((row) => ({ ...row, kind: row.kind as LessonKind | null }));
}

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
      return { policy: null, waiting: toChange(await askChange(outside, tx, caller, 'policy_added', factsOf(policy))) };
    const created = await putPolicy(tx, { ...policy, createdById: staffIdOf(caller) });
    return { policy: { ...created, kind: created.kind as LessonKind | null }, waiting: null };
  });
}

/** Removes a policy, or asks for it where a shorter one would take its place. @throws Refusal `NOT_FOUND`. */
export async function removePolicy(outside: Needs, caller: Caller, policyId: Id) {
  return outside.database.transact(caller, async (tx) => {
    const policies = await tx.db.retentionPolicy.findMany();
    const removed = policies.find(({ id }) => id === policyId);
    if (!removed) throw new Refusal('NOT_FOUND');
    if (removingShortens(policies, removed)) {
      const payload = { policyId, ...factsOf(removed) };
      return { waiting: toChange(await askChange(outside, tx, caller, 'policy_removed', payload)) };
    }
    await takePolicy(tx, policyId);
    return { waiting: null };
  });
}
