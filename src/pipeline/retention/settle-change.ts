import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import { mustHave } from '../../domain/must-have.ts';
import { staffIdOf } from '../core/staff-id.ts';
import type { Caller } from '../ports/caller.ts';
import type { Transaction } from '../ports/database.ts';
import { eraseInTransaction } from './erase-recording.ts';
import type { Row } from './list-changes.ts';
import { putPolicy, takePolicy } from './put-policy.ts';
import { readChange } from './read-change.ts';
import { setSchoolRules } from './set-school-rules.ts';

export async function takeEffect(tx: Transaction, caller: Caller, row: Row, at: Date): Promise<void> {
  await settle(tx, row, 'done', caller.actor.kind === 'staff' ? staffIdOf(caller) : null, at);
  const { kind, payload } = readChange(row);
  switch (kind) {
    case 'policy_added': {
      const { keepUntil, ...policy } = payload;
      const until = keepUntil === null ? null : new Date(keepUntil);
      await putPolicy(tx, { ...policy, keepUntil: until, createdById: row.requestedById });
      return;
    }
    case 'policy_removed':
      await takePolicy(tx, payload.policyId);
      return;
    case 'school_rules':
      await setSchoolRules(tx, payload);
      return;
    case 'erasure': {
      const { why, note } = payload;
      const by = { kind: 'staff', id: row.requestedById, roles: [], scopes: null } as const;
      await eraseInTransaction(tx, by, mustHave(row.recordingId, 'recording of an erasure'), { why, note }, at);
    }
  }
}

export async function callBack(tx: Transaction, row: Row, by: Id | null, at: Date): Promise<void> {
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

export async function lockWaiting(tx: Transaction, changeId: Id): Promise<Row> {
  await tx.db.$queryRaw`SELECT id FROM retention_change WHERE id = ${changeId}::uuid FOR UPDATE`;
  const row = await tx.db.retentionChange.findUnique({ where: { id: changeId } });
  if (!row) throw new Refusal('NOT_FOUND');
  if (row.state !== 'waiting') throw new Refusal('STATE_CHANGED');
  return row;
}

export function objectOf({ id, recordingId }: Row) {
  return { kind: 'retention_change', id, ...(recordingId === null ? {} : { recordingId }) };
}
