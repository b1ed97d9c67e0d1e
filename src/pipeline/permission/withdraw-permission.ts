import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';
import { grantsCoveredBy, lockPermission, noteAnswer } from './note-answer.ts';

type Needs = Pick<Outside, 'database' | 'clock'>;

/**
 * Takes effect at once: in the same transaction every recording that rested on it goes into quarantine. It covers every yes of
 * the same signer for the same subject that was received before it, by whichever of the records it is said. Policy P1.
 * @throws Refusal `NOT_FOUND`; `STATE_CHANGED` when it is withdrawn already and the signer has given no yes since.
 */
export async function withdrawPermission({ database, clock }: Needs, caller: Caller, permissionId: Id, note?: string) {
  return database.transact(caller, async (tx) => {
    const before = await lockPermission(tx, permissionId);
    if (before.status === 'withdrawn' && (await grantsCoveredBy(tx, before)).length === 0)
      throw new Refusal('STATE_CHANGED');
    const row = await tx.db.permission.update({ where: { id: permissionId }, data: { status: 'withdrawn' } });
    return noteAnswer(tx, caller, row, 'withdrawn', clock(), { note });
  });
}
