import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { DiskStore } from '../../src/adapters/disk/disk-store.ts';
import { prefixedStore } from '../../src/adapters/prefix/prefixed-store.ts';
import { type Context, createContext } from '../../src/assembly/context.ts';
import { prepare } from '../../src/assembly/first-start.ts';
import { type RunningServer, startServer } from '../../src/assembly/server.ts';
import { run } from '../../src/cli/run.ts';
import type { Terminal } from '../../src/cli/terminal.ts';
import { loadConfig } from '../../src/config/env.ts';
import { listBackups, type Manifest, openManifest, putManifest } from '../../src/pipeline/backup/manifest.ts';
import { openPart, putPart } from '../../src/pipeline/core/sealed-message.ts';
import { signingKey } from '../../src/pipeline/core/signed-text.ts';
import type { Outside } from '../../src/pipeline/ports/outside.ts';
import type { RecipientKey } from '../../src/vault/keyring.ts';
import { createTestDatabase, type TestDatabase } from './database.ts';
import type { TestServer } from './server.ts';

/** The command line in this process. */
export async function emanet(env: Record<string, string>, ...args: string[]) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const terminal = { stdin: new PassThrough(), stdout, stderr, env: { LANG: 'en', ...env } } as unknown as Terminal;
  const status = await run(['--json', ...args], terminal);
  const [out, err] = [String(stdout.read() ?? ''), String(stderr.read() ?? '')];
  return {
    status,
    err,
    /** The answer; only of a command that has one. */
    said: out === '' ? null : JSON.parse(out),
    code: /"code": "(\w+)"/.exec(err)?.[1] ?? null,
  };
}

/** Where a school's backups go, apart from it: folders that are removed again. */
export class BackupPlace {
  readonly folder: string;
  readonly place: string;
  readonly keys: string;
  /** What the operator took away: the private half and its passphrase. */
  readonly opener: readonly string[];
  readonly #made: TestDatabase[] = [];

  private constructor(folder: string) {
    this.folder = folder;
    this.place = join(folder, 'place');
    this.keys = join(folder, 'safe/keys.pgp');
    this.opener = [
      ...['--key', join(folder, 'safe/backup.private.asc')],
      ...['--passphrase-file', join(folder, 'safe/backup.passphrase.txt')],
    ];
  }

  static async make(): Promise<BackupPlace> {
    return new BackupPlace(await mkdtemp(join(tmpdir(), 'emanet-backup-')));
  }

  /** A machine without anything: an empty database and an empty folder. */
  async emptyMachine(): Promise<Machine> {
    const database = await createTestDatabase({ isMigrated: false });
    this.#made.push(database);
    const home = await mkdtemp(join(this.folder, 'home-'));
    return {
      home,
      database,
      env: { EMANET_HOME: home, DATABASE_URL: database.url, DATABASE_OWNER_URL: database.ownerUrl },
    };
  }

  /** One that has lost its database alone: a copy of the home, so that the school itself goes on. */
  async machineWith(home: string): Promise<Machine> {
    const machine = await this.emptyMachine();
    await cp(home, machine.home, { recursive: true });
    return machine;
  }

  async remove(): Promise<void> {
    for (const database of this.#made) await database.drop();
    await rm(this.folder, { recursive: true, force: true, maxRetries: 10 });
  }
}

export interface Machine {
  readonly home: string;
  readonly database: TestDatabase;
  readonly env: Record<string, string>;
}

export const envOf = ({ home, database }: TestServer): Record<string, string> => ({
  EMANET_HOME: home,
  DATABASE_URL: database.url,
  DATABASE_OWNER_URL: database.ownerUrl,
});

/** Serves what was restored, without a worker, as long as `work` takes. */
export async function serving(
  { env }: Machine,
  work: (restored: { context: Context; url: string }) => Promise<void>,
): Promise<void> {
  const { config } = await prepare(
    loadConfig({ PORT: '0', LOG_LEVEL: 'silent', DRAIN_SECONDS: '1', WORKER: 'false', ...env }),
  );
  const context = await createContext(config);
  let server: RunningServer | undefined;
  try {
    server = await startServer(context);
    await work({ context, url: server.url });
  } finally {
    if (server) await server.stop();
    else await context.close();
  }
}

/** Rows of a school changed in its newest backup, which is signed and sealed again with the keys of that school. */
export async function rewriteRows(
  folder: string,
  { keyring }: Outside,
  /** Where its backups lie in the place. */
  below: string,
  change: (dump: string) => string,
  { statement = {}, for: more = [] }: { statement?: Partial<Manifest>; for?: readonly RecipientKey[] } = {},
): Promise<void> {
  const place = prefixedStore(new DiskStore({ folder }), below);
  const { openingKeys, verifyingKeys } = keyring;
  const recipients = [...keyring.recipients, ...more];
  const id = (await listBackups(place)).at(-1) ?? '';
  const manifest = await openManifest(place, id, { opening: openingKeys, verifying: verifyingKeys });
  const pieces: Uint8Array[] = [];
  for await (const piece of openPart(place, `backups/${id}/database`, manifest.database, openingKeys))
    pieces.push(piece);
  const dump = change(Buffer.concat(pieces).toString('utf8'));
  const octets = (async function* () {
    yield Buffer.from(dump);
  })();
  const database = await putPart(place, `backups/${id}/database`, recipients, octets);
  await putManifest(place, { ...manifest, database, ...statement }, { signer: signingKey({ keyring }), recipients });
}

/** The rows of one table in a dump. */
export const inTable = (dump: string, table: string, change: (rows: string) => string) =>
  dump.replace(
    new RegExp(`(COPY "public"\\."${table}" .*\\n)((?:(?!\\\\\\.\\n).*\\n)*)`),
    (_, head, rows) => `${head}${change(rows)}`,
  );
