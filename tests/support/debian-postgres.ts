import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { appendFile, mkdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const binaries = '/usr/lib/postgresql/15/bin';
const isRoot = process.getuid?.() === 0;

/** Debian 12's PostgreSQL, with the programs that the embedded one lacks. */
export const hasDebianPostgres = existsSync(`${binaries}/pg_basebackup`);

export interface DebianPostgres {
  readonly port: number;
  readonly data: string;
  /** As its superuser, without a password. */
  url(database: string): string;
  /** One of its programs, as the user that it runs as: PostgreSQL does not run as root. */
  run(program: string, ...args: string[]): Promise<unknown>;
  control(verb: 'start' | 'stop'): Promise<unknown>;
  /** Its user owns its folder again, after something was copied there. */
  own(): Promise<void>;
}

/** Made in `folder`, which its user can enter, and started. */
export async function startDebianPostgres(folder: string, settings: readonly string[] = []): Promise<DebianPostgres> {
  await mkdir(folder, { recursive: true });
  const own = async () => {
    if (isRoot) await run('chown', ['-R', 'postgres', folder]);
  };
  await own();
  const data = join(folder, 'data');
  const port = await findFreePort();
  const program = (name: string, ...args: string[]) =>
    isRoot
      ? run('runuser', ['-u', 'postgres', '--', `${binaries}/${name}`, ...args], { cwd: '/' })
      : run(`${binaries}/${name}`, args);
  const control = (verb: 'start' | 'stop') =>
    program('pg_ctl', verb, '-D', data, '-l', join(folder, 'log'), '-w', '-m', 'fast');
  await program('initdb', '-D', data, '-A', 'trust', '-U', 'postgres', '-E', 'UTF8', '--locale=C');
  const all = [`port = ${port}`, `listen_addresses = '127.0.0.1'`, `unix_socket_directories = ''`, ...settings];
  await appendFile(join(data, 'postgresql.conf'), `${all.join('\n')}\n`);
  await control('start');
  return { port, data, url: (name) => `postgresql://postgres@127.0.0.1:${port}/${name}`, run: program, control, own };
}

function findFreePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
