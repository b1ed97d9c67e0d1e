import type { Actor, Factor, Id, Scope } from '../../domain/ids.ts';
import { digestToken } from '../core/token.ts';
import type { Outside } from '../ports/outside.ts';
import { needsSecondFactor, secondFactorRoles } from './factors.ts';
import { findSession } from './find-session.ts';
import { getPerson, type Person } from './person.ts';
import type { Presented } from './sign-in.ts';

/** Who is asking, as the route table needs to know it. */
export interface SignedIn {
  readonly person: Person;
  readonly actor: Actor & { kind: 'staff' };
  readonly sessionId: string | null;
  readonly tokenId: Id | null;
  /** When they last showed who they are; null for an API token, which cannot. */
  readonly confirmedAt: Date | null;
  /** Beside the provider, a confirmation takes a code of a factor that is set up here. */
  readonly codeBesideProvider: boolean;
  /** Roles ask for a second factor and there is none: only its set-up is open. Policy P9. */
  readonly secondFactorMissing: boolean;
}

/** Who is asking where an API token will not do. */
export interface InSession extends SignedIn {
  readonly sessionId: string;
}

/** Who stands behind a request: an API token or a session; null: nobody. */
export async function findSignedIn(
  outside: Pick<Outside, 'database' | 'clock' | 'settings'>,
  { apiToken, sessionToken }: Presented,
): Promise<SignedIn | null> {
  const { database, clock } = outside;
  if (apiToken !== null) {
    const token = await database.read.apiToken.findUnique({ where: { tokenDigest: digestToken(apiToken) } });
    if (!token || token.revokedAt !== null || token.expiresAt <= clock()) return null;
    if (!token.lastUsedAt || clock().getTime() - token.lastUsedAt.getTime() > 60_000)
      await database.read.apiToken.update({ where: { id: token.id }, data: { lastUsedAt: clock() } });
    const through = { sessionId: null, tokenId: token.id, confirmedAt: null, factor: null };
    return toSignedIn(database, token.userId, token.scopes, through);
  }
  const session = sessionToken === null ? null : await findSession(outside, sessionToken);
  if (session === null) return null;
  const { factor, confirmedAt } = session;
  const through = { sessionId: session.id, tokenId: null, confirmedAt, factor };
  const found = await toSignedIn(database, session.userId, null, through);
  // Opened with a password alone, before there was a second factor: somebody else may have set that up. One that the provider
  // opened by one factor waits for the other one (`finish-provider-sign-in.ts`).
  return found?.person.secondFactor && isOneFactor(factor) ? null : found;
}

const isOneFactor = (factor: Factor): boolean => factor === 'password' || factor === 'provider';

async function toSignedIn(
  database: Outside['database'],
  userId: Id,
  scopes: Scope[] | null,
  { factor, ...through }: Pick<SignedIn, 'sessionId' | 'tokenId' | 'confirmedAt'> & { factor: Factor | null },
): Promise<SignedIn | null> {
  const person = await getPerson(database, userId);
  if (person.disabledAt !== null) return null;
  // The provider asked for both; a token of whom it keeps was issued in such a session.
  const isProven = factor === 'provider_mfa' || (factor === null && person.ofProvider) || person.isEmergency;
  const secondFactorMissing =
    !isProven && !person.secondFactor && needsSecondFactor(person.roles, await secondFactorRoles(database.read));
  return {
    person,
    actor: { kind: 'staff', id: person.id, roles: person.roles, scopes },
    secondFactorMissing,
    codeBesideProvider: person.ofProvider && person.secondFactor && factor !== 'provider_mfa',
    ...through,
  };
}
