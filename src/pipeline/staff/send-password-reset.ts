import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import { staffIdOf } from '../core/staff-id.ts';
import { assertStillActing } from '../core/still-acting.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';
import { assertNoAuthority } from './authority-role.ts';
import { issue } from './issue-password-reset.ts';
import { assertLocalSignIn } from './local-sign-in.ts';
import { assertOwnPassword } from './own-password.ts';
import { assertOfThisSchoolAlone } from './schools-of-account.ts';

type Needs = Pick<Outside, 'database' | 'schools' | 'clock' | 'settings'>;

/**
 * An administrator sends somebody a link to a new password, and does not learn that password. With a mail server the link
 * goes to the person alone; without one it is returned, once, to be handed over (the second factor still has to be theirs).
 * @throws Refusal `NOT_FOUND`; `WRONG_STATE` for a disabled account, for one without a password of its own, and for a link to hand over into an account of several schools;
 * `NOT_ALLOWED` for one into that of an authority.
 */
export async function sendPasswordReset(outside: Needs, caller: Caller, userId: Id): Promise<{ url: string | null }> {
  const { database, settings } = outside;
  const user = await database.read.user.findFirst({ where: { id: userId }, include: { account: true } });
  if (!user) throw new Refusal('NOT_FOUND');
  if (user.disabledAt !== null) throw new Refusal('WRONG_STATE');
  assertLocalSignIn(settings);
  await assertOwnPassword(database.read, userId);
  const sentById = staffIdOf(caller);
  if (settings.sendsMail) {
    await database.transact(caller, async (tx) => {
      await assertStillActing(tx, caller);
      await tx.enqueue('send-password-reset', { email: user.account.email, sentById }, { key: `reset:${userId}` });
      await tx.log({
        action: 'staff.password_reset_asked',
        outcome: 'done',
        object: { kind: 'staff', id: userId },
        details: { by: 'mail' },
      });
    });
    return { url: null };
  }
  await assertNoAuthority(database.read, userId);
  await assertOfThisSchoolAlone(outside, userId);
  return { url: await issue(outside, caller, user, sentById) };
}
