import { Refusal } from '../../domain/errors.ts';
import { digestToken } from '../core/token.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';
import { forgetAttempts } from './attempts.ts';
import { choosePassword } from './choose-password.ts';
import { endAccess } from './end-sessions.ts';
import { assertLocalSignIn } from './local-sign-in.ts';
import { mailPerson } from './mail-person.ts';
import { whyNoOwnPassword } from './own-password.ts';

type Needs = Pick<Outside, 'database' | 'clock' | 'settings'>;

/**
 * Chooses a password by a link, once. Sessions, tokens and other such links end; the second factor stays: the mail
 * alone lets nobody in. Nothing is hashed for a link that is not valid.
 * @throws Refusal `LINK_NOT_VALID`; `INVALID_REQUEST` for a password that is not good enough, and the link goes on
 * working.
 */
export async function finishPasswordReset(
  outside: Needs & Pick<Outside, 'credentials'>,
  caller: Caller,
  input: { token: string; password: string },
): Promise<void> {
  const { database, clock } = outside;
  assertLocalSignIn(outside.settings);
  const tokenDigest = digestToken(input.token);
  const open = () => ({ tokenDigest, usedAt: null, expiresAt: { gt: clock() } });
  const reset = await database.read.passwordReset.findFirst({
    where: open(),
    include: { user: { include: { account: true } } },
  });
  if (!reset || reset.user.disabledAt !== null || (await whyNoOwnPassword(database.read, reset.userId)) !== null)
    throw new Refusal('LINK_NOT_VALID');
  const { email } = reset.user.account;
  const hash = await choosePassword(outside, input.password, { name: reset.user.name, email });
  const { userId } = reset;
  const self: Caller = { ...caller, actor: { kind: 'staff', id: userId, roles: [], scopes: null } };
  await database.transact(self, async (tx) => {
    const { count } = await tx.db.passwordReset.updateMany({ where: open(), data: { usedAt: clock() } });
    if (count === 0) throw new Refusal('LINK_NOT_VALID');
    await tx.db.passwordReset.updateMany({ where: { userId, usedAt: null }, data: { usedAt: clock() } });
    await tx.db.password.upsert({
      where: { accountId: userId },
      create: { accountId: userId, hash, changedAt: clock() },
      update: { hash, changedAt: clock() },
    });
    await forgetAttempts(tx, email);
    const ended = await endAccess(tx, userId, clock());
    await tx.log({
      action: 'staff.password_reset',
      outcome: 'done',
      object: { kind: 'staff', id: userId },
      details: ended,
    });
    await mailPerson(outside, tx, userId, 'password_changed');
  });
}
