import { join } from 'node:path';
import pg from 'pg';
import {
  archivingTo,
  type EmbeddedPostgres,
  startEmbeddedPostgres,
} from '../adapters/embedded-postgres/embedded-postgres.ts';
import { migrateQueue } from '../adapters/graphile-worker/queue.ts';
import {
  applyGrants,
  applyMigrations,
  assertServes,
  listMigrations,
  listPendingMigrations,
} from '../adapters/prisma/migrate.ts';
import { assertEncryptedTransport } from '../config/encrypted-transport.ts';
import type { Config } from '../config/env.ts';
import { ensurePrivateFolder, ensureSecret, readIfThere } from '../config/secrets.ts';
import { mustHave } from '../domain/must-have.ts';
import { ensureKeysOfSchool, type NewRecoveryKey } from '../keys/keys-of-school.ts';

/** The results of a first start, for the person who ran it. */
export interface Prepared {
  readonly config: Config;
  readonly migrations: readonly string[];
  /** Set if the recovery key was made just now: its private half must be taken away. */
  readonly newRecoveryKey: NewRecoveryKey | null;
  /** The embedded database by the roles of web and worker; null with DATABASE_URL. */
  readonly urls: { readonly web: string; readonly worker: string } | null;
  /** The embedded database was already running, for another process. */
  readonly isJoined: boolean;
  stop(): Promise<void>;
}

/**
 * Makes the missing prerequisites of a start: secrets, keys, the embedded database with its roles, migrations. Safe to
 * repeat. With DATABASE_URL set no database is started, and migrations run only if DATABASE_OWNER_URL is set.
 * @throws MigrationFault when the tables are not those of this version, and it may not change them.
 */
export async function prepare(config: Config): Promise<Prepared> {
  const home = config.EMANET_HOME;
  await ensurePrivateFolder(home);
  await ensureSecret(home, 'auth');
  await ensurePrivateFolder(join(home, 'schools'));
  const newRecoveryKey = await ensureKeysOfSchool(config);
  const database = await startDatabase(config);
  try {
    const { DATABASE_OWNER_URL: ownerUrl } = database.config;
    const migrations = ownerUrl === undefined ? [] : await migrate(ownerUrl);
    if (ownerUrl === undefined) await assertServes(mustHave(database.config.DATABASE_URL, 'DATABASE_URL'));
    return { ...database, migrations, newRecoveryKey };
  } catch (error) {
    await database.stop();
    throw error;
  }
}

/**
 * The database, with or without tables: that of DATABASE_URL, or the embedded one, which is made if it is missing. `config`
 * says where it is.
 */
export async function startDatabase(config: Config): Promise<Pick<Prepared, 'config' | 'urls' | 'isJoined' | 'stop'>> {
  const home = config.EMANET_HOME;
  if (config.DATABASE_URL !== undefined) {
    assertEncryptedTransport(config);
    return { config, urls: null, isJoined: true, stop: async () => {} };
  }
  const postgres = await startEmbeddedPostgres({
    folder: join(home, 'postgres'),
    settings: config.WAL_ARCHIVE === undefined ? {} : archivingTo(config.WAL_ARCHIVE),
  });
  try {
    const roles = {
      owner: await ensureSecret(home, 'database-owner'),
      server: await ensureSecret(home, 'database-server'),
      web: await ensureSecret(home, 'database-web'),
      worker: await ensureSecret(home, 'database-worker'),
    };
    const urls = await createDatabase(postgres, roles, 'emanet');
    return {
      config: { ...config, DATABASE_URL: urls.server, DATABASE_OWNER_URL: urls.owner },
      urls: {
        web: databaseUrl(postgres.port, 'emanet_web', roles.web, 'emanet'),
        worker: databaseUrl(postgres.port, 'emanet_worker', roles.worker, 'emanet'),
      },
      isJoined: postgres.isJoined,
      stop: () => postgres.stop(),
    };
  } catch (error) {
    await postgres.stop();
    throw error;
  }
}

/** Tables, queue and grants, as the owner. Returns the migrations applied now. */
export async function migrate(ownerUrl: string): Promise<string[]> {
  const applied = await applyMigrations(ownerUrl);
  await migrateQueue(ownerUrl);
  await applyGrants(ownerUrl);
  return applied;
}

/**
 * The migrations that `prepare` would apply, by name. Makes nothing: an embedded database that exists but does not run
 * is started and stopped again. Null: only the owner of the database can tell, and DATABASE_OWNER_URL is not set.
 */
export async function listPending(config: Config): Promise<string[] | null> {
  if (config.DATABASE_URL !== undefined) {
    assertEncryptedTransport(config);
    return config.DATABASE_OWNER_URL === undefined ? null : listPendingMigrations(config.DATABASE_OWNER_URL);
  }
  const folder = join(config.EMANET_HOME, 'postgres');
  const password = await readIfThere(join(config.EMANET_HOME, 'secrets/database-owner'));
  const isThere = (await readIfThere(join(folder, 'data/PG_VERSION'))) !== undefined;
  if (password === undefined || !isThere) return listMigrations();
  const postgres = await startEmbeddedPostgres({ folder });
  try {
    return await listPendingMigrations(databaseUrl(postgres.port, 'emanet_owner', password, 'emanet'));
  } finally {
    await postgres.stop();
  }
}

/**
 * The owner migrates. The other roles read and write, and can neither change nor delete the log: the server whatever there is
 * to do, web and worker what is theirs (`prisma/grants.sql`), where they have a password.
 */
export async function createDatabase(
  postgres: Pick<EmbeddedPostgres, 'url' | 'port'>,
  passwords: { readonly owner: string; readonly server: string; readonly web?: string; readonly worker?: string },
  name: string,
): Promise<{ owner: string; server: string }> {
  const client = new pg.Client({ connectionString: postgres.url('postgres') });
  await client.connect();
  try {
    for (const [kind, password] of Object.entries(passwords)) {
      const role = `emanet_${kind}`;
      const { rowCount } = await client.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [role]);
      if (rowCount === 0) await client.query(`CREATE ROLE ${role} LOGIN PASSWORD ${pg.escapeLiteral(password)}`);
    }
    const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [name]);
    if (rowCount === 0) await client.query(`CREATE DATABASE ${pg.escapeIdentifier(name)} OWNER emanet_owner`);
  } finally {
    await client.end();
  }
  return {
    owner: databaseUrl(postgres.port, 'emanet_owner', passwords.owner, name),
    server: databaseUrl(postgres.port, 'emanet_server', passwords.server, name),
  };
}

const databaseUrl = (port: number, role: string, password: string, name: string) =>
  `postgresql://${role}:${encodeURIComponent(password)}@127.0.0.1:${port}/${name}`;
