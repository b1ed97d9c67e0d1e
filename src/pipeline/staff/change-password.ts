import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';
import { checkPassword } from './check-password.ts';
import { choosePassword } from './choose-password.ts';
import { endAccess } from './end-sessions.ts';
import { evenTime } from './even-time.ts';
import type { InSession } from './find-signed-in.ts';
import { mailPerson } from './mail-person.ts';
import { renewToken } from './open-session.ts';

/**
 * The owner of an account chooses another password. Every other session and every API token ends, and the owner is told by
 * mail. The session goes on under the token that is returned. ASVS 5.0, 6.2.2 and 7.4.3.
 * @throws Refusal `SIGN_IN_FAILED` for a wrong current password, `INVALID_REQUEST` for a new one that is not good enough.
 */
export async function changePassword(
  outside: Pick<Outside, 'database' | 'credentials' | 'clock' | 'settings' | 'tally'>,
  caller: Caller,
  { person, sessionId }: InSession,
  input: { password: string; newPassword: string },
): Promise<{ token: string }> {
  const { attempt } = await evenTime(() =>
    checkPassword(outside, caller, { email: person.email, password: input.password }, 'confirmation'),
  );
  const hash = await choosePassword(outside, input.newPassword, person);
  const token = await outside.database.transact(caller, async (tx) => {
    await attempt.clear(tx);
    await tx.db.password.update({ where: { accountId: person.id }, data: { hash, changedAt: outside.clock() } });
    const ended = await endAccess(tx, person.id, outside.clock(), sessionId);
    await tx.log({
      action: 'staff.password_changed',
      outcome: 'done',
      object: { kind: 'staff', id: person.id },
      details: ended,
    });
    await mailPerson(outside, tx, person.id, 'password_changed');
    return renewToken(tx, sessionId);
  });
  return { token };
}
