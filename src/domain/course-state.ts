import type { Reason, ReasonCode } from './reason.ts';
import type { DeliveryState, RequestState } from './request.ts';

/**
 * Where somebody, or a site, stands in a course; the first that holds. `incomplete`: there are answers, but not all that the
 * rules ask for.
 */
export const courseStates = [
  'pupil_refused',
  'withdrawn',
  'conflict',
  'refused',
  'invalid',
  'incomplete',
  'given',
  'undeliverable',
  'opened',
  'asked',
  'not_asked',
] as const;
export type CourseState = (typeof courseStates)[number];

/** A request, as far as it tells where somebody stands. */
export interface Asked {
  readonly state: RequestState;
  readonly isOpened: boolean;
  /** What became of the last mail with it; null: none was sent. */
  readonly lastDelivery: DeliveryState | null;
}

const stateOf: Partial<Record<ReasonCode, CourseState>> = {
  PUPIL_REFUSED: 'pupil_refused',
  PERMISSION_WITHDRAWN: 'withdrawn',
  SIGNED_BEFORE_WITHDRAWAL: 'withdrawn',
  PERMISSION_CONFLICT: 'conflict',
  PERMISSION_REFUSED: 'refused',
  PURPOSE_DECLINED: 'refused',
  AUDIENCE_DECLINED: 'refused',
  SIGNED_BEFORE_REFUSAL: 'refused',
  PERMISSION_INVALIDATED: 'invalid',
};

/** Nobody answered, or nobody who may. */
const isUnanswered = (code: ReasonCode) =>
  code === 'PERMISSION_MISSING' || code === 'PERMISSION_REQUESTED' || code === 'GUARDIAN_UNKNOWN';

/**
 * The state of a subject, out of what the gate would say of a lesson that begins now (none: all is given) and of what was
 * asked. `isAnswered`: there is any answer about it.
 */
export function stateInCourse(reasons: readonly Reason[], asked: readonly Asked[], isAnswered: boolean): CourseState {
  if (reasons.length === 0) return 'given';
  const told = reasons.flatMap(({ code }) => stateOf[code] ?? []);
  const first = courseStates.find((state) => told.includes(state));
  if (first) return first;
  if (isAnswered || !reasons.every(({ code }) => isUnanswered(code))) return 'incomplete';
  const open = asked.filter(({ state }) => state === 'open' || state === 'lapsed');
  if (open.length === 0) return 'not_asked';
  const came = open.filter(({ lastDelivery }) => lastDelivery !== 'refused' && lastDelivery !== 'bounced');
  if (came.length === 0) return 'undeliverable';
  return open.some(({ isOpened }) => isOpened) ? 'opened' : 'asked';
}

/** What staff can do next about a subject. */
export const nextActions = ['ask', 'remind', 'print', 'correct_address', 'decide_conflict', 'add_guardian'] as const;
export type NextAction = (typeof nextActions)[number];

/** The next action for somebody in a state. `hasAddress`: one of those who are to sign can be reached by mail. */
export function nextActionFor(
  state: CourseState,
  reasons: readonly Reason[],
  asked: readonly Asked[],
  hasAddress: boolean,
): NextAction | null {
  if (reasons.some(({ code }) => code === 'GUARDIAN_UNKNOWN')) return 'add_guardian';
  switch (state) {
    case 'conflict':
      return 'decide_conflict';
    case 'undeliverable':
      return 'correct_address';
    case 'asked':
    case 'opened':
    case 'not_asked':
    case 'incomplete':
    case 'invalid':
      if (asked.some((one) => one.state === 'open')) return hasAddress ? 'remind' : 'print';
      return hasAddress ? 'ask' : 'print';
    default:
      return null;
  }
}
