import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import type { LessonKind } from '../../domain/retention.ts';
import type { Transaction } from '../ports/database.ts';

export interface NewPolicy {
  readonly kind: LessonKind | null;
  readonly schoolYear: number | null;
  readonly keepDays: number | null;
  readonly keepUntil: Date | null;
  readonly createdById: Id;
}

/** @throws Refusal `ALREADY_EXISTS`: one policy for each kind and school year. */
export async function assertNoPolicy(
  { db }: Transaction,
  subject: Pick<NewPolicy, 'kind' | 'schoolYear'>,
): Promise<void> {
  const { kind, schoolYear } = subject;
  if (!(await db.retentionPolicy.findFirst({ where: { kind, schoolYear } }))) return;
  throw new Refusal('ALREADY_EXISTS', {
    reasons: [{ code: 'POLICY_EXISTS' }],
  });
}

/** Puts a policy in force. @throws Refusal `ALREADY_EXISTS`. */
export async function putPolicy(tx: Transaction, policy: NewPolicy) {
  await assertNoPolicy(tx, policy);
  const created = await tx.db.retentionPolicy.create({ data: policy });
  await tx.log({
    action: 'retention.policy_added',
    outcome: 'done',
    object: { kind: 'policy', id: created.id },
    details: factsOf(created),
  });
  return created;
}

/** Takes a policy out of force. @throws Refusal `NOT_FOUND`. */
export async function takePolicy(tx: Transaction, policyId: Id): Promise<void> {
  const row = await tx.db.retentionPolicy.findUnique({ where: { id: policyId } });
  const { count } = await tx.db.retentionPolicy.deleteMany({ where: { id: policyId } });
  if (!row || count === 0) throw new Refusal('NOT_FOUND');
  await tx.log({
    action: 'retention.policy_removed',
    outcome: 'done',
    object: { kind: 'policy', id: policyId },
    details: factsOf(row),
  });
}

/** A policy as the log and a waiting change hold it. */
export function factsOf({ kind, schoolYear, keepDays, keepUntil }: Omit<NewPolicy, 'createdById'>) {
  return { kind, schoolYear, keepDays, keepUntil: keepUntil?.toISOString() ?? null };
}
