import type { Id } from '../../domain/ids.ts';
import type { Transaction } from '../ports/database.ts';
import type { Outside } from '../ports/outside.ts';

/** What a person is told by mail about their own account, so that a change that is not theirs is noticed. */
export type Notice =
  | 'locked'
  | 'password_changed'
  | 'authenticator_set'
  | 'authenticator_removed'
  | 'backup_codes_made'
  | 'backup_code_used'
  | 'passkey_added'
  | 'passkey_removed'
  | 'factor_reset_asked'
  | 'factor_reset'
  | 'roles_changed';

const notices: Readonly<Record<Notice, { readonly tr: string; readonly en: string }>> = {
  locked: {
    tr: 'Hesabınız için art arda yanlış parola ya da kod girildi; oturum açma 15 dakika kapatıldı.',
    en: 'Wrong passwords or codes were entered for your account several times; sign-in is closed for 15 minutes.',
  },
  password_changed: {
    tr: 'Hesabınızın parolası değişti. Diğer oturumlar ve API anahtarları sona erdi.',
    en: 'The password of your account was changed. Other sessions and API tokens have ended.',
  },
  authenticator_set: {
    tr: 'Hesabınız için doğrulama uygulaması kuruldu.',
    en: 'An authenticator app was set up for your account.',
  },
  authenticator_removed: {
    tr: 'Hesabınızın doğrulama uygulaması kaldırıldı.',
    en: 'The authenticator app of your account was removed.',
  },
  backup_codes_made: {
    tr: 'Hesabınız için yeni yedek kodlar üretildi; eskileri artık geçmez.',
    en: 'New backup codes were made for your account; older ones no longer work.',
  },
  backup_code_used: {
    tr: 'Hesabınızda bir yedek kodla oturum açıldı.',
    en: 'Somebody signed in to your account with a backup code.',
  },
  passkey_added: { tr: 'Hesabınıza bir geçiş anahtarı eklendi.', en: 'A passkey was added to your account.' },
  passkey_removed: { tr: 'Hesabınızdan bir geçiş anahtarı silindi.', en: 'A passkey was removed from your account.' },
  factor_reset_asked: {
    tr: 'Bir yönetici, ikinci doğrulama adımınızın sıfırlanmasını istedi. Başka bir yönetici onaylarsa yeniden kurarsınız.',
    en: 'An administrator asked to reset your second factor. If another administrator confirms, you set it up again.',
  },
  factor_reset: {
    tr: 'İkinci doğrulama adımınız sıfırlandı. Bütün oturumlarınız ve API anahtarlarınız sona erdi.',
    en: 'Your second factor was reset. All your sessions and API tokens have ended.',
  },
  roles_changed: { tr: 'Hesabınızın görevleri değişti.', en: 'The roles of your account were changed.' },
};

const unlessYou = {
  tr: 'Bunu siz yapmadıysanız ya da istemediyseniz hemen okulunuzun yöneticisine haber verin.',
  en: 'If this was not you, or not what you wanted, tell your school’s administrator at once.',
};

/** Queues the mail with the change that it tells of. Without a mail server there is none. */
export async function mailPerson(
  {
    settings,
    clock,
  }: Pick<Outside, 'clock'> & { readonly settings: Pick<Outside['settings'], 'sendsMail' | 'baseUrl'> },
  tx: Transaction,
  userId: Id,
  notice: Notice,
): Promise<void> {
  if (!settings.sendsMail) return;
  const { email, language } = await tx.db.user.findUniqueOrThrow({ where: { id: userId } });
  const words = language === 'en' ? 'en' : 'tr';
  const at = `${clock().toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  await tx.enqueue('send-mail', {
    to: email,
    subject: words === 'en' ? 'Emanet: your account' : 'Emanet: hesabınız',
    text: `${at}\n\n${notices[notice][words]}\n\n${unlessYou[words]}\n\n${settings.baseUrl()}\n`,
  });
}
