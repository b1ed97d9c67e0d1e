import { fewReasons, Refusal } from '../domain/errors.ts';
import type { Reason, ReasonCode } from '../domain/reason.ts';

/** The report cannot be read, with every reason why. */
export const unreadableReport = (...reasons: readonly Reason[]): Refusal =>
  new Refusal('ATTENDANCE_UNREADABLE', { reasons: fewReasons(reasons) });

/** The report is larger than `attendanceLimits` allows. */
export const tooLargeReport = (code: ReasonCode, params: Reason['params']): Refusal =>
  new Refusal('TOO_LARGE', { reasons: [{ code, ...(params === undefined ? {} : { params }) }] });
