import type { Id } from '../../domain/ids.ts';
import { mustHave } from '../../domain/must-have.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';
import { believed, failed } from './finish-sign-on.ts';
import { useChallenge } from './use-challenge.ts';

/**
 * Somebody signed out at the provider: their sessions that it opened end here, in every school.
 * @throws Refusal `SIGN_IN_FAILED` for a token that is not believed or came before; `PROVIDER_UNAVAILABLE`.
 */
export async function signOutAtProvider(outside: Outside, caller: Caller, token: string): Promise<void> {
  const { schools, database } = outside;
  const { subject, issuer, sessionId, ...challenge } = await believed(
    mustHave(outside.signOn, 'provider').readSignOut(token),
  );
  if (!(await database.transact(caller, (tx) => useChallenge(tx, challenge)))) throw failed('PROVIDER_JOURNEY');
  const where = sessionId === null ? {} : { providerSessionId: sessionId };
  if (subject === null) {
    for (const id of await schools.list()) await end(await schools.of(id), caller, where);
    return;
  }
  const identity = await database.read.externalIdentity.findUnique({
    where: { issuer_subject: { issuer, subject } },
    select: { accountId: true },
  });
  if (identity === null) return;
  const { accountId: userId } = identity;
  for (const { id } of await schools.ofAccount(userId)) await end(await schools.of(id), caller, { ...where, userId });
}

async function end(
  { database }: Outside,
  caller: Caller,
  where: { readonly userId?: Id; readonly providerSessionId?: string },
): Promise<void> {
  const found = await database.read.session.groupBy({ by: ['userId'], where });
  for (const { userId } of found)
    await database.transact(caller, async (tx) => {
      const { count: sessions } = await tx.db.session.deleteMany({ where: { ...where, userId } });
      await tx.log({
        action: 'staff.session_revoked',
        outcome: 'done',
        object: { kind: 'staff', id: userId },
        details: { owner: { person: 'staff', id: userId }, sessions },
      });
    });
}
