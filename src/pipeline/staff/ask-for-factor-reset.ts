import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import { mailAdministrators } from '../core/mail-administrators.ts';
import { staffIdOf } from '../core/staff-id.ts';
import { assertStillActing } from '../core/still-acting.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';
import { assertNoAuthority } from './authority-role.ts';
import { anotherOne, stillOpen, toFactorReset, withPerson } from './factor-reset.ts';
import { mailPerson } from './mail-person.ts';
import { assertOfThisSchoolAlone } from './schools-of-account.ts';

type Needs = Pick<Outside, 'database' | 'schools' | 'clock'> & {
  readonly settings: Pick<Outside['settings'], 'sendsMail' | 'baseUrl'>;
};

const openMs = 3 * 24 * 60 * 60_000;

/**
 * For a person who lost every second factor: an administrator asks to take the factors away, and nothing happens before
 * another one confirms. The person is told of both. Policy P9; ASVS 5.0, 6.4.
 * @throws Refusal `NOT_FOUND`; `NOT_ALLOWED` for oneself and for an authority; `ALREADY_EXISTS` when it is asked for already; `WRONG_STATE` for an account of
 * several schools.
 */
export async function askForFactorReset(outside: Needs, caller: Caller, userId: Id) {
  const { database, clock } = outside;
  const requestedById = staffIdOf(caller);
  if (requestedById === userId) throw new Refusal('NOT_ALLOWED', { reasons: [anotherOne] });
  await assertOfThisSchoolAlone(outside, userId);
  return database.transact(caller, async (tx) => {
    await assertStillActing(tx, caller);
    await assertNoAuthority(tx.db, userId);
    // One request at a time for a person: the row is the lock.
    const rows = await tx.db.$queryRaw<unknown[]>`SELECT 1 FROM "user" WHERE id = ${userId} FOR UPDATE`;
    if (rows.length === 0) throw new Refusal('NOT_FOUND');
    if (await tx.db.factorReset.findFirst({ where: { userId, ...stillOpen(clock()) } }))
      throw new Refusal('ALREADY_EXISTS');
    const row = await tx.db.factorReset.create({
      data: { userId, requestedById, requestedAt: clock(), expiresAt: new Date(clock().getTime() + openMs) },
      ...withPerson,
    });
    await tx.log({ action: 'staff.factor_reset_asked', outcome: 'done', object: { kind: 'staff', id: userId } });
    await mailPerson(outside, tx, userId, 'factor_reset_asked');
    await mailAdministrators(outside, tx, {
      kind: 'factor_reset_asked',
      name: row.user.name,
      url: outside.settings.baseUrl(),
    });
    return toFactorReset(row);
  });
}
