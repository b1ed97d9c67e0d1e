import { hostname } from 'node:os';
import { type Client, createClient } from '../client/api-client.ts';
import { ApiProblem } from '../client/errors.ts';
import type { Scope } from '../domain/ids.ts';
import { textsIn } from '../language/catalogue.ts';
import { fill } from '../language/fill.ts';
import { type CommandLine, UsageError } from './command-line.ts';
import { findCredentials, forgetCredentials, saveCredentials } from './credentials.ts';
import { formatTime, listing } from './format.ts';
import { openSession, readPassword, type SignInOptions, workIn } from './open-session.ts';
import { openSessionInBrowser } from './open-session-in-browser.ts';
import { ask, askHidden } from './terminal.ts';

export function sessionCommands(cli: CommandLine): void {
  const { program, language, terminal } = cli;
  const {
    labels,
    cli: { session: t },
  } = textsIn(language);

  /** Returns the backup codes, which the server shows only this once. */
  const setUpSecondFactor = async (client: Client): Promise<readonly string[]> => {
    const begun = await client.call('beginSecondFactor');
    const secret = new URL(begun.totpUri).searchParams.get('secret') ?? '';
    terminal.stderr.write(`${fill(t.addThis, { uri: begun.totpUri, secret })}\n`);
    await verifyCode(client, terminal, t.askCode);
    return begun.backupCodes;
  };

  program
    .command('sign-in')
    .description(t.signIn)
    .option('--email <address>', t.emailOption)
    .option('--password-file <file>', t.passwordFile)
    .option('--code <digits>', t.code)
    .option('--browser', t.browserOption)
    .option('--school <name>', t.schoolOption)
    .option('--days <number>', t.days, '90')
    .action(async (options: SignInOptions & { days: string; school?: string; browser?: boolean }) => {
      const { client, session: begun } = options.browser
        ? await openSessionInBrowser(cli, options)
        : await openSession(cli, options);
      try {
        const session = await workIn(client, begun, options.school, t.noSchool);
        if (session.secondFactorMissing) {
          if (terminal.stdin.isTTY !== true) throw new UsageError(t.setUp);
          terminal.stderr.write(`${t.setUpNow}\n`);
          const codes = await setUpSecondFactor(client);
          terminal.stderr.write(`${[t.factorOn, t.backup, ...codes.map((code) => `  ${code}`)].join('\n')}\n`);
        }
        const { person } = session;
        const scopes: Scope[] = person.roles.includes('auditor') ? ['read', 'write', 'audit'] : ['read', 'write'];
        const name = `emanet @ ${hostname()}`.slice(0, 80);
        const issued = await client.call('createToken', { body: { name, scopes, days: Number(options.days) } });
        const path = await saveCredentials(terminal.env, {
          server: client.baseUrl,
          email: person.email,
          token: issued.token,
          tokenId: issued.id,
          expiresAt: issued.expiresAt,
        });
        cli.show({ server: client.baseUrl, person, expiresAt: issued.expiresAt }, () =>
          [
            fill(t.signedIn, { name: person.name, server: client.baseUrl }),
            fill(t.kept, { time: formatTime(issued.expiresAt), path }),
          ].join('\n'),
        );
      } finally {
        await client.call('signOut'); // the token replaces the session
      }
    });

  program
    .command('sign-out')
    .description(t.signOut)
    .action(async () => {
      const saved = await findCredentials(terminal.env);
      if (!saved) return cli.show({ signedOut: false }, () => t.nobody);
      const client = createClient({ baseUrl: saved.server, token: saved.token, language });
      let said = t.signedOut;
      try {
        await client.call('revokeToken', { params: { tokenId: saved.tokenId } });
      } catch (error) {
        if (!(error instanceof ApiProblem) || !['NOT_SIGNED_IN', 'NOT_FOUND'].includes(error.code)) throw error;
        said = t.wasOver;
      }
      await forgetCredentials(terminal.env);
      cli.show({ signedOut: true }, () => said);
    });

  program
    .command('whoami')
    .description(t.whoami)
    .action(async () => {
      const client = await cli.client();
      const session = await client.call('getSession');
      cli.show({ ...session, server: client.baseUrl }, ({ person, scopes, school }) =>
        listing([
          [t.name, person.name],
          [t.email, person.email],
          [t.roles, person.roles.map((role) => labels.staffRole[role]).join(', ')],
          [t.factor, person.secondFactor ? t.yes : t.no],
          [t.scopes, scopes?.map((scope) => labels.scope[scope]).join(', ') ?? null],
          [t.school, school?.name ?? null],
          [t.server, client.baseUrl],
        ]),
      );
    });

  program
    .command('accept-invitation <token>')
    .description(t.accept)
    .option('--password-file <file>', t.passwordFile)
    .addHelpText('after', `\n  <token>: ${t.token}`)
    .action(async (given: string, options: { passwordFile?: string }) => {
      const token = given.replace(/^.*#invitation=/s, '');
      const password = await readPassword(terminal, options.passwordFile, t.askNewPassword, t.needPassword);
      if (!options.passwordFile && (await askHidden(terminal, t.askAgain)) !== password)
        throw new UsageError(t.different);
      const client = createClient({ baseUrl: await cli.serverUrl(), language });
      const person = await client.call('acceptInvitation', { body: { token, password, language } });
      cli.show(person, ({ name }) => fill(t.accepted, { name }));
    });

  program
    .command('second-factor')
    .description(t.second)
    .option('--email <address>', t.emailOption)
    .option('--password-file <file>', t.passwordFile)
    .action(async (options: SignInOptions) => {
      if (terminal.stdin.isTTY !== true) throw new UsageError(t.needCode);
      const { client, session } = await openSession(cli, options);
      try {
        if (session.person.secondFactor) throw new UsageError(t.factorThere);
        const codes = await setUpSecondFactor(client);
        cli.show({ secondFactor: true, backupCodes: codes }, ({ backupCodes }) =>
          [t.factorOn, t.backup, ...backupCodes.map((code) => `  ${code}`)].join('\n'),
        );
      } finally {
        await client.call('signOut');
      }
    });
}

/** Three tries: a code ends after half a minute, often while it is typed. */
async function verifyCode(
  client: ReturnType<typeof createClient>,
  terminal: CommandLine['terminal'],
  question: string,
): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    const code = (await ask(terminal, question)).replaceAll(' ', '');
    try {
      await client.call('verifySecondFactor', { body: { code } });
      return;
    } catch (error) {
      if (!(error instanceof ApiProblem) || error.code !== 'INVALID_REQUEST' || attempt === 3) throw error;
      terminal.stderr.write(`${error.reasons.map((reason) => reason.text).join(' ') || error.title}\n`);
    }
  }
}
