import type { Caller } from '../ports/caller.ts';
import type { Jobs } from '../ports/database.ts';
import type { Outside } from '../ports/outside.ts';
import { issue, minuteMs, mostAnHour } from './issue-password-reset.ts';
import { whyNoOwnPassword } from './own-password.ts';

type Needs = Pick<Outside, 'database' | 'clock' | 'settings'>;

/** The job: makes the link and hands it to the mail server, so that no queue ever holds it. */
export async function mailPasswordReset(
  outside: Needs,
  mailer: { send(mail: Jobs['send-mail']): Promise<void> },
  { email, sentById }: Jobs['send-password-reset'],
): Promise<void> {
  const { database, clock } = outside;
  const user = await database.read.user.findFirst({ where: { account: { email } } });
  if (!user || user.disabledAt !== null || (await whyNoOwnPassword(database.read, user.id)) !== null) return;
  const hourAgo = new Date(clock().getTime() - 60 * minuteMs);
  const sent = await database.read.passwordReset.count({ where: { userId: user.id, createdAt: { gt: hourAgo } } });
  if (sent >= mostAnHour) return;
  const caller: Caller = { actor: { kind: 'system', id: 'mail' } };
  const url = await issue(outside, caller, user, sentById);
  const { language } = user;
  await mailer.send({ to: email, language, mail: { kind: 'password_reset', url } });
}
