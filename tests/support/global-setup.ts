import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decryptKey, encryptKey, enums, readPrivateKey } from 'openpgp';
import { startEmbeddedPostgres } from '../../src/adapters/embedded-postgres/embedded-postgres.ts';
import { createDatabase, migrate, prepare } from '../../src/assembly/first-start.ts';
import { loadConfig } from '../../src/config/env.ts';
import { keyFiles } from '../../src/config/secrets.ts';
import { rolePasswords, templateName } from './database.ts';
import { startS3Servers } from './s3-servers.ts';
import { stopWhenOrphaned } from './stop-when-orphaned.ts';

/** Each project loads this file again, in one process: so the shared services hang on the process. */
const processWide = globalThis as { emanetTestServices?: { stop?: Promise<() => Promise<void>>; users: number } };
processWide.emanetTestServices ??= { users: 0 };
const shared = processWide.emanetTestServices;

/** The first project that names this file starts the services; the last one stops them. */
export default async function setup(): Promise<() => Promise<void>> {
  shared.users++;
  shared.stop ??= start();
  const stop = await shared.stop;
  return async () => {
    shared.users--;
    if (shared.users > 0) return;
    // Whoever comes later starts them again.
    delete shared.stop;
    await stop();
  };
}

async function start(): Promise<() => Promise<void>> {
  // Browser tests see the pages as they are now.
  await import('../../scripts/build-web.ts');
  const folder = await mkdtemp(join(tmpdir(), 'emanet-test-'));
  // Dozens of processes load the same files.
  process.env.NODE_COMPILE_CACHE ??= join(folder, 'compiled');
  // Durability is tested by killing servers, never by cutting the power: without fsync the tests are much faster.
  const postgres = await startEmbeddedPostgres({ folder, settings: { fsync: 'off', max_connections: '200' } });
  const calledOff = stopWhenOrphaned('kill -INT "$(head -n 1 "$1/data/postmaster.pid")"; sleep 1; rm -rf "$1"', [
    folder,
  ]);
  const urls = await createDatabase(postgres, rolePasswords, templateName);
  await migrate(urls.owner);
  process.env.EMANET_TEST_POSTGRES = postgres.url('postgres');
  process.env.EMANET_TEST_KEYS = await makeKeys(join(folder, 'keys-made'), urls.server);
  const stopS3 = await startS3Servers();
  return async () => {
    await stopS3();
    await postgres.stop();
    calledOff();
    // Programs that are ending still write their compile cache.
    await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  };
}

/** A home with only the vault's keys: a server makes everything else for itself in no time. */
async function makeKeys(home: string, DATABASE_URL: string): Promise<string> {
  await prepare(loadConfig({ EMANET_HOME: home, DATABASE_URL }));
  const secrets = join(home, 'secrets');
  for (const name of await readdir(secrets))
    if (name !== 'vault-passphrase') await rm(join(secrets, name), { recursive: true });
  await lockCheaply(keyFiles(home).vaultPrivate, await readFile(join(secrets, 'vault-passphrase'), 'utf8'));
  return home;
}

/**
 * With the real cost, a key's passphrase takes most of a second at every start of a server; tests/unit/vault keeps that
 * cost.
 */
async function lockCheaply(path: string, secret: string): Promise<void> {
  const passphrase = secret.trim();
  const locked = await readPrivateKey({ armoredKey: await readFile(path, 'utf8') });
  const privateKey = await decryptKey({ privateKey: locked, passphrase });
  const cheap = { s2kType: enums.s2k.iterated, s2kIterationCountByte: 0 } as const;
  await writeFile(path, (await encryptKey({ privateKey, passphrase, config: cheap })).armor());
}
