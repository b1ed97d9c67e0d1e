import pg from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import { mustHave } from '../../domain/must-have.ts';
import type {
  AppliedMigration,
  DatabaseCopier,
  DatabaseSnapshot,
  RecordedBody,
  TablesMade,
} from '../../pipeline/ports/database-copy.ts';
import { listTables, nameOf } from './tables.ts';

/** The lock that a backup holds, in the database that it is of. */
const backupLock = 7_305_808_869_231_652n;

/**
 * Copies a database with the role of the server, which may read every row of the first school: no program of PostgreSQL is needed, so the
 * version of the database does not matter (docs/decisions/0039-backups.md).
 */
export function createDatabaseCopier(url: string): DatabaseCopier {
  return {
    async hold() {
      const client = await connect(url);
      const { rows } = await client.query<{ held: boolean }>('SELECT pg_try_advisory_lock($1) AS held', [backupLock]);
      if (rows[0]?.held) return { release: () => client.end() };
      await client.end();
      return null;
    },
    async snapshot() {
      const client = await connect(url);
      try {
        await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
        await client.query(`SELECT set_config('emanet.school', "homeSchoolId"::text, true) FROM installation`);
        return await readSnapshot(client);
      } catch (error) {
        await client.end();
        throw error;
      }
    },
  };
}

async function readSnapshot(client: pg.Client): Promise<DatabaseSnapshot> {
  const { rows } = await client.query<{ at: Date }>('SELECT now() AS at');
  return {
    at: mustHave(rows[0], 'time of the snapshot').at,
    tables: await readTablesMade(client),
    dump: () => dump(client),
    async bodies() {
      const found = await client.query<RecordedBody>(
        'SELECT id, "bodyKey", "bodySha256" FROM sealed_object ORDER BY "bodyKey"',
      );
      return found.rows;
    },
    close: () => client.end(),
  };
}

async function* dump(client: pg.Client): AsyncGenerator<Uint8Array> {
  yield Buffer.from('-- emanet: rows of one moment, for tables that its migrations have made\n\n');
  for (const table of await listTables(client)) {
    const columns = table.columns.map((column) => pg.escapeIdentifier(column)).join(', ');
    yield Buffer.from(`COPY ${nameOf(table)} (${columns}) FROM stdin;\n`);
    yield* client.query(copyTo(`COPY ${nameOf(table)} (${columns}) TO STDOUT`)) as AsyncIterable<Buffer>;
    yield Buffer.from('\\.\n\n');
  }
  const { rows } = await client.query<{ schema: string; name: string; last: string }>(
    `SELECT schemaname AS schema, sequencename AS name, last_value AS last FROM pg_sequences
     WHERE schemaname IN ('public', 'graphile_worker') AND last_value IS NOT NULL ORDER BY 1, 2`,
  );
  for (const { schema, name, last } of rows)
    yield Buffer.from(`SELECT pg_catalog.setval('${nameOf({ schema, name })}', ${last}, true);\n`);
}

async function readTablesMade(client: pg.Client): Promise<TablesMade> {
  const migrations = await client.query<AppliedMigration>('SELECT name, checksum FROM applied_migrations()');
  const queue = await client.query<{ newest: number }>('SELECT max(id) AS newest FROM graphile_worker.migrations');
  return { migrations: migrations.rows, queue: mustHave(queue.rows[0], 'migration of the queue').newest };
}

async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  // A connection that breaks fails its query; without a listener it would end the process too.
  client.on('error', () => {});
  await client.connect();
  return client;
}
