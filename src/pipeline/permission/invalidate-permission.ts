import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';
import { lockPermission, noteChange } from './note-answer.ts';

/**
 * Declares a record invalid: forged, of the wrong person or the wrong child. Neither its yes nor its no was anybody's will, so
 * neither counts any more; what rested on it goes into quarantine at once.
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
    return noteChange(tx, caller, row, 'invalidated', clock(), { note });
  });
}
