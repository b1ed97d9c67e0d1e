import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';
import type { InSession } from './find-signed-in.ts';
import { openSession } from './open-session.ts';

/**
 * Goes on in another school of the same account: a session there takes the place of this one. It ends when this one would
 * have ended, and says with which factor it began, since nobody showed anything again. Both logs say so.
 * @throws Refusal `NOT_FOUND` for a school that the account does not belong to, or that is closed; `NOT_SIGNED_IN` when the
 * session has ended meanwhile.
 */
export async function moveSession(
  outside: Outside,
  caller: Caller,
  { person, sessionId }: InSession,
  schoolId: Id,
  userAgent: string | null,
): Promise<{ readonly there: Outside; readonly token: string }> {
  if (!(await outside.schools.ofAccount(person.id)).some(({ id }) => id === schoolId)) throw new Refusal('NOT_FOUND');
  const there = await outside.schools.of(schoolId);
  const before = await outside.database.read.session.findFirst({ where: { id: sessionId, userId: person.id } });
  if (!before) throw new Refusal('NOT_SIGNED_IN');
  const object = { kind: 'staff', id: person.id };
  // First the new one: if it is lost on the way, the old one still stands.
  const { token } = await there.database.transact({ ...caller, standing: undefined }, async (tx) => {
    const session = await openSession(tx, there, {
      userId: person.id,
      factor: before.factor,
      userAgent,
      after: before,
    });
    await tx.log({ action: 'staff.signed_in', outcome: 'done', object, details: { factor: before.factor } });
    return session;
  });
  await outside.database.transact(caller, async (tx) => {
    await tx.db.session.deleteMany({ where: { id: sessionId } });
    await tx.log({ action: 'staff.signed_out', outcome: 'done', object });
  });
  return { there, token };
}
