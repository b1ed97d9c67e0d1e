import type { Outside, Transaction } from './ports.ts';

/** Queues one mail for every administrator with an account that is open, in their language. Without a mail server: none. */
export async function mailAdministrators(
  { settings }: { readonly settings: Pick<Outside['settings'], 'sendsMail'> },
  tx: Transaction,
  write: (language: 'tr' | 'en') => { subject: string; text: string },
): Promise<void> {
  if (!settings.sendsMail) return;
  const people = await tx.db.user.findMany({
    where: { roles: { has: 'administrator' }, disabledAt: null },
    select: { email: true, language: true },
  });
  for (const { email, language } of people)
    await tx.enqueue('send-mail', { to: email, ...write(language === 'en' ? 'en' : 'tr') });
}
