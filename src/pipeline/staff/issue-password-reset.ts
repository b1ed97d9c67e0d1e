import { randomBytes } from 'node:crypto';
import type { Id } from '../../domain/ids.ts';
import { assertStillActing } from '../core/still-acting.ts';
import { digestToken } from '../core/token.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';

type Needs = Pick<Outside, 'database' | 'clock' | 'settings'>;

export const minuteMs = 60_000;
/** A link that somebody asked for themselves, and one that an administrator hands over. */
const ownMs = 30 * minuteMs;
const handedOverMs = 24 * 60 * minuteMs;
/** Maximum number of mails to one person in an hour, regardless of who asks. */
export const mostAnHour = 5;

export async function issue(
  { database, clock, settings }: Needs,
  caller: Caller,
  user: { id: Id },
  sentById: Id | null,
): Promise<string> {
  const token = randomBytes(32).toString('base64url');
  const now = clock();
  await database.transact(caller, async (tx) => {
    await assertStillActing(tx, caller);
    await tx.db.passwordReset.create({
      data: {
        userId: user.id,
        tokenDigest: digestToken(token),
        sentById,
        createdAt: now,
        expiresAt: new Date(now.getTime() + (sentById === null ? ownMs : handedOverMs)),
      },
    });
    await tx.log({
      action: 'staff.password_reset_issued',
      outcome: 'done',
      object: { kind: 'staff', id: user.id },
      details: { by: settings.sendsMail ? 'mail' : 'hand' },
    });
  });
  return `${settings.baseUrl()}/#new-password=${token}`;
}
