import type { Id } from './ids.ts';
import type { ErasureReason, LessonKind, RetentionPolicy } from './retention.ts';

/**
 * A change that makes recordings go sooner waits, so that one administrator alone cannot empty a school. It waits until
 * any administrator calls it back, a second one confirms it, or its time has come.
 */
export const changeDelayDays = 7;

export const changeKinds = ['policy_added', 'policy_removed', 'school_rules', 'erasure'] as const;
export type ChangeKind = (typeof changeKinds)[number];

export interface PolicyPayload {
  readonly kind: LessonKind | null;
  readonly schoolYear: number | null;
  readonly keepDays: number | null;
  /** RFC 3339. */
  readonly keepUntil: string | null;
}

/** What a waiting change holds until it takes effect. */
export interface ChangePayloads {
  readonly policy_added: PolicyPayload;
  readonly policy_removed: PolicyPayload & { readonly policyId: string };
  readonly school_rules: Partial<ErasingRules>;
  readonly erasure: { readonly why: ErasureReason; readonly note: string | null; readonly lessonTitle: string };
}
export const changeStates = ['waiting', 'done', 'called_back'] as const;

type Subject = Pick<RetentionPolicy, 'kind' | 'schoolYear'>;
type Kept = Pick<RetentionPolicy, 'keepDays' | 'keepUntil'>;
type Policy = Subject & Kept;

/** Whether a new policy may end the time of some lesson earlier than without it. In doubt it does. */
export function addingShortens(policies: readonly Policy[], added: Policy): boolean {
  const before = policies.filter((policy) => weight(policy) < weight(added) && overlaps(policy, added));
  // Without a policy for all that the new one covers, some of it was kept without end.
  if (!before.some((policy) => covers(policy, added))) return true;
  return !before.every((policy) => keepsAsLongAs(added, policy));
}

/** Whether without a policy the time of some lesson may end earlier: a more general one that is shorter takes its place. */
export function removingShortens(policies: readonly Policy[], removed: Policy): boolean {
  return policies
    .filter((policy) => weight(policy) < weight(removed) && overlaps(policy, removed))
    .some((policy) => !keepsAsLongAs(policy, removed));
}

export interface ErasingRules {
  readonly yearStartMonth: number;
  readonly yearStartDay: number;
  readonly expiredGraceDays: number;
  readonly eraseOnWithdrawalDays: number | null;
}

/** The part of a change of the school's rules that makes recordings go sooner; null: none of it does. */
export function shorteningPart(
  before: ErasingRules,
  change: { readonly [Rule in keyof ErasingRules]?: ErasingRules[Rule] | undefined },
  policies: readonly Pick<RetentionPolicy, 'schoolYear'>[],
): Partial<ErasingRules> | null {
  const {
    expiredGraceDays: grace,
    eraseOnWithdrawalDays: withdrawn,
    yearStartMonth: month,
    yearStartDay: day,
  } = change;
  const found: Partial<{ -readonly [Rule in keyof ErasingRules]: ErasingRules[Rule] }> = {};
  if (grace !== undefined && grace < before.expiredGraceDays) found.expiredGraceDays = grace;
  if (withdrawn != null && withdrawn < (before.eraseOnWithdrawalDays ?? Number.POSITIVE_INFINITY))
    found.eraseOnWithdrawalDays = withdrawn;
  // A school year that begins on another day puts lessons under other policies.
  if (policies.some(({ schoolYear }) => schoolYear !== null)) {
    if (month !== undefined && month !== before.yearStartMonth) found.yearStartMonth = month;
    if (day !== undefined && day !== before.yearStartDay) found.yearStartDay = day;
  }
  return Object.keys(found).length === 0 ? null : found;
}

/** The administrator who asked for a change cannot confirm it. */
export const isSecond = (requestedById: Id, confirmedById: Id): boolean => requestedById !== confirmedById;

const weight = ({ kind, schoolYear }: Subject) => (kind === null ? 0 : 2) + (schoolYear === null ? 0 : 1);
const meets = (a: unknown, b: unknown) => a === null || b === null || a === b;
const overlaps = (a: Subject, b: Subject) => meets(a.kind, b.kind) && meets(a.schoolYear, b.schoolYear);
const covers = (wide: Subject, narrow: Subject) =>
  (wide.kind === null || wide.kind === narrow.kind) &&
  (wide.schoolYear === null || wide.schoolYear === narrow.schoolYear);

/** Days and dates cannot be compared: which is longer depends on the lesson. */
function keepsAsLongAs(one: Kept, other: Kept): boolean {
  if (one.keepDays !== null && other.keepDays !== null) return one.keepDays >= other.keepDays;
  return one.keepUntil !== null && other.keepUntil !== null && one.keepUntil >= other.keepUntil;
}

/** A change, as far as its sentence says it. */
export type Change = {
  readonly [K in ChangeKind]: { readonly kind: K; readonly payload: ChangePayloads[K] };
}[ChangeKind];
