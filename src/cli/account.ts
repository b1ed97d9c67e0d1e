import { createClient } from '../client/api-client.ts';
import { type CommandLine, UsageError } from './command-line.ts';
import { formatTime, table } from './format.ts';
import { pick } from './language.ts';
import { openSession, readPassword, type SignInOptions } from './open-session.ts';
import { askHidden } from './terminal.ts';

const words = {
  account: {
    en: 'your own account: password, backup codes, sessions',
    tr: 'kendi hesabınız: parola, yedek kodlar, oturumlar',
  },
  password: {
    en: 'change your password; other sessions and every API token end',
    tr: 'parolanızı değiştirin; diğer oturumlar ve bütün API anahtarları sona erer',
  },
  forgot: {
    en: 'have a link to a new password sent by mail',
    tr: 'yeni parola bağlantısının e-postayla gelmesini isteyin',
  },
  newPassword: {
    en: 'choose a new password by the link from the mail',
    tr: 'e-postadaki bağlantıyla yeni parola seçin',
  },
  sessions: { en: 'your open sessions', tr: 'açık oturumlarınız' },
  end: { en: 'end one of your sessions', tr: 'oturumlarınızdan birini sonlandırın' },
  backup: {
    en: 'make new backup codes; older ones no longer work',
    tr: 'yeni yedek kodlar üretin; eskileri artık geçmez',
  },
  emailOption: { en: 'e-mail address', tr: 'e-posta adresi' },
  passwordFile: { en: 'read the password from a file; - for the input', tr: 'parolayı dosyadan oku; - girdiden okur' },
  newPasswordFile: { en: 'read the new password from a file', tr: 'yeni parolayı dosyadan oku' },
  code: { en: 'six digits of the authenticator', tr: 'doğrulama uygulamasındaki altı hane' },
  askNew: {
    en: 'New password, at least 12 characters (not shown): ',
    tr: 'Yeni parola, en az 12 karakter (gösterilmez): ',
  },
  askAgain: { en: 'Once more: ', tr: 'Bir kez daha: ' },
  different: { en: 'The two passwords differ.', tr: 'İki parola aynı değil.' },
  needNew: { en: 'Give --new-password-file FILE.', tr: '--new-password-file DOSYA verin.' },
  changed: {
    en: 'The password is changed; sign in again on this computer: emanet sign-in',
    tr: 'Parola değişti; bu bilgisayarda yeniden oturum açın: emanet sign-in',
  },
  sent: {
    en: 'If there is an account with this address, the link arrives within a few minutes.',
    tr: 'Bu adresle bir hesap varsa bağlantı birkaç dakika içinde gelir.',
  },
  chosen: { en: 'The new password counts. Now: emanet sign-in', tr: 'Yeni parola geçerli. Şimdi: emanet sign-in' },
  ended: { en: 'The session has ended.', tr: 'Oturum sona erdi.' },
  keep: {
    en: 'Keep these backup codes in a safe place; each works once, and they are not shown again:',
    tr: 'Bu yedek kodları güvenli bir yerde saklayın; her biri bir kez geçer ve yeniden gösterilmez:',
  },
  device: { en: 'Device', tr: 'Cihaz' },
  opened: { en: 'Opened', tr: 'Açılış' },
  seen: { en: 'Last used', tr: 'Son kullanım' },
  ends: { en: 'Ends', tr: 'Bitiş' },
};

export function accountCommands(cli: CommandLine): void {
  const { language, terminal } = cli;
  const t = pick(words, language);
  const account = cli.program.command('account').description(t.account);

  const chooseNew = async (file: string | undefined) => {
    const chosen = await readPassword(terminal, file, t.askNew, t.needNew);
    if (!file && (await askHidden(terminal, t.askAgain)) !== chosen) throw new UsageError(t.different);
    return chosen;
  };

  account
    .command('password')
    .description(t.password)
    .option('--email <address>', t.emailOption)
    .option('--password-file <file>', t.passwordFile)
    .option('--new-password-file <file>', t.newPasswordFile)
    .option('--code <digits>', t.code)
    .action(async (options: SignInOptions & { newPasswordFile?: string }) => {
      const { client, password } = await openSession(cli, options);
      try {
        const newPassword = await chooseNew(options.newPasswordFile);
        await client.call('changePassword', { body: { password, newPassword } });
        cli.show({ changed: true }, () => t.changed);
      } finally {
        await client.call('signOut');
      }
    });

  account
    .command('forgot <email>')
    .description(t.forgot)
    .action(async (email: string) => {
      await createClient({ baseUrl: await cli.serverUrl(), language }).call('askForPasswordReset', { body: { email } });
      cli.show({ asked: true }, () => t.sent);
    });

  account
    .command('new-password <link>')
    .description(t.newPassword)
    .option('--new-password-file <file>', t.newPasswordFile)
    .action(async (link: string, options: { newPasswordFile?: string }) => {
      const token = link.split('#new-password=').at(-1)!;
      const password = await chooseNew(options.newPasswordFile);
      const client = createClient({ baseUrl: await cli.serverUrl(), language });
      await client.call('finishPasswordReset', { body: { token, password } });
      cli.show({ changed: true }, () => t.chosen);
    });

  account
    .command('backup-codes')
    .description(t.backup)
    .action(async () => {
      const made = await (await cli.client()).call('renewBackupCodes');
      cli.show(made, ({ backupCodes }) => [t.keep, ...backupCodes.map((code) => `  ${code}`)].join('\n'));
    });

  account
    .command('sessions')
    .description(t.sessions)
    .action(async () => showSessions(cli, await (await cli.client()).call('listSessions')));

  account
    .command('end-session <id>')
    .description(t.end)
    .action(async (sessionId: string) => {
      await (await cli.client()).call('revokeSession', { params: { sessionId } });
      cli.show({ ended: true }, () => t.ended);
    });
}

interface Sessions {
  readonly items: readonly {
    readonly id: string;
    readonly userAgent: string | null;
    readonly createdAt: string;
    readonly seenAt: string;
    readonly expiresAt: string;
  }[];
}

/** Open sessions as a table, newest first. */
export function showSessions(cli: CommandLine, sessions: Sessions): void {
  const t = pick(words, cli.language);
  cli.show(sessions, ({ items }) =>
    table(
      ['ID', t.device, t.opened, t.seen, t.ends],
      items.map((one) => [
        one.id,
        one.userAgent?.slice(0, 40) ?? null,
        formatTime(one.createdAt),
        formatTime(one.seenAt),
        formatTime(one.expiresAt),
      ]),
    ),
  );
}
