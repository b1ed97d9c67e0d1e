import { Refusal } from '../../domain/errors.ts';
import type { Id, StaffRole } from '../../domain/ids.ts';
import type { Transaction } from '../ports/database.ts';
import type { Outside } from '../ports/outside.ts';
import { mailPerson } from './mail-person.ts';
import { takeBackWithoutRoles, takeEverythingBack } from './take-back.ts';

/**
 * Gives a member of this school the roles that the provider says, from now on at its word. Whoever has none left keeps the
 * account and nothing that it opens. The role of an authority is not the provider's, and stays.
 * @throws Refusal `WRONG_STATE` `LAST_ADMINISTRATOR`.
 */
export async function followRoles(
  tx: Transaction,
  outside: Pick<Outside, 'clock' | 'settings'>,
  userId: Id,
  given: readonly StaffRole[],
  by: 'groups' | 'scim',
): Promise<void> {
  const at = outside.clock();
  const { roles: before } = await tx.db.user.findFirstOrThrow({ where: { id: userId }, select: { roles: true } });
  const roles = [...given, ...before.filter((role) => role === 'authority')];
  const gained = roles.filter((role) => !before.includes(role));
  const lost = before.filter((role) => !roles.includes(role));
  if (lost.includes('administrator')) await assertNotLastAdministrator(tx, userId);
  await tx.db.user.updateMany({ where: { id: userId, providedAt: null }, data: { providedAt: at } });
  if (gained.length + lost.length === 0) return;
  const object = { kind: 'staff', id: userId };
  await tx.db.user.updateMany({ where: { id: userId }, data: { roles } });
  await tx.log({ action: 'staff.roles_followed', outcome: 'done', object, details: { by, gained, lost } });
  if (roles.length > 0) {
    await mailPerson(outside, tx, userId, 'roles_changed');
    await takeBackWithoutRoles(tx, userId, roles, at);
    return;
  }
  const ended = await takeEverythingBack(tx, userId, at);
  await tx.log({ action: 'staff.deprovisioned', outcome: 'done', object, details: { by, ...ended } });
}

/**
 * Holds the rows of all administrators until the transaction ends: of two that lose the role at the same time one keeps it.
 * The account for emergencies does not count. @throws Refusal `WRONG_STATE` `LAST_ADMINISTRATOR`.
 */
export async function assertNotLastAdministrator(tx: Transaction, userId: Id): Promise<void> {
  const administrators = await tx.db.$queryRaw<{ id: string }[]>`
    SELECT id FROM "user" WHERE 'administrator' = ANY(roles) AND "disabledAt" IS NULL AND "emergencyAt" IS NULL
     ORDER BY id FOR UPDATE`;
  const isAdministrator = administrators.some(({ id }) => id === userId);
  if (isAdministrator && administrators.length === 1)
    throw new Refusal('WRONG_STATE', { reasons: [{ code: 'LAST_ADMINISTRATOR' }] });
}
