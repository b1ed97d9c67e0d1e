import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import { mustHave } from '../../domain/must-have.ts';
import { type LinkOwner, revokeLinks } from '../core/signer-link.ts';
import type { Caller } from '../ports/caller.ts';
import type { Transaction } from '../ports/database.ts';
import type { Outside } from '../ports/outside.ts';
import { lockPermission, noteChange } from './note-answer.ts';

/**
 * Declares a record invalid: forged, of the wrong person or the wrong child. Neither its yes nor its no was anybody's will, so
 * neither counts any more; what rested on it goes into quarantine at once. The link that it came by is in doubt: it opens
 * nothing any more, and the signer is sent another when they are asked again.
 * @throws Refusal `NOT_FOUND`; `STATE_CHANGED` when it is so already.
 */
export function invalidatePermission(
  { database, clock }: Pick<Outside, 'database' | 'clock'>,
  caller: Caller,
  permissionId: Id,
  note: string,
) {
  return database.transact(caller, async (tx) => {
    const before = await lockPermission(tx, permissionId);
    if (before.status === 'invalidated') throw new Refusal('STATE_CHANGED');
    const row = await tx.db.permission.update({ where: { id: permissionId }, data: { status: 'invalidated' } });
    if (before.requestId !== null)
      await tx.db.request.updateMany({ where: { id: before.requestId, state: 'answered' }, data: { state: 'open' } });
    if (before.route === 'electronic' && before.requestId !== null)
      await revokeLinks(tx, await ownerOf(tx, before), clock());
    return noteChange(tx, caller, row, 'invalidated', clock(), { note });
  });
}

/** Of whom the link is by which an answer came. */
async function ownerOf(
  { db }: Transaction,
  { signerCapacity, guardianId, participantId, siteId }: Awaited<ReturnType<typeof lockPermission>>,
): Promise<LinkOwner> {
  if (siteId !== null) return { siteId };
  if (signerCapacity === 'guardian') return { personId: mustHave(guardianId, 'guardian of an answer by link') };
  const id = mustHave(participantId, 'subject of a permission');
  return { personId: (await db.participant.findUniqueOrThrow({ where: { id } })).personId };
}
