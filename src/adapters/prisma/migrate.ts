import { createHash, randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import pg from 'pg';
import type { AppliedMigration } from '../../pipeline/ports/database-copy.ts';

const root = join(import.meta.dirname, '../../..');
const ownMigrations = join(root, 'prisma/migrations');

/** The lock that `prisma migrate` takes too: the second of the two waits. */
const lock = 72_707_369;

/**
 * First line of a migration that PostgreSQL must not run in a transaction, such as `CREATE INDEX CONCURRENTLY`: one
 * statement only.
 */
const alone = '-- without a transaction';

/** Identical to the table that `prisma migrate` makes, to the column. */
const table = `
  CREATE TABLE IF NOT EXISTS "_prisma_migrations" (
    id                  VARCHAR(36) PRIMARY KEY NOT NULL,
    checksum            VARCHAR(64) NOT NULL,
    finished_at         TIMESTAMPTZ,
    migration_name      VARCHAR(255) NOT NULL,
    logs                TEXT,
    rolled_back_at      TIMESTAMPTZ,
    started_at          TIMESTAMPTZ NOT NULL DEFAULT now(),
    applied_steps_count INTEGER NOT NULL DEFAULT 0
  )`;

interface Migration {
  readonly name: string;
  readonly sql: string;
  readonly checksum: string;
}

/**
 * The tables cannot be brought to the state that this version needs. The message is for the operator who runs the
 * set-up.
 */
export class MigrationFault extends Error {
  override readonly name = 'MigrationFault';
}

/**
 * Applies the migrations that the database lacks, in the order of their names. Keeps the table of
 * `prisma migrate deploy`: each of the two resumes where the other ended. Returns the names applied.
 * @throws MigrationFault if one fails, or if the applied ones differ from those of the folder. It can be repeated then.
 */
export async function applyMigrations(
  ownerUrl: string,
  folder = ownMigrations,
  /** Only these, which a backup names: rows are loaded into the tables that they came from. */
  only?: readonly AppliedMigration[],
): Promise<string[]> {
  return withClient(ownerUrl, async (client) => {
    await client.query('SELECT pg_advisory_lock($1)', [lock]);
    await client.query(table);
    const migrations = pick(await findPending(client, folder), only);
    for (const migration of migrations) await onceFree(client, () => apply(client, migration));
    return migrations.map(({ name }) => name);
  });
}

/** @throws MigrationFault for one that this version does not have, or has in other words. */
function pick(pending: readonly Migration[], only: readonly AppliedMigration[] | undefined): readonly Migration[] {
  if (only === undefined) return pending;
  return only.map(({ name, checksum }) => {
    const found = pending.find((migration) => migration.name === name);
    if (found?.checksum === checksum) return found;
    throw new MigrationFault(`this version does not have the migration ${name} with the SHA-256 ${checksum}`);
  });
}

/** The names that `applyMigrations` would apply now. Changes nothing. */
export async function listPendingMigrations(ownerUrl: string, folder = ownMigrations): Promise<string[]> {
  return withClient(ownerUrl, async (client) => (await findPending(client, folder)).map(({ name }) => name));
}

/** The names of every migration of this version: those that a database that does not exist yet lacks. */
export async function listMigrations(folder = ownMigrations): Promise<string[]> {
  return (await readMigrations(folder)).map(({ name }) => name);
}

async function findPending(client: pg.Client, folder: string): Promise<Migration[]> {
  const migrations = await readMigrations(folder);
  const applied = await readApplied(client);
  for (const name of applied.keys())
    if (!migrations.some((migration) => migration.name === name))
      throw new MigrationFault(`the database has the migration ${name}, which this version does not know`);
  return migrations.filter(({ name, checksum }) => {
    const known = applied.get(name);
    if (known !== undefined && known !== checksum)
      throw new MigrationFault(
        `the migration ${name} was changed after it was applied: its SHA-256 is ${checksum}, that of the one applied is ${known}`,
      );
    return known === undefined;
  });
}

/**
 * Whether this version can serve with the tables as they are, asked as any role. Newer tables may do: a version that replaces
 * another one serves beside it for a while.
 * @throws MigrationFault when they lack a migration of this version, or when one that it does not know rules it out.
 */
export async function assertServes(url: string, folder = ownMigrations): Promise<void> {
  const own = await listMigrations(folder);
  await withClient(url, async (client) => {
    const there = await client.query<{ there: boolean }>(
      `SELECT to_regproc('applied_migrations') IS NOT NULL AS there`,
    );
    if (!there.rows[0]?.there) throw new MigrationFault('the database has no tables: run npm run setup first');
    const { rows } = await client.query<{ name: string }>('SELECT name FROM applied_migrations()');
    const applied = new Set(rows.map(({ name }) => name));
    const missing = own.filter((name) => !applied.has(name));
    if (missing.length > 0)
      throw new MigrationFault(`the database lacks ${missing.join(', ')}: run npm run setup first`);
    const { rows: installations } = await client.query<{ oldest: string }>(
      'SELECT "oldestMigration" AS oldest FROM "installation"',
    );
    for (const { oldest } of installations)
      if (!own.includes(oldest))
        throw new MigrationFault(
          `the database needs a version that knows the migration ${oldest}; this one is older. Start the newer version, or restore a backup of this one`,
        );
  });
}

async function readMigrations(folder: string): Promise<Migration[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  return Promise.all(
    names.sort().map(async (name) => {
      const bytes = await readFile(join(folder, name, 'migration.sql'));
      return { name, sql: bytes.toString('utf8'), checksum: createHash('sha256').update(bytes).digest('hex') };
    }),
  );
}

/** Checksums by name. A migration that was not finished, or was rolled back, is not applied. */
async function readApplied(client: pg.Client): Promise<Map<string, string>> {
  const there = await client.query<{ there: boolean }>(
    `SELECT to_regclass('"_prisma_migrations"') IS NOT NULL AS there`,
  );
  if (!there.rows[0]?.there) return new Map();
  const { rows } = await client.query<{ name: string; checksum: string }>(
    `SELECT migration_name AS name, checksum FROM "_prisma_migrations"
     WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL ORDER BY started_at`,
  );
  return new Map(rows.map(({ name, checksum }) => [name, checksum]));
}

/** Before its row is finished a migration is not applied, whatever ended the attempt; the next run retries it. */
async function apply(client: pg.Client, { name, sql, checksum }: Migration): Promise<void> {
  const isAlone = sql.startsWith(alone);
  await client.query(
    `UPDATE "_prisma_migrations" SET rolled_back_at = now()
     WHERE migration_name = $1 AND finished_at IS NULL AND rolled_back_at IS NULL`,
    [name],
  );
  if (!isAlone) await client.query(begin);
  const id = randomUUID();
  // By the clock: inside a transaction now() stands still.
  await client.query(
    `INSERT INTO "_prisma_migrations" (id, checksum, migration_name, started_at) VALUES ($1, $2, $3, clock_timestamp())`,
    [id, checksum, name],
  );
  try {
    await client.query(sql);
  } catch (error) {
    const why = describe(error, sql);
    const note = isAlone
      ? client.query(`UPDATE "_prisma_migrations" SET logs = $2 WHERE id = $1`, [id, why])
      : client.query('ROLLBACK');
    // If the connection is gone, PostgreSQL has already rolled it back.
    await note.catch(() => {});
    const left = isAlone ? 'what its statement began may be there in part' : 'nothing of it is left';
    throw new MigrationFault(`the migration ${name} failed (${why}); ${left}, and it can be tried again`, {
      cause: error,
    });
  }
  await client.query(
    `UPDATE "_prisma_migrations" SET finished_at = clock_timestamp(), applied_steps_count = 1 WHERE id = $1`,
    [id],
  );
  if (!isAlone) await client.query('COMMIT');
}

/** PostgreSQL's own message and the line that it concerns: they name tables, and no rows. */
function describe(error: unknown, sql: string): string {
  if (!(error instanceof pg.DatabaseError)) return error instanceof Error ? error.message : String(error);
  const at = Number(error.position);
  const line = at > 0 ? `, line ${[...sql].slice(0, at - 1).filter((sign) => sign === '\n').length + 1}` : '';
  return `${error.message}${line}, SQLSTATE ${error.code}`;
}

/** Grants the server's role its rights, and puts up the walls between schools, after every migration. */
export async function applyGrants(ownerUrl: string): Promise<void> {
  const files = ['prisma/grants.sql', 'prisma/walls.sql'];
  const [grants = '', walls = ''] = await Promise.all(files.map((name) => readFile(join(root, name), 'utf8')));
  await withClient(ownerUrl, async (client) => {
    // Before the grants: nobody may enter a new table that has no walls yet.
    await client.query(`SET lock_timeout = '${longestLock}'`);
    await onceFree(client, () => client.query(walls));
    await client.query(`BEGIN; ${grants}; COMMIT`);
  });
}

/** Others who are at work stand behind whoever waits for a lock: so nothing waits for long. */
const longestLock = '3s';
const begin = `BEGIN; SET LOCAL lock_timeout = '${longestLock}'`;
/** A deadlock, or a lock that did not come in time. */
const inTheWay = ['40P01', '55P03'];
const mostTries = 20;

/** Again and again, while servers that are at work are in the way. @throws the last try's error. */
async function onceFree(client: pg.Client, work: () => Promise<unknown>): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      await work();
      return;
    } catch (error) {
      const cause = error instanceof MigrationFault ? error.cause : error;
      const isInTheWay = cause instanceof pg.DatabaseError && inTheWay.includes(cause.code ?? '');
      if (!isInTheWay || tries === mostTries) throw error;
      await client.query('ROLLBACK');
      await wait(100 * tries);
    }
  }
}

/** The end of the connection ends its locks and open transactions too. */
async function withClient<Done>(url: string, work: (client: pg.Client) => Promise<Done>): Promise<Done> {
  const client = new pg.Client({ connectionString: url });
  // A connection that breaks fails its query; without a listener it would end the process too.
  client.on('error', () => {});
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
