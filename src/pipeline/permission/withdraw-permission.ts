import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import { openContactBook } from '../core/people-key.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';
import { tellOthers } from '../signing/tell-others.ts';
import { grantsCoveredBy, lockPermission, noteAnswer } from './note-answer.ts';

type Needs = Pick<Outside, 'database' | 'clock' | 'keyring' | 'settings'>;

/**
 * Takes effect at once: in the same transaction every recording that rested on it goes into quarantine. It covers every yes of
 * the same signer for the same subject that was received before it, by whichever of the records it is said. Everybody else who
 * stands for the child is told, as of an answer by link. Policy P1.
 * @throws Refusal `NOT_FOUND`; `STATE_CHANGED` when it is withdrawn already and the signer has given no yes since, or when it
 * was declared invalid.
 */
export function withdrawPermission(outside: Needs, caller: Caller, permissionId: Id, note?: string) {
  const { database, clock } = outside;
  return database.transact(caller, async (tx) => {
    const before = await lockPermission(tx, permissionId);
    if (before.status === 'invalidated') throw new Refusal('STATE_CHANGED');
    if (before.status === 'withdrawn' && (await grantsCoveredBy(tx, before)).length === 0)
      throw new Refusal('STATE_CHANGED');
    const row = await tx.db.permission.update({ where: { id: permissionId }, data: { status: 'withdrawn' } });
    const at = clock();
    const changed = await noteAnswer(tx, caller, row, 'withdrawn', at, { note });
    const { requestId, courseId, participantId } = row;
    if (requestId !== null) {
      const book = await openContactBook(outside, tx.db);
      try {
        const by = { personId: row.guardianId };
        await tellOthers(outside, tx, book, { request: { id: requestId, courseId, participantId }, by, at });
      } finally {
        book.close();
      }
    }
    return changed;
  });
}
