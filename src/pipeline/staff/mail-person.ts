import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import type { AccountNotice } from '../../domain/mail.ts';
import type { Caller } from '../ports/caller.ts';
import type { Transaction } from '../ports/database.ts';
import type { Outside } from '../ports/outside.ts';

/** Queues the mail with the change that it tells of. Without a mail server there is none. */
export async function mailPerson(
  {
    settings,
    clock,
  }: Pick<Outside, 'clock'> & { readonly settings: Pick<Outside['settings'], 'sendsMail' | 'baseUrl'> },
  tx: Transaction,
  userId: Id,
  notice: AccountNotice,
): Promise<void> {
  if (!settings.sendsMail) return;
  const { email, language, isEmergency } = await addresseeOf(tx, userId);
  if (isEmergency) return; // it has no mailbox
  const at = `${clock().toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  await tx.enqueue('send-mail', {
    to: email,
    language,
    mail: { kind: 'account', notice, at, url: settings.baseUrl() },
  });
}

/** Sends a mail that says nothing but that it came, to see whether the mail server takes it. @throws Refusal `WRONG_STATE` `MAIL_NOT_SET_UP`. */
export async function sendTestMail(
  outside: Pick<Outside, 'database' | 'settings'>,
  caller: Caller,
  userId: Id,
): Promise<void> {
  if (!outside.settings.sendsMail) throw new Refusal('WRONG_STATE', { reasons: [{ code: 'MAIL_NOT_SET_UP' }] });
  await outside.database.transact(caller, async (tx) => {
    const { email, language } = await addresseeOf(tx, userId);
    await tx.enqueue('send-mail', { to: email, language, mail: { kind: 'test', url: outside.settings.baseUrl() } });
  });
}

async function addresseeOf(
  { db }: Transaction,
  userId: Id,
): Promise<{ email: string; language: string; isEmergency: boolean }> {
  const { account, language, emergencyAt } = await db.user.findFirstOrThrow({
    where: { id: userId },
    select: { language: true, emergencyAt: true, account: { select: { email: true } } },
  });
  return { email: account.email, language, isEmergency: emergencyAt !== null };
}
