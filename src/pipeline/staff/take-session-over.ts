import { createHash } from 'node:crypto';
import { digestToken } from '../core/token.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';
import { factorsOf, hasFactor } from './factors.ts';
import { findSession } from './find-session.ts';
import { failed } from './finish-sign-on.ts';
import { renewToken } from './open-session.ts';
import { useChallenge } from './use-challenge.ts';

/**
 * A program takes the session that somebody opened for it at the provider, in the browser of the same computer. The code went
 * through an address: it counts once, for whoever has the verifier, and the session goes on under another token.
 * @throws Refusal `SIGN_IN_FAILED` `PROVIDER_JOURNEY`.
 */
export async function takeSessionOver(
  outside: Outside,
  caller: Caller,
  { code, verifier }: { readonly code: string; readonly verifier: string },
): Promise<{ readonly token: string; readonly needsCode: boolean }> {
  const handed = outside.signOn?.takeOver(code) ?? null;
  const shown = createHash('sha256').update(verifier).digest('base64url');
  if (handed === null || handed.challenge !== shown || handed.endsAt <= outside.clock().getTime())
    throw failed('PROVIDER_JOURNEY');
  const there = await outside.schools.of(handed.schoolId);
  const session = await findSession(there, handed.token);
  if (session === null) throw failed('PROVIDER_JOURNEY');
  const token = await there.database.transact(caller, async (tx) => {
    const used = { challengeDigest: digestToken(code), challengeEndsAt: new Date(handed.endsAt) };
    if (!(await useChallenge(tx, used))) throw failed('PROVIDER_JOURNEY');
    return renewToken(tx, session.id);
  });
  const factors = await factorsOf(there.database.read, session.userId);
  return { token, needsCode: session.factor === 'provider' && hasFactor(factors) };
}
