import { randomBytes } from 'node:crypto';
import { Refusal } from '../../domain/errors.ts';
import type { Factor, Id } from '../../domain/ids.ts';
import { digestToken } from '../core/token.ts';
import type { Transaction } from '../ports/database.ts';
import type { Outside } from '../ports/outside.ts';

/** A session that was opened now; the token is returned once, only its digest is kept. */
export interface NewSession {
  readonly id: Id;
  readonly token: string;
  readonly userId: Id;
}

/** Opens a session in the transaction that says so on the log. Policy P10; ASVS 5.0, 7.2 and 7.3. */
export async function openSession(
  tx: Transaction,
  { clock, settings }: Pick<Outside, 'clock' | 'settings'>,
  {
    userId,
    factor,
    userAgent,
    provider,
  }: {
    userId: Id;
    factor: Factor;
    userAgent: string | null;
    /** Where the provider knows who it is: its session, and when the person last signed in there. */
    provider?: { readonly sessionId: string | null; readonly authenticatedAt: Date | null };
  },
): Promise<NewSession> {
  const token = randomBytes(32).toString('base64url');
  const now = clock();
  const endsAt = new Date(now.getTime() + settings.sessionMs);
  const { id } = await tx.db.session.create({
    data: {
      tokenDigest: digestToken(token),
      userId,
      factor,
      userAgent: userAgent?.slice(0, 200) ?? null,
      createdAt: now,
      seenAt: now,
      confirmedAt: provider ? earliest(provider.authenticatedAt ?? new Date(0), now) : now,
      providerSessionId: provider?.sessionId ?? null,
      endsAt,
      expiresAt: new Date(Math.min(endsAt.getTime(), now.getTime() + settings.sessionIdleMs)),
    },
  });
  return { id, token, userId };
}

const earliest = (a: Date, b: Date) => (a < b ? a : b);

/**
 * A person who proves their identity again gets a new token; the previous one is worth nothing (ASVS 5.0, 7.2.4).
 * @throws Refusal `NOT_SIGNED_IN` when the session has ended meanwhile.
 */
export async function renewToken(
  tx: Transaction,
  sessionId: Id,
  change: { confirmedAt?: Date; provedAt?: Date; factor?: Factor } = {},
): Promise<string> {
  const token = randomBytes(32).toString('base64url');
  const { count } = await tx.db.session.updateMany({
    where: { id: sessionId },
    data: { ...change, tokenDigest: digestToken(token) },
  });
  if (count === 0) throw new Refusal('NOT_SIGNED_IN');
  return token;
}
