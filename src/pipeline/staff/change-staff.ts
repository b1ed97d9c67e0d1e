import { Refusal } from '../../domain/errors.ts';
import type { Id, StaffRole } from '../../domain/ids.ts';
import { staffIdOf } from '../core/staff-id.ts';
import { assertStillActing } from '../core/still-acting.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';
import { assertAuthorityStays, assertNoAuthority } from './authority-role.ts';
import { mailPerson } from './mail-person.ts';
import { getPerson } from './person.ts';
import { takeBackWithoutRoles, takeEverythingBack } from './take-back.ts';

type Needs = Pick<Outside, 'database' | 'clock' | 'settings'>;

/**
 * Changes roles, disables or enables an account. Disabling takes away at once everything that the person could act by
 * or has handed out: sessions, tokens, invitations that nobody has accepted, links. Removing a role also removes what
 * only that role may hand out. Running requests stop within a second (`still-acting.ts`). Enabling gives none of it
 * back. Policy P9, P10.
 * @throws Refusal `NOT_FOUND`; `NOT_ALLOWED` for oneself, so that the last administrator cannot lock everybody out, and for the role of
 * an authority.
 */
export async function changeStaff(
  outside: Needs,
  caller: Caller,
  userId: Id,
  change: { roles?: StaffRole[] | undefined; disabled?: boolean | undefined },
) {
  const { database, clock } = outside;
  if (staffIdOf(caller) === userId)
    throw new Refusal('NOT_ALLOWED', {
      reasons: [{ code: 'OWN_ACCOUNT' }],
    });
  await getPerson(database, userId);
  await database.transact(caller, async (tx) => {
    await assertStillActing(tx, caller);
    const object = { kind: 'staff', id: userId };
    const at = clock();
    const user = await tx.db.user.findFirstOrThrow({
      where: { id: userId },
      select: { roles: true, providedAt: true, emergencyAt: true },
    });
    if (user.emergencyAt !== null) throw new Refusal('WRONG_STATE', { reasons: [{ code: 'EMERGENCY_ACCOUNT' }] });
    if (change.roles) {
      assertAuthorityStays(user.roles, change.roles);
      if (user.providedAt !== null) throw new Refusal('WRONG_STATE', { reasons: [{ code: 'ACCOUNT_OF_PROVIDER' }] });
      await tx.db.user.updateMany({ where: { id: userId }, data: { roles: change.roles } });
      await tx.log({ action: 'staff.roles_changed', outcome: 'done', object, details: { roles: change.roles } });
      await mailPerson(outside, tx, userId, 'roles_changed');
      await takeBackWithoutRoles(tx, userId, change.roles, at);
    }
    if (change.disabled === undefined) return;
    await assertNoAuthority(tx.db, userId);
    await tx.db.user.updateMany({ where: { id: userId }, data: { disabledAt: change.disabled ? at : null } });
    await tx.log({ action: 'staff.disabled', outcome: 'done', object, details: { disabled: change.disabled } });
    if (!change.disabled) return;
    await takeEverythingBack(tx, userId, at);
  });
  return getPerson(database, userId);
}
