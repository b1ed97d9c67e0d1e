import type { Command } from 'commander';
import { type Client, createClient } from '../client/api-client.ts';
import type { Language } from '../domain/language.ts';
import { textsIn } from '../language/catalogue.ts';
import { fill } from '../language/fill.ts';
import { findCredentials } from './credentials.ts';
import type { Terminal } from './terminal.ts';

export const exitCodes = { ok: 0, refused: 1, usage: 2, unreachable: 3, fault: 70, cancelled: 130 } as const;

const defaultServer = 'http://localhost:8300';

/** The command was used wrongly; the message explains it in the reader's language. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** The tools that every group of commands needs. */
export interface CommandLine {
  readonly program: Command;
  readonly language: Language;
  readonly terminal: Terminal;
  /** For programs rather than people: `--json`. */
  isJson(): boolean;
  isInteractive(): boolean;
  serverUrl(): Promise<string>;
  /**
   * With the token. For a route that is not open to tokens it uses a session of its own, which ends with the command.
   */
  client(): Promise<Client>;
  /** Ends the session that a command has opened. */
  close(): Promise<void>;
  /** Prints an answer: as JSON if requested, else as `toText` makes it. */
  show<T>(answer: T, toText: (answer: T) => string): void;
  /** One line for people, on stderr. */
  tell(line: string): void;
  setExitCode(code: number): void;
}

export function createCommandLine(
  program: Command,
  language: Language,
  terminal: Terminal,
  setExitCode: (code: number) => void,
  openSessionBeside: (cli: CommandLine, asked: Client) => Promise<Client>,
): CommandLine {
  let session: Promise<Client> | undefined;
  const { env } = terminal;
  const options = () => program.opts<{ json?: boolean; server?: string }>();
  const isJson = () => options().json === true;
  const chosenServer = () => options().server ?? env.EMANET_SERVER;
  return {
    program,
    language,
    terminal,
    isJson,
    isInteractive: () => terminal.stdin.isTTY === true && !isJson(),
    async serverUrl() {
      const url = options().server ?? env.EMANET_SERVER ?? (await findCredentials(env))?.server ?? defaultServer;
      if (!/^https?:\/\//.test(url) || !URL.canParse(url))
        throw new UsageError(fill(textsIn(language).cli.notAServer, { url }));
      return url.replace(/\/+$/, '');
    },
    async client() {
      const baseUrl = await this.serverUrl();
      const saved = env.EMANET_TOKEN ? null : await findCredentials(env);
      // A token goes only to the server that issued it.
      const isOther =
        saved !== null && chosenServer() !== undefined && new URL(saved.server).origin !== new URL(baseUrl).origin;
      const token = env.EMANET_TOKEN ?? (isOther ? undefined : saved?.token);
      if (!token) throw new UsageError(fill(textsIn(language).cli.notSignedIn, { server: baseUrl }));
      const client: Client = createClient({
        baseUrl,
        token,
        language,
        openSession: () => {
          session ??= openSessionBeside(this, client);
          return session;
        },
      });
      return client;
    },
    async close() {
      // A session that was not opened needs no end; one whose server is away ends by itself.
      const opened = await session?.catch(() => undefined);
      await opened?.call('signOut').catch(() => undefined);
    },
    show(answer, toText) {
      terminal.stdout.write(`${isJson() ? JSON.stringify(answer ?? null, null, 2) : toText(answer)}\n`);
    },
    tell(line) {
      if (!isJson()) terminal.stderr.write(`${line}\n`);
    },
    setExitCode,
  };
}
