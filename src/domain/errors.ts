import type { Reason } from './reason.ts';

/** Every refusal that a caller can meet. One word per cause; `http/problem.ts` maps each to a status. */
export const refusalCodes = [
  'INVALID_REQUEST',
  'NOT_SIGNED_IN',
  'SIGN_IN_FAILED',
  'SECOND_FACTOR_REQUIRED',
  'CONFIRMATION_NEEDED',
  'TOO_MANY_REQUESTS',
  'NOT_ALLOWED',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'STATE_CHANGED',
  'WRONG_STATE',
  'PERMISSION_MISSING',
  'SIZE_MISMATCH',
  'TOO_LARGE',
  'OFFSET_CONFLICT',
  'CHECKSUM_MISMATCH',
  'UPLOAD_OVER',
  'UPLOAD_INCOMPLETE',
  'LEASE_OVER',
  'RESULT_REFUSED',
  'BODY_TOO_SLOW',
  'NO_FILE',
  'NOT_MEDIA',
  'MEDIA_NOT_ALLOWED',
  'NOT_DOCUMENT',
  'NOT_PRINTABLE',
  'ROSTER_UNREADABLE',
  'CAPTIONS_UNREADABLE',
  'ATTENDANCE_UNREADABLE',
  'MALWARE_FOUND',
  'SEGMENTS_OPEN',
  'RENDITION_NOT_READY',
  'SAME_PERSON',
  'HOLD_IN_FORCE',
  'ERASURE_NOT_FINISHED',
  'LINK_NOT_VALID',
  'RANGE_NOT_SATISFIABLE',
  'STORE_UNAVAILABLE',
  'SCANNER_UNAVAILABLE',
  'LOOK_UP_UNAVAILABLE',
  'PROVIDER_UNAVAILABLE',
  'DATABASE_UNAVAILABLE',
  'PROCESSOR_UNAVAILABLE',
  'OUTCOME_UNKNOWN',
  'SHUTTING_DOWN',
] as const;

export type RefusalCode = (typeof refusalCodes)[number];

/** Something that is needed was not there. It says nothing about what was asked or sent: the same may be tried again. */
export const isUnavailable = (error: unknown): boolean =>
  error instanceof Refusal && (error.code.endsWith('_UNAVAILABLE') || error.code === 'OUTCOME_UNKNOWN');

/** The database went away during a transaction: what it was to keep may be kept. */
export const mayBeCommitted = (error: unknown): boolean =>
  error instanceof Refusal && ['DATABASE_UNAVAILABLE', 'OUTCOME_UNKNOWN'].includes(error.code);

/** Maximum number of reasons in one answer. The gate of a lesson lists all of them. */
const mostReasonsTold = 20;
const more = 'MORE' as const;

/**
 * The first reasons of a list, and one that says how many more there are. `total`: set if the list itself was cut
 * short.
 */
export function fewReasons(reasons: readonly Reason[], total = reasons.length): readonly Reason[] {
  if (total <= mostReasonsTold || reasons.at(-1)?.code === more) return reasons;
  const left = total - mostReasonsTold;
  const last = { code: more, params: { left } } as const;
  return [...reasons.slice(0, mostReasonsTold), last];
}

/**
 * An expected "no": the caller is told exactly why, and the attempt is on the log.
 * Everything that is not a `Refusal` is a fault: it propagates and the caller sees "internal error".
 */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly code: RefusalCode;
  readonly reasons: readonly Reason[];
  /** When to retry, if that is known. */
  readonly retryAfterSeconds: number | null;

  constructor(
    code: RefusalCode,
    details: { reasons?: readonly Reason[]; message?: string; cause?: unknown; retryAfterSeconds?: number } = {},
  ) {
    super(details.message ?? code, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.reasons = details.reasons ?? [];
    this.retryAfterSeconds = details.retryAfterSeconds ?? null;
  }
}
