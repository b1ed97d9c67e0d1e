import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import { staffIdOf } from '../core/staff-id.ts';
import { assertStillActing } from '../core/still-acting.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';
import { assertNoAuthority } from './authority-role.ts';
import { anotherOne, decide, takeFactorsAway } from './factor-reset.ts';
import { assertOfThisSchoolAlone } from './schools-of-account.ts';

type Needs = Pick<Outside, 'database' | 'schools' | 'clock'> & {
  readonly settings: Pick<Outside['settings'], 'sendsMail' | 'baseUrl'>;
};

/**
 * Takes every second factor of the person away and ends their sessions and tokens; they set up a new one at the next
 * sign-in. @throws Refusal `NOT_FOUND`; `SAME_PERSON` for who asked, and for the person; `STATE_CHANGED`; `NOT_ALLOWED` for
 * who became an authority meanwhile.
 */
export async function confirmFactorReset(outside: Needs, caller: Caller, resetId: Id): Promise<void> {
  const decidedById = staffIdOf(caller);
  await outside.database.transact(caller, async (tx) => {
    await assertStillActing(tx, caller);
    const row = await tx.db.factorReset.findUnique({ where: { id: resetId } });
    if (!row) throw new Refusal('NOT_FOUND');
    if (row.requestedById === decidedById || row.userId === decidedById)
      throw new Refusal('SAME_PERSON', { reasons: [anotherOne] });
    await assertNoAuthority(tx.db, row.userId);
    await assertOfThisSchoolAlone(outside, row.userId);
    await decide(tx, outside, resetId, { outcome: 'confirmed', decidedById });
    await takeFactorsAway(tx, outside, row.userId, 'staff.factor_reset');
  });
}
