import type { StaffRole } from '../../domain/ids.ts';
import type { Mail } from '../../domain/mail.ts';
import type { Transaction } from '../ports/database.ts';
import type { Outside } from '../ports/outside.ts';

/** Queues one mail for everybody with an open account and one of these roles, in their language. Without a mail server: none. */
export async function mailRoles(
  { settings }: { readonly settings: Pick<Outside['settings'], 'sendsMail'> },
  tx: Transaction,
  roles: readonly StaffRole[],
  mail: Mail,
): Promise<void> {
  if (!settings.sendsMail) return;
  const people = await tx.db.user.findMany({
    where: { roles: { hasSome: [...roles] }, disabledAt: null, emergencyAt: null },
    select: { account: { select: { email: true } }, language: true },
  });
  for (const { account, language } of people) await tx.enqueue('send-mail', { to: account.email, language, mail });
}

export const mailAdministrators = (
  outside: { readonly settings: Pick<Outside['settings'], 'sendsMail'> },
  tx: Transaction,
  mail: Mail,
): Promise<void> => mailRoles(outside, tx, ['administrator'], mail);
