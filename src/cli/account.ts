import { createClient } from '../client/api-client.ts';
import { textsIn } from '../language/catalogue.ts';
import { type CommandLine, UsageError } from './command-line.ts';
import { formatTime, table } from './format.ts';
import { openSession, readPassword, type SignInOptions } from './open-session.ts';
import { askHidden } from './terminal.ts';

export function accountCommands(cli: CommandLine): void {
  const { language, terminal } = cli;
  const t = textsIn(language).cli.account;
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
      const token = link.replace(/^.*#new-password=/s, '');
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
  const t = textsIn(cli.language).cli.account;
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
