import { randomUUID } from 'node:crypto';
import { Refusal } from '../../domain/errors.ts';
import type { Language } from '../../domain/language.ts';
import { digestToken } from '../core/token.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';
import { confirmAccount } from './check-password.ts';
import { choosePassword } from './choose-password.ts';
import { evenTime } from './even-time.ts';
import { assertLocalSignIn } from './local-sign-in.ts';
import { getPerson } from './person.ts';

/**
 * Makes whom an invitation is for a member of the school. Who has an account already, in another school, shows its password
 * and keeps it; for anybody else an account is opened with the password that they choose. The invitation is looked up before
 * anything is hashed, and used up after.
 * @throws Refusal `LINK_NOT_VALID` for an invitation that is unknown, used, revoked or over; `INVALID_REQUEST` for a password
 * that is not good enough, `SIGN_IN_FAILED` for one that is not the account's, `STATE_CHANGED` when an account of this address
 * was opened at the same time: the invitation can be tried again; `ALREADY_EXISTS` for who is a member already.
 */
export async function acceptInvitation(
  outside: Pick<Outside, 'database' | 'clock' | 'credentials' | 'settings' | 'tally'>,
  caller: Caller,
  input: { token: string; password: string; language: Language },
) {
  const { database, clock } = outside;
  assertLocalSignIn(outside.settings);
  const open = () => ({
    tokenDigest: digestToken(input.token),
    acceptedAt: null,
    revokedAt: null,
    expiresAt: { gt: clock() },
  });
  const invitation = await database.read.invitation.findFirst({ where: open() });
  if (!invitation) throw new Refusal('LINK_NOT_VALID');
  const { email, name, roles } = invitation;
  const known = await evenTime(() => confirmAccount(outside, caller, { email, password: input.password }));
  const hash = known === null ? await choosePassword(outside, input.password, invitation) : null;
  const userId = await database.transact(caller, async (tx) => {
    const { count } = await tx.db.invitation.updateMany({ where: open(), data: { acceptedAt: clock() } });
    if (count === 0) throw new Refusal('LINK_NOT_VALID');
    await known?.attempt.clear(tx);
    const id = known?.id ?? randomUUID();
    // Two invitations of one address may be accepted at once.
    if (hash !== null) {
      const made = await tx.db.account.createMany({ data: [{ id, email }], skipDuplicates: true });
      if (made.count === 0) throw new Refusal('STATE_CHANGED');
      await tx.db.password.create({ data: { accountId: id, hash, changedAt: clock() } });
    }
    const user = { id, name, roles, language: input.language };
    const joined = await tx.db.user.createMany({ data: [user], skipDuplicates: true });
    if (joined.count === 0) throw new Refusal('ALREADY_EXISTS');
    await tx.log({
      action: 'staff.joined',
      outcome: 'done',
      object: { kind: 'staff', id },
      details: { invitation: { person: 'invitation', id: invitation.id } },
    });
    return id;
  });
  return getPerson(database, userId);
}
