import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import type { LessonKind } from '../../domain/retention.ts';
import { staffIdOf } from '../lesson/lessons.ts';
import type { Caller, Outside } from '../ports.ts';

type Needs = Pick<Outside, 'database'>;

export async function listPolicies({ database }: Needs) {
  const rows = await database.read.retentionPolicy.findMany({ orderBy: [{ kind: 'asc' }, { schoolYear: 'asc' }] });
  return rows.map((row) => ({ ...row, kind: row.kind as LessonKind | null }));
}

/** @throws Refusal `ALREADY_EXISTS`: one policy for each kind and school year. */
export async function addPolicy(
  { database }: Needs,
  caller: Caller,
  input: {
    kind?: LessonKind | undefined;
    schoolYear?: number | undefined;
    keepDays?: number | undefined;
    keepUntil?: Date | undefined;
  },
) {
  const row = await database.transact(caller, async (tx) => {
    const subject = { kind: input.kind ?? null, schoolYear: input.schoolYear ?? null };
    if (await tx.db.retentionPolicy.findFirst({ where: subject }))
      throw new Refusal('ALREADY_EXISTS', {
        reasons: [
          {
            code: 'POLICY_EXISTS',
            tr: 'Bu tür ve öğretim yılı için bir kural var; önce onu kaldırın.',
            en: 'There is a policy for this kind and school year; remove that one first.',
          },
        ],
      });
    const created = await tx.db.retentionPolicy.create({
      data: {
        ...subject,
        keepDays: input.keepDays ?? null,
        keepUntil: input.keepUntil ?? null,
        createdById: staffIdOf(caller),
      },
    });
    await tx.log({
      action: 'retention.policy_added',
      outcome: 'done',
      object: { kind: 'policy', id: created.id },
      details: { ...subject, keepDays: created.keepDays, keepUntil: created.keepUntil?.toISOString() ?? null },
    });
    return created;
  });
  return { ...row, kind: row.kind as LessonKind | null };
}

/** @throws Refusal `NOT_FOUND`. */
export async function removePolicy({ database }: Needs, caller: Caller, policyId: Id): Promise<void> {
  await database.transact(caller, async (tx) => {
    const row = await tx.db.retentionPolicy.findUnique({ where: { id: policyId } });
    const { count } = await tx.db.retentionPolicy.deleteMany({ where: { id: policyId } });
    if (!row || count === 0) throw new Refusal('NOT_FOUND');
    await tx.log({
      action: 'retention.policy_removed',
      outcome: 'done',
      object: { kind: 'policy', id: policyId },
      details: {
        kind: row.kind,
        schoolYear: row.schoolYear,
        keepDays: row.keepDays,
        keepUntil: row.keepUntil?.toISOString() ?? null,
      },
    });
  });
}
