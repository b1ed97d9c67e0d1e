import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';

type Needs = Pick<Outside, 'database' | 'clock'>;

/** @throws Refusal `NOT_FOUND`; `STATE_CHANGED` when it is revoked already. */
export async function revokeLink({ database, clock }: Needs, caller: Caller, linkId: Id): Promise<void> {
  await database.transact(caller, async (tx) => {
    const link = await tx.db.viewerLink.findUnique({ where: { id: linkId }, include: { release: true } });
    if (!link) throw new Refusal('NOT_FOUND');
    const { count } = await tx.db.viewerLink.updateMany({
      where: { id: linkId, revokedAt: null },
      data: { revokedAt: clock() },
    });
    if (count === 0) throw new Refusal('STATE_CHANGED');
    await tx.log({
      action: 'link.revoked',
      outcome: 'done',
      object: { kind: 'link', id: linkId, recordingId: link.release.recordingId },
    });
  });
}
