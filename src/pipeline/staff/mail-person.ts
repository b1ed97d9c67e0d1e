import type { Id } from '../../domain/ids.ts';
import type { AccountNotice } from '../../domain/mail.ts';
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
  const { email, language } = await tx.db.user.findUniqueOrThrow({ where: { id: userId } });
  const at = `${clock().toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  await tx.enqueue('send-mail', {
    to: email,
    language,
    mail: { kind: 'account', notice, at, url: settings.baseUrl() },
  });
}
