/** Every refusal that a caller can meet. One word per cause; `http/problem.ts` maps each to a status. */
export const refusalCodes = [
  'INVALID_REQUEST',
  'NOT_SIGNED_IN',
  'SIGN_IN_FAILED',
  'SECOND_FACTOR_REQUIRED',
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
  'BODY_TOO_SLOW',
  'NO_FILE',
  'NOT_MEDIA',
  'MEDIA_NOT_ALLOWED',
  'NOT_DOCUMENT',
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
  'DATABASE_UNAVAILABLE',
  'SHUTTING_DOWN',
] as const;

export type RefusalCode = (typeof refusalCodes)[number];

/** One reason for a refusal, made for a program (`code`, ids) and for a reader (`tr`, `en`). */
export interface Reason {
  readonly code: string;
  readonly tr: string;
  readonly en: string;
  /** The site, participant, field or segment that the reason is about. */
  readonly subject?: { readonly kind: string; readonly id: string; readonly name?: string };
}

/**
 * An expected "no": the caller is told exactly why, and the attempt is on the log.
 * Everything that is not a `Refusal` is a fault: it propagates and the caller sees "internal error".
 */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly code: RefusalCode;
  readonly reasons: readonly Reason[];

  constructor(code: RefusalCode, details: { reasons?: readonly Reason[]; message?: string; cause?: unknown } = {}) {
    super(details.message ?? code, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.reasons = details.reasons ?? [];
  }
}
