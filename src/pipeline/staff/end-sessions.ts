import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import { mustHave } from '../../domain/must-have.ts';
import type { Caller } from '../ports/caller.ts';
import type { Transaction } from '../ports/database.ts';
import type { Outside } from '../ports/outside.ts';

type Needs = Pick<Outside, 'database' | 'clock'>;

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
  return (await endEverywhere(tx, userId, exceptSessionId, null)).sessions;
}

/** Everything that was signed in with the previous credentials ends: other sessions and every API token. */
export async function endAccess(
  tx: Transaction,
  userId: Id,
  at: Date,
  exceptSessionId: Id | null = null,
): Promise<{ sessions: number; tokens: number }> {
  return endEverywhere(tx, userId, exceptSessionId, at);
}

/** In every school that the account belongs to: what changed is the account's. */
async function endEverywhere(
  { db }: Transaction,
  userId: Id,
  exceptSessionId: Id | null,
  tokensAt: Date | null,
): Promise<{ sessions: number; tokens: number }> {
  const rows = await db.$queryRaw<{ sessions: bigint; tokens: bigint }[]>`
    SELECT * FROM end_access_of_account(${userId}, ${exceptSessionId}::uuid, ${tokensAt}::timestamptz)`;
  const { sessions, tokens } = mustHave(rows[0], 'what ended');
  return { sessions: Number(sessions), tokens: Number(tokens) };
}
