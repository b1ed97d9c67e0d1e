import { fewReasons, Refusal, type RefusalCode } from '../domain/errors.ts';
import type { Reason } from '../domain/reason.ts';

/** The files cannot be read, with every reason why. */
export const unreadable = (...reasons: readonly Reason[]): Refusal => refuse('ROSTER_UNREADABLE', reasons);

/** The files are larger than `rosterLimits` allows. */
export const tooLarge = (...reasons: readonly Reason[]): Refusal => refuse('TOO_LARGE', reasons);

const refuse = (code: RefusalCode, reasons: readonly Reason[]) => new Refusal(code, { reasons: fewReasons(reasons) });

/** All or nothing: one reason is enough. @throws Refusal `ROSTER_UNREADABLE`. */
export function refuseIfAny(reasons: readonly Reason[]): void {
  if (reasons.length > 0) throw unreadable(...reasons);
}
