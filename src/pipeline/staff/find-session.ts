import type { Factor, Id } from '../../domain/ids.ts';
import { digestToken } from '../core/token.ts';
import type { Outside } from '../ports/outside.ts';

type Needs = Pick<Outside, 'database' | 'clock'>;

/** Use moves the idle timeout of a session on, once a minute at most: not every request is worth a write. */
const noticeUseMs = 60_000;

/** Whether use of a session that was last noticed at `seenAt` is to be noticed again. */
export const isUseDue = ({ clock }: Pick<Outside, 'clock'>, seenAt: Date): boolean =>
  clock().getTime() - seenAt.getTime() >= noticeUseMs;

/** The session behind a token, which this use keeps alive; null when there is none any more. */
export async function findSession(
  { database, clock, settings }: Needs & Pick<Outside, 'settings'>,
  token: string,
): Promise<{ readonly id: Id; readonly userId: Id; readonly confirmedAt: Date; readonly factor: Factor } | null> {
  const now = clock();
  const found = await database.read.session.findUnique({ where: { tokenDigest: digestToken(token) } });
  if (!found || found.expiresAt <= now || found.endsAt <= now) return null;
  if (isUseDue({ clock }, found.seenAt)) await useSession({ database, clock, settings }, found.id);
  return found;
}

/** A session is being used: its idle timeout moves on, up to its absolute timeout. One that has ended stays ended. */
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
