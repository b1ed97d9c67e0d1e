import type { Prisma } from '../../adapters/prisma/generated/client.ts';
import type { Id } from '../../domain/ids.ts';
import type { Reason } from '../../domain/reason.ts';
import { erasesAt, expiryReason, holdReason, isInForce } from '../../domain/retention.ts';
import type { Outside } from '../ports/outside.ts';
import { expiryOf, keptLesson, loadRules, type RetentionRules } from './rules.ts';

type Needs = Pick<Outside, 'database' | 'clock'>;

const dayMs = 24 * 60 * 60_000;

/** When and why one recording is erased, and which holds keep it. */
export interface Fate {
  readonly expiresAt: Date | null;
  readonly erasesAt: Date | null;
  readonly reason: Reason | null;
  /** Holds in force: while there is one nothing is erased, whatever the dates say. */
  readonly holds: (Reason & { readonly holdId: Id })[];
}

export const withLesson = {
  lesson: { include: { ...keptLesson } },
  holds: { where: { liftedAt: null } },
} as const satisfies Prisma.RecordingInclude;
export type Row = Prisma.RecordingGetPayload<{ include: typeof withLesson }>;

/** Null for a recording that is erased already. */
export async function findFate({ database, clock }: Needs, recordingId: Id): Promise<Fate | null> {
  const row = await database.read.recording.findUnique({ where: { id: recordingId }, include: withLesson });
  if (!row || row.state === 'erased' || row.state === 'receiving') return null;
  return fateOf(row, await loadRules(database.read), clock());
}

export function fateOf(row: Row, rules: RetentionRules, now: Date): Fate {
  const expiry = expiryOf(row.lesson, rules);
  const byTime = expiry && { at: erasesAt(expiry.at, row.expiredAt, rules.graceDays), reason: expiryReason(expiry) };
  const byExpired =
    byTime ??
    (row.expiredAt && { at: erasesAt(row.expiredAt, row.expiredAt, rules.graceDays), reason: alreadyExpired });
  const byWithdrawal = withdrawalOf(row, rules);
  const first = [byExpired, byWithdrawal]
    .filter((one) => one !== null)
    .toSorted((a, b) => a.at.getTime() - b.at.getTime())[0];
  const holds = [...row.holds, ...row.lesson.holds]
    .filter((hold) => isInForce(hold, now))
    .map((hold) => ({ ...holdReason(hold), holdId: hold.id }));
  return { expiresAt: expiry?.at ?? null, erasesAt: first?.at ?? null, reason: first?.reason ?? null, holds };
}

/** Roughly: whether the gate still misses the permission is asked when the time has come. */
function withdrawalOf(row: Row, { eraseOnWithdrawalDays }: RetentionRules): { at: Date; reason: Reason } | null {
  if (eraseOnWithdrawalDays === null || row.state !== 'quarantined') return null;
  const withdrawn = row.lesson.course.permissions.filter((permission) => permission.status === 'withdrawn');
  const since = withdrawn.flatMap((permission) => permission.events.map((event) => event.at.getTime()));
  if (since.length === 0) return null;
  return { at: new Date(Math.min(...since) + eraseOnWithdrawalDays * dayMs), reason: permissionWithdrawn };
}

const alreadyExpired: Reason = { code: 'EXPIRED' };
const permissionWithdrawn: Reason = { code: 'ERASED_AFTER_WITHDRAWAL' };
