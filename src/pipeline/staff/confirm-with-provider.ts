import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';
import type { ProvidedPerson } from '../ports/sign-on.ts';
import { asStaff } from './check-password.ts';
import { factorsOf, hasFactor } from './factors.ts';
import { renewToken } from './open-session.ts';

/**
 * The owner of a session showed again at the provider who they are. Where the provider asks for one factor alone, and there
 * is another one here, a code completes the confirmation (`confirm-session.ts`).
 * @throws Refusal `SIGN_IN_FAILED` `PROVIDER_OTHER_PERSON`; `NOT_SIGNED_IN` when the session has ended meanwhile.
 */
export async function confirmWithProvider(
  outside: Outside,
  caller: Caller,
  person: ProvidedPerson,
  sessionId: Id,
): Promise<{ readonly kind: 'confirmed'; readonly token: string | null }> {
  const { database, clock, signOn } = outside;
  const session = await database.read.session.findUnique({
    where: { id: sessionId },
    select: { userId: true, user: { select: { account: { select: { identity: true } } } } },
  });
  if (session === null) throw new Refusal('NOT_SIGNED_IN');
  const { identity } = session.user.account;
  if (identity?.issuer !== person.issuer || identity.subject !== person.subject)
    throw new Refusal('SIGN_IN_FAILED', { reasons: [{ code: 'PROVIDER_OTHER_PERSON' }] });
  const factor = person.usedTwoFactors || signOn?.trustsSecondFactor ? 'provider_mfa' : 'provider';
  return database.transact(asStaff(caller, session.userId), async (tx) => {
    if (factor === 'provider' && hasFactor(await factorsOf(tx.db, session.userId))) {
      await tx.db.session.updateMany({ where: { id: sessionId }, data: { provedAt: clock() } });
      return { kind: 'confirmed', token: null };
    }
    // A page that expects a code asks for one all the same.
    const token = await renewToken(tx, sessionId, { confirmedAt: clock(), provedAt: clock() });
    await tx.log({
      action: 'staff.confirmed',
      outcome: 'done',
      object: { kind: 'staff', id: session.userId },
      details: { factor },
    });
    return { kind: 'confirmed', token };
  });
}
