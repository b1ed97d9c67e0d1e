import { readFile } from 'node:fs/promises';
import { type Client, createClient } from '../client/api-client.ts';
import { ApiProblem } from '../client/errors.ts';
import { textsIn } from '../language/catalogue.ts';
import { fill } from '../language/fill.ts';
import { type CommandLine, UsageError } from './command-line.ts';
import { openSessionInBrowser } from './open-session-in-browser.ts';
import { ask, askHidden, readAll, type Terminal } from './terminal.ts';

export interface SignInOptions {
  readonly email?: string | undefined;
  readonly passwordFile?: string | undefined;
  readonly code?: string | undefined;
}

/** Opens a session that lasts as long as this process needs it: the caller signs out. Asks for missing options. */
export async function openSession(cli: CommandLine, options: SignInOptions) {
  const { terminal, language } = cli;
  const t = textsIn(language).cli.openSession;
  const client = createClient({ baseUrl: await cli.serverUrl(), language });
  const isTerminal = terminal.stdin.isTTY === true;
  if (!options.email && !isTerminal) throw new UsageError(t.needEmail);
  const email = options.email ?? (await ask(terminal, t.askEmail));
  const password = await readPassword(terminal, options.passwordFile, t.askPassword, t.needPassword);
  const attempt = (code?: string) => client.call('signIn', { body: { email, password, ...(code ? { code } : {}) } });
  try {
    return { client, password, session: await attempt(options.code) };
  } catch (error) {
    const isCodeNeeded = error instanceof ApiProblem && error.code === 'SECOND_FACTOR_REQUIRED';
    if (!isCodeNeeded || options.code || !isTerminal) throw error;
    return { client, password, session: await attempt(await ask(terminal, t.askCode)) };
  }
}

type Session = Awaited<ReturnType<typeof openSession>>['session'];

/**
 * Goes on in the school of that name or id; without one, in the school that the server chose.
 * @throws UsageError `unknown`, with the schools that there are, for one that the account does not belong to.
 */
export async function workIn(
  client: Client,
  session: Session,
  school: string | undefined,
  unknown: string,
): Promise<Session> {
  if (school === undefined || school === session.school?.id || school === session.school?.name) return session;
  const found = session.schools.find(({ id, name }) => id === school || name === school);
  if (!found) throw new UsageError(fill(unknown, { schools: session.schools.map(({ name }) => name).join(', ') }));
  return client.call('moveSession', { body: { schoolId: found.id } });
}

/**
 * A session for one command that is not open to the token of `asked`. It belongs to the same person. Asks again for the
 * password (and code), or reads them as EMANET_PASSWORD_FILE and EMANET_CODE say.
 */
export async function openSessionBeside(cli: CommandLine, asked: Client): Promise<Client> {
  const { terminal, language } = cli;
  const t = textsIn(language).cli.openSession;
  const { EMANET_PASSWORD_FILE: passwordFile, EMANET_CODE: code } = terminal.env;
  const { person, school } = await asked.call('getSession');
  const { email } = person;
  const { noSchool } = textsIn(language).cli.session;
  if (person.ofProvider) {
    const { client, session } = await openSessionInBrowser(cli, { code: code || undefined });
    await workIn(client, session, school?.id, noSchool);
    return client;
  }
  if (!passwordFile && terminal.stdin.isTTY !== true) throw new UsageError(fill(t.needTerminal, { email }));
  if (!passwordFile) terminal.stderr.write(`${fill(t.notWithToken, { email })}\n`);
  const { client, session } = await openSession(cli, {
    email,
    passwordFile: passwordFile || undefined,
    code: code || undefined,
  });
  // Beside the token also in its school, wherever the person worked last.
  await workIn(client, session, school?.id, noSchool);
  return client;
}

/**
 * From a file, `-` for the input, else from the terminal, which does not show it.
 * @throws UsageError `missing` without one.
 */
export async function readPassword(
  terminal: Terminal,
  file: string | undefined,
  question: string,
  missing: string,
): Promise<string> {
  if (file === '-') return (await readAll(terminal.stdin)).replace(/\r?\n$/, '');
  if (file !== undefined) return (await readFile(file, 'utf8')).replace(/\r?\n$/, '');
  if (terminal.stdin.isTTY !== true) throw new UsageError(missing);
  return askHidden(terminal, question);
}
