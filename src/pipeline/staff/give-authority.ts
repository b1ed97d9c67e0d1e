import { Refusal } from '../../domain/errors.ts';
import type { Caller } from '../ports/caller.ts';
import type { Transaction } from '../ports/database.ts';
import type { Outside } from '../ports/outside.ts';
import { invite } from './invite.ts';
import { mailPerson } from './mail-person.ts';
import { takeEverythingBack } from './take-back.ts';

type Needs = Pick<Outside, 'database' | 'clock'> & {
  readonly settings: Pick<Outside['settings'], 'sendsMail' | 'baseUrl'>;
};

/**
 * For the operator: makes somebody an authority, in the first school. A member of its staff has the role at once and keeps the
 * others; anybody else is invited. Null: no invitation was needed.
 * @throws Refusal `ALREADY_EXISTS` for who is one; `WRONG_STATE` for a disabled account and the one for emergencies.
 */
export async function giveAuthority(
  outside: Needs,
  caller: Caller,
  { email, name }: { readonly email: string; readonly name: string },
): Promise<Awaited<ReturnType<typeof invite>> | null> {
  const isMember = await outside.database.transact(caller, async (tx) => {
    const user = await findMember(tx, email);
    if (user === null) return false;
    if (user.disabledAt !== null || user.emergencyAt !== null) throw new Refusal('WRONG_STATE');
    if (user.roles.includes('authority')) throw new Refusal('ALREADY_EXISTS');
    const roles = [...user.roles, 'authority' as const];
    await tx.db.user.updateMany({ where: { id: user.id }, data: { roles } });
    const object = { kind: 'staff', id: user.id };
    await tx.log({ action: 'staff.roles_changed', outcome: 'done', object, details: { roles } });
    await mailPerson(outside, tx, user.id, 'roles_changed');
    return true;
  });
  const { database, clock } = outside;
  return isMember ? null : invite({ database, clock }, caller, { email, name, roles: ['authority'], days: 7 }, null);
}

/**
 * For the operator: takes the role away, and what invitations to it are open. Who has no other role keeps the account and
 * nothing that it opens. @throws Refusal `NOT_FOUND`.
 */
export async function takeAuthority(outside: Needs, caller: Caller, email: string): Promise<void> {
  await outside.database.transact(caller, async (tx) => {
    const revoked = await tx.db.invitation.updateManyAndReturn({
      where: { email: email.toLowerCase(), roles: { has: 'authority' }, acceptedAt: null, revokedAt: null },
      data: { revokedAt: outside.clock() },
      select: { id: true },
    });
    for (const { id } of revoked)
      await tx.log({ action: 'staff.invitation_revoked', outcome: 'done', object: { kind: 'invitation', id } });
    const user = await findMember(tx, email);
    if (!user?.roles.includes('authority')) {
      if (revoked.length === 0) throw new Refusal('NOT_FOUND');
      return;
    }
    const roles = user.roles.filter((role) => role !== 'authority');
    await tx.db.user.updateMany({ where: { id: user.id }, data: { roles } });
    const object = { kind: 'staff', id: user.id };
    await tx.log({ action: 'staff.roles_changed', outcome: 'done', object, details: { roles } });
    await mailPerson(outside, tx, user.id, 'roles_changed');
    if (roles.length === 0) await takeEverythingBack(tx, user.id, outside.clock());
  });
}

const findMember = (tx: Transaction, email: string) =>
  tx.db.user.findFirst({
    where: { account: { email: email.toLowerCase() } },
    select: { id: true, roles: true, disabledAt: true, emergencyAt: true },
  });
