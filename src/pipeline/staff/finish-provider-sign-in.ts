import { Refusal } from '../../domain/errors.ts';
import type { Factor } from '../../domain/ids.ts';
import type { Caller } from '../ports/caller.ts';
import type { PasskeyAnswer } from '../ports/credentials.ts';
import type { Transaction } from '../ports/database.ts';
import type { Outside } from '../ports/outside.ts';
import { reserveAttempt } from './attempts.ts';
import { asStaff, fail, takePasskey } from './check-password.ts';
import { evenTime } from './even-time.ts';
import { findSession } from './find-session.ts';
import { mailPerson } from './mail-person.ts';
import { renewToken } from './open-session.ts';
import { useCode } from './use-code.ts';

type Needs = Pick<Outside, 'database' | 'credentials' | 'clock' | 'settings' | 'tally'>;

/**
 * Whom the provider knows by one factor shows the other one here; the session that waits for it goes on under the token that
 * is returned. Tries count as those of a password do.
 * @throws Refusal `NOT_SIGNED_IN` when no session waits; `SIGN_IN_FAILED`.
 */
export async function finishProviderSignIn(
  outside: Needs,
  caller: Caller,
  sessionToken: string | null,
  proof: { code: string } | { passkey: PasskeyAnswer },
): Promise<{ token: string }> {
  const session = sessionToken === null ? null : await findSession(outside, sessionToken);
  const user = await outside.database.read.user.findFirst({
    where: { id: session?.userId ?? 'nobody', disabledAt: null },
    select: { account: { select: { email: true } } },
  });
  if (session === null || user === null || session.factor !== 'provider') throw new Refusal('NOT_SIGNED_IN');
  const { userId } = session;
  const finish = async (tx: Transaction, factor: Factor) => {
    const token = await renewToken(tx, session.id, { factor });
    const object = { kind: 'staff', id: userId };
    await tx.log({ action: 'staff.signed_in', outcome: 'done', object, details: { factor } });
    if (factor === 'backup_code') await mailPerson(outside, tx, userId, 'backup_code_used');
    return token;
  };
  const token = await evenTime(async () => {
    if ('passkey' in proof) {
      const done = await outside.database.transact(asStaff(caller, userId), async (tx) =>
        (await takePasskey(tx, outside, proof.passkey, userId)) ? finish(tx, 'passkey') : null,
      );
      return done ?? fail(outside, caller, { userId, attempt: null, step: 'passkey' });
    }
    const attempt = await reserveAttempt(outside, user.account.email);
    if (attempt.isLocked) return fail(outside, caller, { userId, attempt, step: 'code' });
    const done = await outside.database.transact(asStaff(caller, userId), async (tx) => {
      const factor = await useCode(tx, outside, userId, proof.code);
      if (factor === null) return null;
      await attempt.clear(tx);
      return finish(tx, factor);
    });
    return done ?? fail(outside, caller, { userId, attempt, step: 'code' });
  });
  return { token };
}
