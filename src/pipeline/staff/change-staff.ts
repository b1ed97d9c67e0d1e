import { Refusal } from '../../domain/errors.ts';
import type { Id, StaffRole } from '../../domain/ids.ts';
import { staffIdOf } from '../core/staff-id.ts';
import { assertStillActing } from '../core/still-acting.ts';
import type { Caller } from '../ports/caller.ts';
import type { Transaction } from '../ports/database.ts';
import type { Outside } from '../ports/outside.ts';
import { mailPerson } from './mail-person.ts';
import { getPerson } from './person.ts';

type Needs = Pick<Outside, 'database' | 'clock' | 'settings'>;

/**
 * Changes roles, disables or enables an account. Disabling takes away at once everything that the person could act by
 * or has handed out: sessions, tokens, invitations that nobody has accepted, links. Removing a role also removes what
 * only that role may hand out. Running requests stop within a second (`still-acting.ts`). Enabling gives none of it
 * back. Policy P9, P10.
 * @throws Refusal `NOT_FOUND`; `NOT_ALLOWED` for oneself, so that the last administrator cannot lock everybody out.
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
    if (change.roles) {
      await tx.db.user.updateMany({ where: { id: userId }, data: { roles: change.roles } });
      await tx.log({ action: 'staff.roles_changed', outcome: 'done', object, details: { roles: change.roles } });
      await mailPerson(outside, tx, userId, 'roles_changed');
      if (!change.roles.includes('administrator')) await revokeWhatAdministratorsHandOut(tx, userId, at);
      if (!change.roles.some((role) => linkIssuers.includes(role))) await revokeLinks(tx, userId, at);
    }
    if (change.disabled === undefined) return;
    await tx.db.user.updateMany({ where: { id: userId }, data: { disabledAt: change.disabled ? at : null } });
    await tx.log({ action: 'staff.disabled', outcome: 'done', object, details: { disabled: change.disabled } });
    if (!change.disabled) return;
    await tx.db.session.deleteMany({ where: { userId } });
    await revokeTokens(tx, userId, at);
    await revokeWhatAdministratorsHandOut(tx, userId, at);
    await revokeLinks(tx, userId, at);
  });
  return getPerson(database, userId);
}

const linkIssuers: readonly StaffRole[] = ['teacher', 'administrator'];

async function revokeTokens(tx: Transaction, userId: Id, at: Date): Promise<void> {
  const rows = await tx.db.apiToken.updateManyAndReturn({
    where: { userId, revokedAt: null },
    data: { revokedAt: at },
    select: { id: true },
  });
  for (const { id } of rows) await tx.log({ action: 'token.revoked', outcome: 'done', object: { kind: 'token', id } });
}

/** Invitations, links to new passwords, and what still waits for another administrator. */
async function revokeWhatAdministratorsHandOut(tx: Transaction, userId: Id, at: Date): Promise<void> {
  await tx.db.passwordReset.updateMany({ where: { sentById: userId, usedAt: null }, data: { usedAt: at } });
  await tx.db.factorReset.updateMany({
    where: { requestedById: userId, outcome: null },
    data: { outcome: 'cancelled', decidedAt: at },
  });
  const rows = await tx.db.invitation.updateManyAndReturn({
    where: { invitedById: userId, acceptedAt: null, revokedAt: null },
    data: { revokedAt: at },
    select: { id: true },
  });
  for (const { id } of rows)
    await tx.log({ action: 'staff.invitation_revoked', outcome: 'done', object: { kind: 'invitation', id } });
}

async function revokeLinks(tx: Transaction, userId: Id, at: Date): Promise<void> {
  const rows = await tx.db.viewerLink.updateManyAndReturn({
    where: { createdById: userId, revokedAt: null, expiresAt: { gt: at } },
    data: { revokedAt: at },
    select: { id: true, release: { select: { recordingId: true } } },
  });
  for (const { id, release } of rows)
    await tx.log({
      action: 'link.revoked',
      outcome: 'done',
      object: { kind: 'link', id, recordingId: release.recordingId },
    });
}
