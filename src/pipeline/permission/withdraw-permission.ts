import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import type { Route } from '../../domain/permission.ts';
import { staffIdOf } from '../core/staff-id.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';
import { answerShown } from '../signing/find-answer.ts';
import { notedEvidence } from '../signing/no-evidence.ts';
import { takeBack } from '../signing/take-back.ts';
import { grantsCoveredBy, lockPermission } from './note-answer.ts';

type Needs = Pick<Outside, 'database' | 'clock' | 'keyring' | 'settings'>;

/** A withdrawal as it reached the school without the link, and what staff wrote down about it. */
export interface SaidWithdrawal {
  readonly route: Route;
  readonly note?: string | undefined;
}

/**
 * Takes effect at once: in the same transaction every recording that rested on it goes into quarantine. It covers every yes of
 * the same signer for the same subject that was received before it, by whichever of the records it is said. Everybody else who
 * stands for the child is told, as of an answer by link. Where terms were read there is evidence of it, and a receipt. Policy P1.
 * @throws Refusal `NOT_FOUND`; `STATE_CHANGED` when it is withdrawn already and the signer has given no yes since, or when it
 * was declared invalid.
 */
export function withdrawPermission(outside: Needs, caller: Caller, permissionId: Id, said: SaidWithdrawal) {
  const { database, clock } = outside;
  return database.transact(caller, async (tx) => {
    const before = await lockPermission(tx, permissionId);
    if (before.status === 'invalidated') throw new Refusal('STATE_CHANGED');
    if (before.status === 'withdrawn' && (await grantsCoveredBy(tx, before)).length === 0)
      throw new Refusal('STATE_CHANGED');
    const answer = await tx.db.permission.findUniqueOrThrow({ where: { id: permissionId }, include: answerShown });
    const at = clock();
    const { permission } = await takeBack(outside, tx, caller, answer, {
      at,
      by: { personId: answer.guardianId },
      evidence: () => notedEvidence(answer, { staffId: staffIdOf(caller), route: said.route, at }),
      note: said.note,
    });
    return permission;
  });
}
