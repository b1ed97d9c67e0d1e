import type { Id } from '../../domain/ids.ts';
import type { Caller } from '../ports/caller.ts';
import type { PasskeyAnswer } from '../ports/credentials.ts';
import type { Outside } from '../ports/outside.ts';
import { asStaff, begin, fail, takePasskey } from './check-password.ts';
import { evenTime } from './even-time.ts';
import { assertLocalSignIn } from './local-sign-in.ts';
import type { NewSession } from './open-session.ts';

type Needs = Pick<Outside, 'database' | 'credentials' | 'clock' | 'settings' | 'tally'>;

/** A challenge for any passkey of this site. Asking stores nothing. */
export async function askForPasskey({ credentials, clock, settings }: Needs): Promise<object> {
  assertLocalSignIn(settings);
  return credentials.passkeys.signInOptions(clock());
}

/**
 * Signs a member of staff in with a passkey, which is both factors. It is not held up by wrong passwords of others.
 * @throws Refusal `SIGN_IN_FAILED` for a passkey that is unknown, not believed, or offered a second time.
 */
export async function signInWithPasskey(
  outside: Needs,
  caller: Caller,
  answer: PasskeyAnswer,
  userAgent: string | null,
): Promise<NewSession> {
  assertLocalSignIn(outside.settings);
  return evenTime(async () => {
    const userId = await ownerOfPasskey(outside, answer);
    if (userId === null) return fail(outside, caller, { userId, attempt: null, step: 'passkey' });
    const session = await outside.database.transact(asStaff(caller, userId), async (tx) =>
      (await takePasskey(tx, outside, answer, userId))
        ? begin(tx, outside, { userId, factor: 'passkey', userAgent, attempt: null })
        : null,
    );
    return session ?? fail(outside, caller, { userId, attempt: null, step: 'passkey' });
  });
}

/** The account that the passkey claims; null if there is no such passkey, or the account is disabled or kept by the provider. */
async function ownerOfPasskey({ database }: Needs, { id }: PasskeyAnswer): Promise<Id | null> {
  const row = await database.read.user.findFirst({
    // Whom the provider keeps signs in there: a passkey is a second factor then.
    where: { account: { passkeys: { some: { id } }, identity: null }, providedAt: null, disabledAt: null },
    select: { id: true },
  });
  return row?.id ?? null;
}
