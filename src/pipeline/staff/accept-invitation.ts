import { randomUUID } from 'node:crypto';
import { Refusal } from '../../domain/errors.ts';
import type { Language } from '../../domain/language.ts';
import { digestToken } from '../core/token.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';
import { choosePassword } from './choose-password.ts';
import { getPerson } from './person.ts';

type Needs = Pick<Outside, 'database' | 'clock'>;

/**
 * Opens the account that an invitation is for. The invitation is looked up before anything is hashed, and used up after.
 * @throws Refusal `LINK_NOT_VALID` for an invitation that is unknown, used, revoked or over; `INVALID_REQUEST` for a password
 * that is not good enough: the invitation can be tried again.
 */
export async function acceptInvitation(
  { database, credentials, clock }: Needs & Pick<Outside, 'credentials'>,
  caller: Caller,
  input: { token: string; password: string; language: Language },
) {
  const open = () => ({
    tokenDigest: digestToken(input.token),
    acceptedAt: null,
    revokedAt: null,
    expiresAt: { gt: clock() },
  });
  const invitation = await database.read.invitation.findFirst({ where: open() });
  if (!invitation) throw new Refusal('LINK_NOT_VALID');
  const hash = await choosePassword({ credentials, database }, input.password, invitation);
  const userId = await database.transact(caller, async (tx) => {
    const { count } = await tx.db.invitation.updateMany({ where: open(), data: { acceptedAt: clock() } });
    if (count === 0) throw new Refusal('LINK_NOT_VALID');
    const id = randomUUID();
    await tx.db.user.create({
      data: {
        id,
        name: invitation.name,
        email: invitation.email,
        roles: invitation.roles,
        language: input.language,
        password: { create: { hash, changedAt: clock() } },
      },
    });
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
