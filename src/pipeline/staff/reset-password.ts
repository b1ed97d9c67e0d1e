import { createHash, randomBytes } from 'node:crypto';
import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import { staffIdOf } from '../lesson/lessons.ts';
import type { Caller, Jobs, Outside } from '../ports.ts';
import { digestToken } from '../release/release-recording.ts';
import { forgetAttempts } from './attempts.ts';
import { choosePassword } from './choose-password.ts';
import { mailPerson } from './mail-person.ts';
import { endAccess } from './sessions.ts';
import { assertStillActing } from './still-acting.ts';

type Needs = Pick<Outside, 'database' | 'clock' | 'settings'>;

const minuteMs = 60_000;
/** A link that somebody asked for themselves, and one that an administrator hands over. */
const ownMs = 30 * minuteMs;
const handedOverMs = 24 * 60 * minuteMs;
/** Mails of one hour to one person, whoever asks for them. */
const mostAnHour = 5;

/**
 * Somebody forgot a password. One answer, and the same work, whether or not an account has the address: a job looks.
 * @throws Refusal `WRONG_STATE` where there is no mail server, which says nothing of any account.
 */
export async function askForPasswordReset({ database, settings }: Needs, caller: Caller, email: string): Promise<void> {
  if (!settings.sendsMail)
    throw new Refusal('WRONG_STATE', {
      reasons: [
        {
          code: 'NO_MAIL_SERVER',
          tr: 'Bu sunucu e-posta göndermiyor. Okulunuzun yöneticisinden yeni bir parola bağlantısı isteyin.',
          en: 'This server sends no mail. Ask your school’s administrator for a link to a new password.',
        },
      ],
    });
  const key = `reset:${createHash('sha256').update(email.toLowerCase()).digest('hex')}`;
  await database.transact(caller, (tx) =>
    tx.enqueue('send-password-reset', { email: email.toLowerCase(), sentById: null }, { key }),
  );
}

/**
 * An administrator sends somebody a link to a new password, and does not learn that password. With a mail server the link
 * goes to the person alone; without one it is returned, once, to be handed over (the second factor still has to be theirs).
 * @throws Refusal `NOT_FOUND`; `WRONG_STATE` for a disabled account.
 */
export async function sendPasswordReset(outside: Needs, caller: Caller, userId: Id): Promise<{ url: string | null }> {
  const { database, settings } = outside;
  const user = await database.read.user.findUnique({ where: { id: userId } });
  if (!user) throw new Refusal('NOT_FOUND');
  if (user.disabledAt !== null) throw new Refusal('WRONG_STATE');
  const sentById = staffIdOf(caller);
  if (settings.sendsMail) {
    await database.transact(caller, async (tx) => {
      await assertStillActing(tx, caller);
      await tx.enqueue('send-password-reset', { email: user.email, sentById }, { key: `reset:${userId}` });
      await tx.log({
        action: 'staff.password_reset_asked',
        outcome: 'done',
        object: { kind: 'staff', id: userId },
        details: { by: 'mail' },
      });
    });
    return { url: null };
  }
  return { url: await issue(outside, caller, user, sentById) };
}

/** The job: makes the link and hands it to the mail server, so that no queue ever holds it. */
export async function mailPasswordReset(
  outside: Needs,
  mailer: { send(mail: Jobs['send-mail']): Promise<void> },
  { email, sentById }: Jobs['send-password-reset'],
): Promise<void> {
  const { database, clock } = outside;
  const user = await database.read.user.findUnique({ where: { email } });
  if (!user || user.disabledAt !== null) return;
  const hourAgo = new Date(clock().getTime() - 60 * minuteMs);
  const sent = await database.read.passwordReset.count({ where: { userId: user.id, createdAt: { gt: hourAgo } } });
  if (sent >= mostAnHour) return;
  const caller: Caller = { actor: { kind: 'system', id: 'mail' } };
  const url = await issue(outside, caller, user, sentById);
  const text =
    user.language === 'en'
      ? `Somebody asked for a new password for your account at Emanet. To choose one:\n\n${url}\n\nThe link works once. If you did not ask for it, do nothing: your password stays as it is.\n`
      : `Emanet hesabınız için yeni bir parola istendi. Seçmek için:\n\n${url}\n\nBağlantı bir kez çalışır. Siz istemediyseniz bir şey yapmayın: parolanız olduğu gibi kalır.\n`;
  await mailer.send({
    to: email,
    subject: user.language === 'en' ? 'Emanet: new password' : 'Emanet: yeni parola',
    text,
  });
}

async function issue(
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

/**
 * Chooses a password by a link, once. Sessions, tokens and other such links end; the second factor stays: whoever has the
 * mail alone does not get in. Nothing is hashed for a link that is not valid.
 * @throws Refusal `LINK_NOT_VALID`; `INVALID_REQUEST` for a password that is not good enough, and the link goes on working.
 */
export async function finishPasswordReset(
  outside: Needs & Pick<Outside, 'credentials'>,
  caller: Caller,
  input: { token: string; password: string },
): Promise<void> {
  const { database, clock } = outside;
  const tokenDigest = digestToken(input.token);
  const open = () => ({ tokenDigest, usedAt: null, expiresAt: { gt: clock() } });
  const reset = await database.read.passwordReset.findFirst({ where: open(), include: { user: true } });
  if (!reset || reset.user.disabledAt !== null) throw new Refusal('LINK_NOT_VALID');
  const hash = await choosePassword(outside, input.password, reset.user);
  const { userId } = reset;
  const self: Caller = { ...caller, actor: { kind: 'staff', id: userId, roles: [], scopes: null } };
  await database.transact(self, async (tx) => {
    const { count } = await tx.db.passwordReset.updateMany({ where: open(), data: { usedAt: clock() } });
    if (count === 0) throw new Refusal('LINK_NOT_VALID');
    await tx.db.passwordReset.updateMany({ where: { userId, usedAt: null }, data: { usedAt: clock() } });
    await tx.db.password.upsert({
      where: { userId },
      create: { userId, hash, changedAt: clock() },
      update: { hash, changedAt: clock() },
    });
    await forgetAttempts(tx, reset.user.email);
    const ended = await endAccess(tx, userId, clock());
    await tx.log({
      action: 'staff.password_reset',
      outcome: 'done',
      object: { kind: 'staff', id: userId },
      details: ended,
    });
    await mailPerson(outside, tx, userId, 'password_changed');
  });
}
