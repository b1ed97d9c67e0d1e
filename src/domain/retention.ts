import { Refusal } from './errors.ts';
import type { Id } from './ids.ts';
import type { PermissionStatus, Purpose, Route } from './permission.ts';
import type { Reason } from './reason.ts';

/** The kind of lesson recorded; a school may keep an exam for longer than a lesson. */
export const lessonKinds = ['lesson', 'exam', 'meeting', 'performance'] as const;
export type LessonKind = (typeof lessonKinds)[number];

/** Why a recording was erased. */
export const erasureReasons = ['retention', 'withdrawal', 'request'] as const;
export type ErasureReason = (typeof erasureReasons)[number];

/** Progress of an erasure. held: the store still keeps a body, which cannot be read. */
export const erasureStates = ['removing', 'held', 'done'] as const;
export type ErasureState = (typeof erasureStates)[number];

/** Progress of sealing a recording under a new key. */
export const reSealStates = ['waiting', 'running', 'done', 'failed'] as const;

const dayMs = 24 * 60 * 60_000;

/** How long recordings are kept; null stands for "any". Exactly one of `keepDays` and `keepUntil` is set. */
export interface RetentionPolicy {
  readonly id: Id;
  readonly kind: string | null;
  readonly schoolYear: number | null;
  /** Days after the planned end of the lesson. */
  readonly keepDays: number | null;
  readonly keepUntil: Date | null;
}

export interface KeptLesson {
  readonly kind: string;
  readonly plannedStart: Date;
  readonly plannedEnd: Date;
}

/** What a permission promised about its end, as far as retention asks. */
export interface Promised {
  readonly id: Id;
  readonly status: PermissionStatus;
  readonly purposes: readonly Purpose[];
  readonly route: Route;
  /** Who signed for whom: a later permission of the same signer replaces the earlier one. */
  readonly signer: string;
  readonly signedAt: Date | null;
  readonly validUntil: Date | null;
}

/** When the time of a recording is over, and what says so. */
export interface Expiry {
  readonly at: Date;
  readonly by: { readonly kind: 'policy' | 'permission'; readonly id: Id };
}

/**
 * The calendar year in which the school year of `at` begins; days count in UTC. A lesson on the first day belongs to the
 * year that begins.
 */
export function schoolYearOf(at: Date, begins: { readonly month: number; readonly day: number }): number {
  const year = at.getUTCFullYear();
  const isBefore = at.getTime() < Date.UTC(year, begins.month - 1, begins.day);
  return isBefore ? year - 1 : year;
}

/** The most specific policy for a lesson: kind and year, then kind, then year, then any. Null when none covers it. */
export function findPolicy(
  policies: readonly RetentionPolicy[],
  lesson: { readonly kind: string; readonly schoolYear: number },
): RetentionPolicy | null {
  const covering = policies.filter(
    (policy) =>
      (policy.kind === null || policy.kind === lesson.kind) &&
      (policy.schoolYear === null || policy.schoolYear === lesson.schoolYear),
  );
  const weight = (policy: RetentionPolicy) => (policy.kind === null ? 0 : 2) + (policy.schoolYear === null ? 0 : 1);
  return covering.reduce<RetentionPolicy | null>(
    (best, policy) => (best === null || weight(policy) > weight(best) ? policy : best),
    null,
  );
}

/**
 * The earliest end that a signer was promised. Of each signer the newest permission to keep counts; spoken words do
 * not. A permission that was withdrawn or refused promises nothing here: it closes the gate at once. Null: no end was
 * promised.
 */
export function shortestPromise(promises: readonly Promised[]): Promised | null {
  const newest = new Map<string, Promised>();
  for (const promise of promises) {
    const counts = promise.status === 'granted' || promise.status === 'expired';
    if (!counts || promise.route === 'spoken' || !promise.purposes.includes('keep')) continue;
    const known = newest.get(promise.signer);
    if (!known || (promise.signedAt?.getTime() ?? 0) >= (known.signedAt?.getTime() ?? 0))
      newest.set(promise.signer, promise);
  }
  return [...newest.values()].reduce<Promised | null>(
    (first, one) =>
      one.validUntil !== null && (first?.validUntil == null || one.validUntil < first.validUntil) ? one : first,
    null,
  );
}

/**
 * The first instant at which a recording of the lesson is no longer kept: the shortest promise of a permission, or the
 * policy if that is earlier. Null: no policy covers it and no end was promised. Policy P4.
 */
export function expiresAt(
  lesson: KeptLesson,
  policies: readonly RetentionPolicy[],
  promises: readonly Promised[],
  yearBegins: { readonly month: number; readonly day: number },
): Expiry | null {
  const schoolYear = schoolYearOf(lesson.plannedStart, yearBegins);
  const policy = findPolicy(policies, { kind: lesson.kind, schoolYear });
  const promise = shortestPromise(promises);
  const byPolicy: Expiry | null = policy && {
    at: policy.keepUntil ?? new Date(lesson.plannedEnd.getTime() + (policy.keepDays ?? 0) * dayMs),
    by: { kind: 'policy', id: policy.id },
  };
  const byPromise: Expiry | null = promise?.validUntil
    ? { at: promise.validUntil, by: { kind: 'permission', id: promise.id } }
    : null;
  if (byPolicy === null || byPromise === null) return byPromise ?? byPolicy;
  return byPolicy.at < byPromise.at ? byPolicy : byPromise;
}

/**
 * When a recording that expires at `expiry` (or was moved to `expired` later) is erased. The grace lets people look and
 * set a hold.
 */
export function erasesAt(expiry: Date, expiredAt: Date | null, graceDays: number): Date {
  const from = expiredAt !== null && expiredAt > expiry ? expiredAt : expiry;
  return new Date(from.getTime() + graceDays * dayMs);
}

/** The reason why the time is over at that moment, for readers. */
export function expiryReason({ at, by }: Expiry): Reason {
  const day = lastDayBefore(at);
  return by.kind === 'policy'
    ? { code: 'RETENTION_POLICY', subject: by, params: { day } }
    : { code: 'PERMISSION_PROMISE', subject: by, params: { day } };
}

export interface Hold {
  readonly id: Id;
  readonly reason: string;
  readonly endsAt: Date | null;
  readonly reviewAt: Date | null;
  readonly liftedAt: Date | null;
}

/** A hold ends at its end date, to the instant, or when it is lifted; one without an end holds past its review date too. */
export function isInForce(hold: Hold, at: Date): boolean {
  return hold.liftedAt === null && (hold.endsAt === null || at < hold.endsAt);
}

/** @throws Refusal `HOLD_IN_FORCE`; `reasons` names each hold, why it was set and until when. */
export function assertNoHold(holds: readonly Hold[], at: Date): void {
  const reasons = holds.filter((hold) => isInForce(hold, at)).map(holdReason);
  if (reasons.length > 0) throw new Refusal('HOLD_IN_FORCE', { reasons });
}

export function holdReason({ id, reason, endsAt, reviewAt }: Hold): Reason {
  const subject = { kind: 'hold', id };
  return endsAt
    ? { code: 'LEGAL_HOLD', subject, params: { day: lastDayBefore(endsAt), reason } }
    : { code: 'LEGAL_HOLD_OPEN', subject, params: { day: reviewAt?.toISOString().slice(0, 10) ?? '', reason } };
}

/** What ends at midnight has the day before as its last one. */
function lastDayBefore(end: Date): string {
  return new Date(end.getTime() - 1).toISOString().slice(0, 10);
}
