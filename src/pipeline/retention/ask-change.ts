import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import { type Change, changeDelayDays } from '../../domain/retention-change.ts';
import { mailAdministrators } from '../core/mail-administrators.ts';
import { staffIdOf } from '../core/staff-id.ts';
import { storableJson } from '../core/storable.ts';
import type { Caller } from '../ports/caller.ts';
import type { Transaction } from '../ports/database.ts';
import type { Outside } from '../ports/outside.ts';

type Needs = Pick<Outside, 'clock' | 'settings'>;

const dayMs = 24 * 60 * 60_000;
/** So that one change cannot be hidden among thousands. */
const mostWaiting = 50;

/**
 * Records a change that an administrator wants and that would make recordings go sooner. It takes effect when its time
 * has come, or when a second administrator confirms it, unless an administrator calls it back. Every administrator is
 * told by mail.
 * @throws Refusal `ALREADY_EXISTS` when the same is waiting already, `INVALID_REQUEST` when too much is.
 */
export async function askChange(
  { clock, settings }: Needs,
  tx: Transaction,
  caller: Caller,
  change: Change,
  recordingId: Id | null = null,
) {
  const { kind, payload } = change;
  const requestedAt = clock();
  const waiting = await tx.db.retentionChange.findMany({ where: { state: 'waiting' } });
  const isSame = (row: (typeof waiting)[number]) =>
    row.kind === kind && row.recordingId === recordingId && (recordingId !== null || same(row.payload, payload));
  if (waiting.some(isSame))
    throw new Refusal('ALREADY_EXISTS', {
      reasons: [{ code: 'CHANGE_WAITS' }],
    });
  if (waiting.length >= mostWaiting)
    throw new Refusal('INVALID_REQUEST', {
      reasons: [{ code: 'TOO_MANY_CHANGES' }],
    });
  const row = await tx.db.retentionChange.create({
    data: {
      kind,
      payload: storableJson(payload),
      recordingId,
      requestedById: staffIdOf(caller),
      requestedAt,
      effectiveAt: new Date(requestedAt.getTime() + changeDelayDays * dayMs),
    },
  });
  await mailAdministrators({ settings }, tx, {
    kind: 'change_waits',
    change,
    effectiveOn: row.effectiveAt.toISOString().slice(0, 10),
  });
  await tx.log({
    action: 'retention.change_asked',
    outcome: 'done',
    object: { kind: 'retention_change', id: row.id, ...(recordingId === null ? {} : { recordingId }) },
    details: { kind, effectiveAt: row.effectiveAt.toISOString() },
  });
  return row;
}

const same = (a: unknown, b: unknown) => JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));
const sorted = (value: unknown) => Object.entries(value as object).sort(([a], [b]) => (a < b ? -1 : 1));
