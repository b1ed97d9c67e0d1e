import pg from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import type { Id } from '../../domain/ids.ts';
import { mustHave } from '../../domain/must-have.ts';
import type {
  AppliedMigration,
  DatabaseCopier,
  DatabaseSnapshot,
  RecordedBody,
  TablesMade,
} from '../../pipeline/ports/database-copy.ts';
import { type CopiedTable, jobsOf, listTables, nameOf } from './tables.ts';

/** The lock that a backup holds, in the database that it is of. */
const backupLock = 7_305_808_869_231_652n;

/**
 * Copies the rows of a school with the role of the server, which sees them and no others: no program of PostgreSQL is needed,
 * so the version of the database does not matter (docs/decisions/0039-backups.md). Null: the first school.
 */
export function createDatabaseCopier(url: string, school: Id | null = null): DatabaseCopier {
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
        const { rows } = await client.query<CopiedSchool>(
          `SELECT COALESCE($1, "homeSchoolId") AS id, "homeSchoolId" AS "firstId",
                  ARRAY(SELECT every_school()::text) AS schools
             FROM installation`,
          [school],
        );
        const copied = mustHave(rows[0], 'row of the installation');
        await client.query(`SELECT set_config('emanet.school', $1, true)`, [copied.id]);
        return await readSnapshot(client, copied);
      } catch (error) {
        await client.end();
        throw error;
      }
    },
  };
}

interface CopiedSchool {
  readonly id: Id;
  readonly firstId: Id;
  readonly schools: readonly Id[];
}

async function readSnapshot(client: pg.Client, copied: CopiedSchool): Promise<DatabaseSnapshot> {
  const { rows } = await client.query<{ at: Date }>('SELECT now() AS at');
  return {
    at: mustHave(rows[0], 'time of the snapshot').at,
    tables: await readTablesMade(client),
    school: copied.id,
    installation: copied.firstId,
    schools: copied.schools,
    dump: () => dump(client, copied),
    async bodies() {
      const found = await client.query<RecordedBody>(
        'SELECT id, "bodyKey", "bodySha256" FROM sealed_object ORDER BY "bodyKey"',
      );
      return found.rows;
    },
    close: () => client.end(),
  };
}

async function* dump(client: pg.Client, copied: CopiedSchool): AsyncGenerator<Uint8Array> {
  yield Buffer.from('-- emanet: rows of one moment, for tables that its migrations have made\n\n');
  for (const table of await listTables(client)) {
    const condition = rowsOf(table, copied);
    if (condition === null) continue;
    const columns = table.columns.map((column) => pg.escapeIdentifier(column)).join(', ');
    yield Buffer.from(`COPY ${nameOf(table)} (${columns}) FROM stdin;\n`);
    yield* client.query(
      copyTo(`COPY (SELECT ${columns} FROM ${nameOf(table)} WHERE ${condition}) TO STDOUT`),
    ) as AsyncIterable<Buffer>;
    yield Buffer.from('\\.\n\n');
  }
  const { rows } = await client.query<{ schema: string; name: string; last: string }>(
    `SELECT schemaname AS schema, sequencename AS name, last_value AS last FROM pg_sequences
     WHERE schemaname IN ('public', 'graphile_worker') AND last_value IS NOT NULL ORDER BY 1, 2`,
  );
  for (const { schema, name, last } of rows)
    yield Buffer.from(`SELECT pg_catalog.setval('${nameOf({ schema, name })}', ${last}, true);\n`);
}

/** Which rows of a table are the school's; null: none. Between the rows of schools, the database keeps the walls. */
function rowsOf({ kind, name }: CopiedTable, { id, firstId }: CopiedSchool): string | null {
  const isFirst = id === firstId;
  if (kind === 'school') return 'true';
  if (kind === 'account') return `${name === 'account' ? 'id' : '"accountId"'} IN (SELECT id FROM "user")`;
  if (name === '_private_jobs') return jobsOf(id, isFirst);
  if (name === '_private_job_queues')
    return `id IN (SELECT job_queue_id FROM graphile_worker._private_jobs WHERE ${jobsOf(id, isFirst)})`;
  return isFirst || name === '_private_tasks' ? 'true' : null;
}

async function readTablesMade(client: pg.Client): Promise<TablesMade> {
  const migrations = await client.query<AppliedMigration>('SELECT name, checksum FROM applied_migrations()');
  const queue = await client.query<{ newest: number }>('SELECT max(id) AS newest FROM graphile_worker.migrations');
  return { migrations: migrations.rows, queue: mustHave(queue.rows[0], 'migration of the queue').newest };
}

/** What waits for a school that was taken out. */
export async function removeJobs(url: string, school: Id): Promise<void> {
  const client = await connect(url);
  try {
    await client.query(`DELETE FROM graphile_worker._private_jobs WHERE ${jobsOf(school, false)}`);
  } finally {
    await client.end();
  }
}

async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  // A connection that breaks fails its query; without a listener it would end the process too.
  client.on('error', () => {});
  await client.connect();
  return client;
}
