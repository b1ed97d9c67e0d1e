import type { Factor } from '../../domain/ids.ts';
import type { Caller } from '../ports/caller.ts';
import type { PasskeyAnswer } from '../ports/credentials.ts';
import type { Transaction } from '../ports/database.ts';
import type { Outside } from '../ports/outside.ts';
import { type Attempt, reserveAttempt } from './attempts.ts';
import { checkPassword, codeNeeded, fail, takePasskey } from './check-password.ts';
import { evenTime } from './even-time.ts';
import { hasFactor } from './factors.ts';
import type { InSession } from './find-signed-in.ts';
import { renewToken } from './open-session.ts';
import { useCode } from './use-code.ts';

type Needs = Pick<Outside, 'database' | 'credentials' | 'clock' | 'settings' | 'tally'>;

/** How long what the provider said waits for the code that completes it. */
const provedMs = 5 * 60_000;

/**
 * The owner of a session shows again who they are, before something that cannot be undone: with password and code, or with a
 * passkey; with a code alone, where the provider of single sign-on had them show it just before. The session goes on under
 * the token that is returned. ASVS 5.0, 7.2.4 and 7.5. @throws Refusal `SIGN_IN_FAILED`, `TOO_MANY_REQUESTS`, `SECOND_FACTOR_REQUIRED`.
 */
export async function confirmSession(
  outside: Needs,
  caller: Caller,
  signedIn: InSession,
  proof: { password: string; code?: string | undefined } | { passkey: PasskeyAnswer } | { code: string },
): Promise<{ token: string }> {
  const { person, sessionId } = signedIn;
  const confirm = async (tx: Transaction, factor: Factor, attempt: Attempt | null) => {
    const token = await renewToken(tx, sessionId, { confirmedAt: outside.clock() });
    await attempt?.clear(tx);
    await tx.log({
      action: 'staff.confirmed',
      outcome: 'done',
      object: { kind: 'staff', id: person.id },
      details: { factor },
    });
    return token;
  };
  const token = await evenTime(async () => {
    if ('passkey' in proof) {
      const done = await outside.database.transact(caller, async (tx) =>
        (await takePasskey(tx, outside, proof.passkey, person.id)) ? confirm(tx, 'passkey', null) : null,
      );
      return done ?? fail(outside, caller, { userId: person.id, attempt: null, step: 'confirmation' });
    }
    if (!('password' in proof)) {
      const attempt = await reserveAttempt(outside, person.email);
      const since = new Date(outside.clock().getTime() - provedMs);
      const proven = { id: sessionId, provedAt: { gt: since } };
      const done = await outside.database.transact(caller, async (tx) => {
        if (attempt.isLocked || (await tx.db.session.count({ where: proven })) === 0) return null;
        const factor = await useCode(tx, outside, person.id, proof.code);
        if (factor === null) return null;
        // What the provider said counts for one confirmation.
        await tx.db.session.updateMany({ where: { id: sessionId }, data: { provedAt: null } });
        return confirm(tx, factor, attempt);
      });
      return done ?? fail(outside, caller, { userId: person.id, attempt, step: 'confirmation' });
    }
    const input = { email: person.email, password: proof.password };
    const { factors, attempt } = await checkPassword(outside, caller, input, 'confirmation');
    const code = hasFactor(factors) ? proof.code : null;
    if (code === undefined) {
      await attempt.giveBack();
      throw codeNeeded(factors);
    }
    const done = await outside.database.transact(caller, async (tx) => {
      const factor = code === null ? 'password' : await useCode(tx, outside, person.id, code);
      return factor === null ? null : confirm(tx, factor, attempt);
    });
    return done ?? fail(outside, caller, { userId: person.id, attempt, step: 'confirmation' });
  });
  return { token };
}
