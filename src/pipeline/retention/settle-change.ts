import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import { type ChangeKind, isSecond } from '../../domain/retention-change.ts';
import { staffIdOf } from '../lesson/lessons.ts';
import type { Caller, Outside, Transaction } from '../ports.ts';
import { type ChangePayloads, describeChange } from './describe-change.ts';
import { eraseInTransaction } from './erase-recording.ts';
import { putPolicy, takePolicy } from './put-policy.ts';
import { setSchoolRules } from './set-school-rules.ts';

type Needs = Pick<Outside, 'database' | 'clock'>;
type Row = NonNullable<Awaited<ReturnType<Transaction['db']['retentionChange']['findUnique']>>>;

const system: Caller = { actor: { kind: 'system', id: 'retention' } };

/** What waits, the next one first. */
export async function listChanges({ database }: Pick<Needs, 'database'>) {
  const rows = await database.read.retentionChange.findMany({
    where: { state: 'waiting' },
    orderBy: { effectiveAt: 'asc' },
  });
  const people = await database.read.user.findMany({
    where: { id: { in: rows.map(({ requestedById }) => requestedById) } },
    select: { id: true, name: true },
  });
  const names = new Map(people.map(({ id, name }) => [id, name]));
  return rows.map((row) => ({ ...toChange(row), requestedByName: names.get(row.requestedById) ?? null }));
}

/** A change as the contract shows it. */
export function toChange(row: Row) {
  const { id, recordingId, requestedById, requestedAt, effectiveAt } = row;
  const kind = row.kind as ChangeKind;
  const sentence = describeChange(kind, row.payload as unknown as ChangePayloads[ChangeKind]);
  return {
    id,
    kind,
    recordingId,
    requestedById,
    requestedByName: null as string | null,
    requestedAt,
    effectiveAt,
    sentence,
  };
}

/**
 * A second administrator agrees: the change takes effect at once.
 * @throws Refusal `SAME_PERSON`, `NOT_FOUND`, `STATE_CHANGED`, and what the change itself is refused with.
 */
export async function confirmChange({ database, clock }: Needs, caller: Caller, changeId: Id): Promise<void> {
  await database.transact(caller, async (tx) => {
    const row = await lockWaiting(tx, changeId);
    if (!isSecond(row.requestedById, staffIdOf(caller)))
      throw new Refusal('SAME_PERSON', {
        reasons: [
          {
            code: 'SECOND_ADMINISTRATOR',
            tr: 'Bunu siz istediniz; başka bir yönetici onaylamalı.',
            en: 'You asked for this; another administrator has to confirm it.',
          },
        ],
      });
    await tx.log({
      action: 'retention.change_confirmed',
      outcome: 'done',
      object: objectOf(row),
      details: { kind: row.kind },
    });
    await takeEffect(tx, caller, row, clock());
  });
}

/** Any administrator calls a waiting change back. @throws Refusal `NOT_FOUND`, `STATE_CHANGED`. */
export async function callBackChange({ database, clock }: Needs, caller: Caller, changeId: Id): Promise<void> {
  await database.transact(caller, async (tx) => {
    await callBack(tx, await lockWaiting(tx, changeId), staffIdOf(caller), clock());
  });
}

/**
 * Changes whose time has come take effect. One whose administrator is no longer one, or that is not possible any more, is
 * called back; one that a legal hold stands against goes on waiting. Run by the clock. Returns how many took effect.
 */
export async function applyDueChanges({ database, clock }: Needs): Promise<number> {
  const due = await database.read.retentionChange.findMany({
    where: { state: 'waiting', effectiveAt: { lte: clock() } },
    orderBy: { effectiveAt: 'asc' },
    select: { id: true },
  });
  let applied = 0;
  for (const { id } of due) {
    try {
      const isApplied = await database.transact(system, async (tx) => {
        const row = await lockWaiting(tx, id);
        const by = await tx.db.user.findUnique({ where: { id: row.requestedById } });
        if (by === null || by.disabledAt !== null || !by.roles.includes('administrator')) {
          await callBack(tx, row, null, clock());
          return false;
        }
        await takeEffect(tx, system, row, clock());
        return true;
      });
      if (isApplied) applied++;
    } catch (error) {
      if (!(error instanceof Refusal) || error.code.endsWith('_UNAVAILABLE')) throw error;
      if (error.code === 'HOLD_IN_FORCE' || error.code === 'STATE_CHANGED') continue;
      await database.transact(system, async (tx) => callBack(tx, await lockWaiting(tx, id), null, clock()));
    }
  }
  return applied;
}

async function takeEffect(tx: Transaction, caller: Caller, row: Row, at: Date): Promise<void> {
  await settle(tx, row, 'done', caller.actor.kind === 'staff' ? staffIdOf(caller) : null, at);
  const payload = row.payload as unknown;
  switch (row.kind as ChangeKind) {
    case 'policy_added': {
      const { keepUntil, ...policy } = payload as ChangePayloads['policy_added'];
      const until = keepUntil === null ? null : new Date(keepUntil);
      await putPolicy(tx, { ...policy, keepUntil: until, createdById: row.requestedById });
      return;
    }
    case 'policy_removed':
      await takePolicy(tx, (payload as ChangePayloads['policy_removed']).policyId);
      return;
    case 'school_rules':
      await setSchoolRules(tx, payload as ChangePayloads['school_rules']);
      return;
    case 'erasure': {
      const { why, note } = payload as ChangePayloads['erasure'];
      const by = { kind: 'staff', id: row.requestedById, roles: [], scopes: null } as const;
      await eraseInTransaction(tx, by, row.recordingId!, { why, note }, at);
    }
  }
}

async function callBack(tx: Transaction, row: Row, by: Id | null, at: Date): Promise<void> {
  await settle(tx, row, 'called_back', by, at);
  await tx.log({
    action: 'retention.change_called_back',
    outcome: 'done',
    object: objectOf(row),
    details: { kind: row.kind },
  });
}

async function settle(
  tx: Transaction,
  row: Row,
  state: 'done' | 'called_back',
  by: Id | null,
  at: Date,
): Promise<void> {
  const { count } = await tx.db.retentionChange.updateMany({
    where: { id: row.id, state: 'waiting' },
    data: { state, settledById: by, settledAt: at },
  });
  if (count === 0) throw new Refusal('STATE_CHANGED');
}

async function lockWaiting(tx: Transaction, changeId: Id): Promise<Row> {
  await tx.db.$queryRaw`SELECT id FROM retention_change WHERE id = ${changeId}::uuid FOR UPDATE`;
  const row = await tx.db.retentionChange.findUnique({ where: { id: changeId } });
  if (!row) throw new Refusal('NOT_FOUND');
  if (row.state !== 'waiting') throw new Refusal('STATE_CHANGED');
  return row;
}

function objectOf({ id, recordingId }: Row) {
  return { kind: 'retention_change', id, ...(recordingId === null ? {} : { recordingId }) };
}
