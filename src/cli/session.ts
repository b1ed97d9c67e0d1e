import { hostname } from 'node:os';
import { type Client, createClient } from '../client/api-client.ts';
import { ApiProblem } from '../client/errors.ts';
import type { Scope } from '../domain/ids.ts';
import { type CommandLine, UsageError } from './command-line.ts';
import { findCredentials, forgetCredentials, saveCredentials } from './credentials.ts';
import { formatTime, listing } from './format.ts';
import { fill, type Language, pick } from './language.ts';
import { openSession, readPassword, type SignInOptions } from './open-session.ts';
import { ask, askHidden } from './terminal.ts';

const words = {
  signIn: { en: 'sign in on this computer', tr: 'bu bilgisayarda oturum aç' },
  signOut: { en: 'sign out and revoke the token', tr: 'oturumu kapat ve anahtarı iptal et' },
  whoami: { en: 'who is signed in', tr: 'kimin oturumu açık' },
  accept: { en: 'accept an invitation and choose a password', tr: 'bir daveti kabul et ve parola seç' },
  second: { en: 'set up the second factor', tr: 'ikinci doğrulama adımını kur' },
  emailOption: { en: 'e-mail address', tr: 'e-posta adresi' },
  passwordFile: { en: 'read the password from a file; - for the input', tr: 'parolayı dosyadan oku; - girdiden okur' },
  code: { en: 'six digits of the authenticator', tr: 'doğrulama uygulamasındaki altı hane' },
  days: { en: 'days until the token ends', tr: 'anahtarın geçerli olacağı gün sayısı' },
  token: {
    en: 'the invitation from the mail, or the whole link',
    tr: 'e-postadaki davet kodu ya da bağlantının tamamı',
  },
  askNewPassword: {
    en: 'New password, at least 12 characters (not shown): ',
    tr: 'Yeni parola, en az 12 karakter (gösterilmez): ',
  },
  askAgain: { en: 'Once more: ', tr: 'Bir kez daha: ' },
  different: { en: 'The two passwords differ.', tr: 'İki parola aynı değil.' },
  askCode: { en: 'Code of the authenticator: ', tr: 'Doğrulama kodu: ' },
  needPassword: { en: 'Give --password-file FILE.', tr: '--password-file DOSYA verin.' },
  needCode: { en: 'Give --code, or run this in a terminal.', tr: '--code verin ya da bir uçbirimde çalıştırın.' },
  signedIn: { en: 'Signed in as {name} at {server}.', tr: '{server} üzerinde {name} olarak oturum açıldı.' },
  kept: {
    en: 'The token ends on {time}; it is kept in {path}.',
    tr: 'Anahtar {time} tarihine kadar geçerli; {path} içinde.',
  },
  setUp: {
    en: 'Your role needs a second factor. Run this in a terminal to set it up.',
    tr: 'Göreviniz ikinci bir doğrulama adımı gerektiriyor. Kurmak için bunu bir uçbirimde çalıştırın.',
  },
  setUpNow: {
    en: 'Your role needs a second factor; it is set up now.',
    tr: 'Göreviniz ikinci bir doğrulama adımı gerektiriyor; şimdi kuruluyor.',
  },
  nobody: { en: 'Nobody is signed in.', tr: 'Açık oturum yok.' },
  signedOut: { en: 'Signed out; the token is revoked.', tr: 'Oturum kapatıldı; anahtar iptal edildi.' },
  wasOver: {
    en: 'Signed out; the server did not know the token any more.',
    tr: 'Oturum kapatıldı; sunucu anahtarı artık tanımıyordu.',
  },
  name: { en: 'Name', tr: 'Ad' },
  email: { en: 'E-mail', tr: 'E-posta' },
  roles: { en: 'Roles', tr: 'Görevler' },
  factor: { en: 'Second factor', tr: 'İkinci adım' },
  scopes: { en: 'Token may', tr: 'Anahtarın yetkisi' },
  server: { en: 'Server', tr: 'Sunucu' },
  yes: { en: 'yes', tr: 'var' },
  no: { en: 'no', tr: 'yok' },
  accepted: {
    en: 'Welcome, {name}. Now sign in: emanet sign-in',
    tr: 'Hoş geldiniz, {name}. Şimdi oturum açın: emanet sign-in',
  },
  addThis: {
    en: 'Add this to your authenticator:\n  {uri}\nor type this secret:\n  {secret}\n',
    tr: 'Bunu doğrulama uygulamanıza ekleyin:\n  {uri}\nya da bu anahtarı yazın:\n  {secret}\n',
  },
  factorOn: { en: 'The second factor is set up.', tr: 'İkinci doğrulama adımı kuruldu.' },
  backup: {
    en: 'Keep these backup codes in a safe place; each works once, and they are not shown again:',
    tr: 'Bu yedek kodları güvenli bir yerde saklayın; her biri bir kez kullanılır ve bir daha gösterilmez:',
  },
  factorThere: { en: 'A second factor is set up already.', tr: 'İkinci doğrulama adımı zaten kurulu.' },
};

export function sessionCommands(cli: CommandLine): void {
  const { program, language, terminal } = cli;
  const t = pick(words, language);

  /** Returns the backup codes, which the server shows this once. */
  const setUpSecondFactor = async (client: Client): Promise<readonly string[]> => {
    const begun = await client.call('beginSecondFactor');
    const secret = new URL(begun.totpUri).searchParams.get('secret') ?? '';
    terminal.stderr.write(`${fill(t.addThis, { uri: begun.totpUri, secret })}\n`);
    await verifyCode(client, terminal, t.askCode, language);
    return begun.backupCodes;
  };

  program
    .command('sign-in')
    .description(t.signIn)
    .option('--email <address>', t.emailOption)
    .option('--password-file <file>', t.passwordFile)
    .option('--code <digits>', t.code)
    .option('--days <number>', t.days, '90')
    .action(async (options: SignInOptions & { days: string }) => {
      const { client, session } = await openSession(cli, options);
      try {
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
        await client.call('signOut'); // the token takes the place of the session
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
      cli.show({ ...session, server: client.baseUrl }, ({ person, scopes }) =>
        listing([
          [t.name, person.name],
          [t.email, person.email],
          [t.roles, person.roles.join(', ')],
          [t.factor, person.secondFactor ? t.yes : t.no],
          [t.scopes, scopes?.join(', ') ?? null],
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
      const token = given.split('#invitation=').at(-1)!;
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
  language: Language,
): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    const code = (await ask(terminal, question)).replaceAll(' ', '');
    try {
      await client.call('verifySecondFactor', { body: { code } });
      return;
    } catch (error) {
      if (!(error instanceof ApiProblem) || error.code !== 'INVALID_REQUEST' || attempt === 3) throw error;
      terminal.stderr.write(`${error.reasons.map((reason) => reason[language]).join(' ') || error.title}\n`);
    }
  }
}
