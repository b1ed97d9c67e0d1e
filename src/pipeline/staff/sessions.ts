import { randomBytes } from 'node:crypto';
import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import { staffIdOf } from '../lesson/lessons.ts';
import type { Caller, Outside, Transaction } from '../ports.ts';
import { digestToken } from '../release/release-recording.ts';

type Needs = Pick<Outside, 'database' | 'clock'>;

/** How a session began: what its owner showed beside, or in place of, a password. */
export type Factor = 'password' | 'authenticator' | 'backup_code' | 'passkey';

/** A session that was opened now; the token is returned once, only its digest is kept. */
export interface NewSession {
  readonly id: Id;
  readonly token: string;
  readonly userId: Id;
}

/** A use moves the end of a session on, once a minute at most: not every request is worth a write. */
const noticeUseMs = 60_000;

/** Opens a session in the transaction that says so on the log. Policy P10; ASVS 5.0, 7.2 and 7.3. */
export async function openSession(
  tx: Transaction,
  { clock, settings }: Pick<Outside, 'clock' | 'settings'>,
  { userId, factor, userAgent }: { userId: Id; factor: Factor; userAgent: string | null },
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
      confirmedAt: now,
      endsAt,
      expiresAt: new Date(Math.min(endsAt.getTime(), now.getTime() + settings.sessionIdleMs)),
    },
  });
  return { id, token, userId };
}

/**
 * Whoever shows again who they are goes on under a new token, and the one of before is worth nothing (ASVS 5.0, 7.2.4).
 * @throws Refusal `NOT_SIGNED_IN` when the session has ended meanwhile.
 */
export async function renewToken(
  tx: Transaction,
  sessionId: Id,
  change: { confirmedAt?: Date; factor?: Factor } = {},
): Promise<string> {
  const token = randomBytes(32).toString('base64url');
  const { count } = await tx.db.session.updateMany({
    where: { id: sessionId },
    data: { ...change, tokenDigest: digestToken(token) },
  });
  if (count === 0) throw new Refusal('NOT_SIGNED_IN');
  return token;
}

/** The session behind a token, which this use keeps alive; null when there is none any more. */
export async function findSession(
  { database, clock, settings }: Needs & Pick<Outside, 'settings'>,
  token: string,
): Promise<{ readonly id: Id; readonly userId: Id; readonly confirmedAt: Date; readonly factor: string } | null> {
  const now = clock();
  const found = await database.read.session.findUnique({ where: { tokenDigest: digestToken(token) } });
  if (!found || found.expiresAt <= now || found.endsAt <= now) return null;
  if (now.getTime() - found.seenAt.getTime() >= noticeUseMs) await useSession({ database, clock, settings }, found.id);
  return found;
}

/** A session is being used: its end without use moves on, up to its absolute end. One that has ended stays ended. */
export async function useSession(
  { database, clock, settings }: Needs & Pick<Outside, 'settings'>,
  sessionId: Id,
): Promise<void> {
  const now = clock();
  const idleEnd = new Date(now.getTime() + settings.sessionIdleMs);
  await database.read.$executeRaw`
    UPDATE session SET "seenAt" = ${now}, "expiresAt" = least("endsAt", ${idleEnd})
    WHERE id = ${sessionId}::uuid AND "expiresAt" > ${now} AND "seenAt" <= ${new Date(now.getTime() - noticeUseMs)}`;
}

/** Sessions of one person that are open, newest first. @throws Refusal `NOT_FOUND` for a person who is not there. */
export async function listSessionsOf({ database, clock }: Needs, userId: Id) {
  if ((await database.read.user.count({ where: { id: userId } })) === 0) throw new Refusal('NOT_FOUND');
  return database.read.session.findMany({
    where: { userId, expiresAt: { gt: clock() } },
    orderBy: { createdAt: 'desc' },
    take: 200,
  });
}

/** The caller's own session ends. */
export async function signOut({ database }: Needs, caller: Caller, sessionId: Id | null): Promise<void> {
  const userId = staffIdOf(caller);
  await database.transact(caller, async (tx) => {
    if (sessionId !== null) await tx.db.session.deleteMany({ where: { id: sessionId, userId } });
    await tx.log({ action: 'staff.signed_out', outcome: 'done', object: { kind: 'staff', id: userId } });
  });
}

/** Ends one session of a person, or all of them. @throws Refusal `NOT_FOUND` when there is no such person or session. */
export async function endSessionsOf(
  { database }: Needs,
  caller: Caller,
  { userId, sessionId }: { userId: Id; sessionId?: Id },
): Promise<void> {
  await database.transact(caller, async (tx) => {
    if ((await tx.db.user.count({ where: { id: userId } })) === 0) throw new Refusal('NOT_FOUND');
    const { count } = await tx.db.session.deleteMany({
      where: { userId, ...(sessionId === undefined ? {} : { id: sessionId }) },
    });
    if (count === 0 && sessionId !== undefined) throw new Refusal('NOT_FOUND');
    await tx.log({
      action: 'staff.session_revoked',
      outcome: 'done',
      object: sessionId === undefined ? { kind: 'staff', id: userId } : { kind: 'session', id: sessionId },
      details: { owner: { person: 'staff', id: userId }, sessions: count },
    });
  });
}

/** A second factor was set up, changed or removed: sessions that were opened without it, or with another, end. */
export async function endOtherSessions(tx: Transaction, userId: Id, exceptSessionId: Id | null): Promise<number> {
  const { count } = await tx.db.session.deleteMany({
    where: { userId, ...(exceptSessionId === null ? {} : { id: { not: exceptSessionId } }) },
  });
  return count;
}

/** Whatever was signed in with the credentials of before: other sessions and every API token end. */
export async function endAccess(
  tx: Transaction,
  userId: Id,
  at: Date,
  exceptSessionId: Id | null = null,
): Promise<{ sessions: number; tokens: number }> {
  const sessions = await endOtherSessions(tx, userId, exceptSessionId);
  const tokens = await tx.db.apiToken.updateMany({ where: { userId, revokedAt: null }, data: { revokedAt: at } });
  return { sessions, tokens: tokens.count };
}

/** Rows that no one can use any more go. Run by the clock. */
export async function pruneCredentials({ database, clock }: Needs): Promise<void> {
  const now = clock();
  const dayAgo = new Date(now.getTime() - 24 * 60 * 60_000);
  await database.read.session.deleteMany({ where: { expiresAt: { lt: now } } });
  await database.read.usedChallenge.deleteMany({ where: { expiresAt: { lt: now } } });
  await database.read.passwordReset.deleteMany({ where: { expiresAt: { lt: dayAgo } } });
  await database.read.factorReset.deleteMany({ where: { expiresAt: { lt: dayAgo } } });
}
