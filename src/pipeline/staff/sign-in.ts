import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';
import { asStaff, begin, checkPassword, codeNeeded, fail, hashAgain } from './check-password.ts';
import { evenTime } from './even-time.ts';
import { hasFactor } from './factors.ts';
import type { NewSession } from './open-session.ts';
import { useCode } from './use-code.ts';

type Needs = Pick<Outside, 'database' | 'credentials' | 'clock' | 'settings' | 'tally'>;

/** The credentials that a request carries. */
export interface Presented {
  /** The whole of `Authorization: Bearer …`. */
  readonly apiToken: string | null;
  /** The cookie of a session. */
  readonly sessionToken: string | null;
}

/**
 * Signs a member of staff in with a password and, where there is one, a second factor. The try is counted before anything is
 * looked at; a locked address is not looked at at all. An unknown address, a wrong password, a wrong or used code, a disabled
 * account and a locked address get one answer, in one time. Policy P10; ASVS 5.0, 6.3.
 * @throws Refusal `SIGN_IN_FAILED`, `TOO_MANY_REQUESTS`, `SECOND_FACTOR_REQUIRED` (the password was right and a code, or a
 * passkey, is needed).
 */
export async function signIn(
  outside: Needs,
  caller: Caller,
  input: { email: string; password: string; code?: string | undefined },
  userAgent: string | null,
): Promise<NewSession> {
  return evenTime(async () => {
    const { userId, factors, attempt, isOutdated } = await checkPassword(outside, caller, input, 'password');
    const code = hasFactor(factors) ? input.code : null;
    if (code === undefined) {
      await attempt.giveBack();
      await outside.database.transact(asStaff(caller, userId), (tx) =>
        tx.log({ action: 'staff.code_asked', outcome: 'done', object: { kind: 'staff', id: userId } }),
      );
      throw codeNeeded(factors);
    }
    const session = await outside.database.transact(asStaff(caller, userId), async (tx) => {
      const factor = code === null ? 'password' : await useCode(tx, outside, userId, code);
      if (factor === null) return null;
      return begin(tx, outside, { userId, factor, userAgent, attempt });
    });
    if (session === null) return fail(outside, caller, { userId, attempt, step: 'code' });
    if (isOutdated) await hashAgain(outside, userId, input.password);
    return session;
  });
}
