import { randomBytes } from 'node:crypto';
import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import { digestToken } from '../core/token.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';
import type { InSession } from './find-signed-in.ts';

/**
 * Goes on in another school of the same account: the session moves there, under the token that is returned. It ends when it
 * would have ended, and keeps the factor with which it began, since nobody showed anything again. Both logs say so; nobody
 * has the token before they do.
 * @throws Refusal `NOT_FOUND` for a school that the account does not belong to, or that is closed; `NOT_SIGNED_IN` when the
 * session has ended meanwhile, or moved.
 */
export async function moveSession(
  outside: Outside,
  caller: Caller,
  { person, sessionId }: InSession,
  schoolId: Id,
): Promise<{ readonly there: Outside; readonly token: string }> {
  if (!(await outside.schools.ofAccount(person.id)).some(({ id }) => id === schoolId)) throw new Refusal('NOT_FOUND');
  const there = await outside.schools.of(schoolId);
  const token = randomBytes(32).toString('base64url');
  const object = { kind: 'staff', id: person.id };
  await outside.database.transact(caller, async (tx) => {
    const [row] = await tx.db.$queryRaw<{ isMoved: boolean }[]>`
      SELECT move_session(${sessionId}::uuid, ${schoolId}::uuid, ${digestToken(token)}) AS "isMoved"`;
    if (!row?.isMoved) throw new Refusal('NOT_SIGNED_IN');
    await tx.log({ action: 'staff.signed_out', outcome: 'done', object });
  });
  await there.database.transact({ ...caller, standing: undefined }, async (tx) => {
    const { factor } = await tx.db.session.findUniqueOrThrow({ where: { id: sessionId }, select: { factor: true } });
    await tx.log({ action: 'staff.signed_in', outcome: 'done', object, details: { factor } });
  });
  return { there, token };
}
