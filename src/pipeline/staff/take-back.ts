import type { Id, StaffRole } from '../../domain/ids.ts';
import type { Transaction } from '../ports/database.ts';

/**
 * Everything that a person could act by in this school, or has handed out: sessions, tokens, invitations that nobody has
 * accepted, links. Policy P9, P10.
 */
export async function takeEverythingBack(
  tx: Transaction,
  userId: Id,
  at: Date,
): Promise<{ sessions: number; tokens: number }> {
  const { count: sessions } = await tx.db.session.deleteMany({ where: { userId } });
  const tokens = await revokeTokens(tx, userId, at);
  await takeBackWithoutRoles(tx, userId, [], at);
  return { sessions, tokens };
}

/** What only roles may hand out that the person no longer has. */
export async function takeBackWithoutRoles(
  tx: Transaction,
  userId: Id,
  roles: readonly StaffRole[],
  at: Date,
): Promise<void> {
  if (!roles.includes('administrator')) await revokeWhatAdministratorsHandOut(tx, userId, at);
  if (!roles.some((role) => linkIssuers.includes(role))) await revokeLinks(tx, userId, at);
}

const linkIssuers: readonly StaffRole[] = ['teacher', 'administrator'];

async function revokeTokens(tx: Transaction, userId: Id, at: Date): Promise<number> {
  const rows = await tx.db.apiToken.updateManyAndReturn({
    where: { userId, revokedAt: null },
    data: { revokedAt: at },
    select: { id: true },
  });
  for (const { id } of rows) await tx.log({ action: 'token.revoked', outcome: 'done', object: { kind: 'token', id } });
  return rows.length;
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
