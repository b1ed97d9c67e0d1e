import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import { staffIdOf } from '../core/staff-id.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';
import { endOtherSessions } from './end-sessions.ts';
import { assertEnoughFactors } from './factors.ts';
import { mailPerson } from './mail-person.ts';

type Needs = Pick<Outside, 'database' | 'credentials' | 'clock' | 'settings'>;

/** @throws Refusal `NOT_FOUND`; `WRONG_STATE` when the roles ask for a second factor and no other one would be left. */
export async function removeAuthenticator(outside: Needs, caller: Caller, sessionId: Id | null): Promise<void> {
  const userId = staffIdOf(caller);
  await outside.database.transact(caller, async (tx) => {
    const { count } = await tx.db.authenticator.deleteMany({ where: { accountId: userId, secret: { not: null } } });
    if (count === 0) throw new Refusal('NOT_FOUND');
    await assertEnoughFactors(tx, userId);
    await endOtherSessions(tx, userId, sessionId);
    await tx.log({ action: 'staff.second_factor_removed', outcome: 'done', object: { kind: 'staff', id: userId } });
    await mailPerson(outside, tx, userId, 'authenticator_removed');
  });
}
