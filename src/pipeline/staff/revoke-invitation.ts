import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';

type Needs = Pick<Outside, 'database' | 'clock'>;

/** @throws Refusal `NOT_FOUND`; `STATE_CHANGED` when it was accepted or revoked. */
export async function revokeInvitation({ database, clock }: Needs, caller: Caller, invitationId: Id): Promise<void> {
  await database.transact(caller, async (tx) => {
    if (!(await tx.db.invitation.findUnique({ where: { id: invitationId } }))) throw new Refusal('NOT_FOUND');
    const { count } = await tx.db.invitation.updateMany({
      where: { id: invitationId, acceptedAt: null, revokedAt: null },
      data: { revokedAt: clock() },
    });
    if (count === 0) throw new Refusal('STATE_CHANGED');
    await tx.log({
      action: 'staff.invitation_revoked',
      outcome: 'done',
      object: { kind: 'invitation', id: invitationId },
    });
  });
}
