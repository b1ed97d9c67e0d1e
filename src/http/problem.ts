import type { Response } from 'express';
import { fewReasons, type RefusalCode } from '../domain/errors.ts';
import type { Language } from '../domain/language.ts';
import type { Reason } from '../domain/reason.ts';
import { textsIn } from '../language/catalogue.ts';
import { tellReason } from '../language/reason-text.ts';

/** One table from refusal to HTTP status. RFC 9110, section 15. */
const statuses = {
  INVALID_REQUEST: 400,
  NOT_SIGNED_IN: 401,
  SIGN_IN_FAILED: 401,
  SECOND_FACTOR_REQUIRED: 403,
  CONFIRMATION_NEEDED: 403,
  /** RFC 6585. */
  TOO_MANY_REQUESTS: 429,
  NOT_ALLOWED: 403,
  NOT_FOUND: 404,
  ALREADY_EXISTS: 409,
  STATE_CHANGED: 409,
  WRONG_STATE: 409,
  PERMISSION_MISSING: 403,
  SIZE_MISMATCH: 422,
  TOO_LARGE: 413,
  OFFSET_CONFLICT: 409,
  /** tus 1.0.0, checksum. */
  CHECKSUM_MISMATCH: 460,
  UPLOAD_OVER: 410,
  UPLOAD_INCOMPLETE: 400,
  LEASE_OVER: 410,
  RESULT_REFUSED: 422,
  BODY_TOO_SLOW: 408,
  NO_FILE: 400,
  NOT_MEDIA: 422,
  MEDIA_NOT_ALLOWED: 415,
  NOT_DOCUMENT: 422,
  NOT_PRINTABLE: 422,
  ROSTER_UNREADABLE: 422,
  CAPTIONS_UNREADABLE: 422,
  ATTENDANCE_UNREADABLE: 422,
  MALWARE_FOUND: 422,
  SEGMENTS_OPEN: 409,
  RENDITION_NOT_READY: 409,
  SAME_PERSON: 403,
  HOLD_IN_FORCE: 409,
  ERASURE_NOT_FINISHED: 409,
  LINK_NOT_VALID: 404,
  RANGE_NOT_SATISFIABLE: 416,
  STORE_UNAVAILABLE: 503,
  SCANNER_UNAVAILABLE: 503,
  LOOK_UP_UNAVAILABLE: 503,
  PROVIDER_UNAVAILABLE: 503,
  DATABASE_UNAVAILABLE: 503,
  PROCESSOR_UNAVAILABLE: 503,
  OUTCOME_UNKNOWN: 503,
  SHUTTING_DOWN: 503,
} as const satisfies Record<RefusalCode, number>;

/** Null: a fault. */
export const statusOf = (code: RefusalCode | null): number => (code === null ? 500 : statuses[code]);

/** Answers RFC 9457 problem details. `code` null: a fault, of which the answer reveals nothing. */
export function sendProblem(
  res: Response,
  problem: {
    code: RefusalCode | null;
    reasons?: readonly Reason[];
    retryAfterSeconds?: number | null;
    language: Language;
    requestId: string;
  },
): void {
  const code = problem.code ?? 'INTERNAL';
  const status = statusOf(problem.code);
  const reasons = fewReasons(problem.reasons ?? []).map((reason) => tellReason(reason, problem.language));
  const retryAfter = problem.retryAfterSeconds ?? (status === 503 ? 5 : status === 429 ? 60 : null);
  if (retryAfter !== null) res.setHeader('Retry-After', String(retryAfter));
  res
    .status(status)
    .type('application/problem+json')
    .setHeader('Content-Language', problem.language)
    .send(
      JSON.stringify({
        type: `https://emanet.invalid/problems/${code.toLowerCase().replaceAll('_', '-')}`,
        title: textsIn(problem.language).problems[code],
        status,
        code,
        ...(reasons.length > 0 ? { detail: reasons.map(({ text }) => text).join(' ') } : {}),
        reasons,
        requestId: problem.requestId,
      }),
    );
}
