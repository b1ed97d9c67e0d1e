import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { DumpRefused, type TablesMade } from '../../pipeline/ports/database-copy.ts';
import { readDump } from './read-dump.ts';
import { type CopiedTable, listTables, nameOf } from './tables.ts';

/** What a database is before rows are loaded into it. */
export type TargetState = 'empty' | 'unfinished' | 'in use' | 'filled';

/**
 * Whether a dump may be loaded. `unfinished`: a restore began here and was broken off. `in use`: a process of Emanet is
 * connected.
 */
export async function readTargetState(ownerUrl: string): Promise<TargetState> {
  return withOwner(ownerUrl, async (client) => {
    const { rows } = await client.query<{ isInUse: boolean; hasTables: boolean; hasMarks: boolean }>(
      `SELECT EXISTS (SELECT 1 FROM pg_stat_activity
                      WHERE datname = current_database() AND usename IN ('emanet_server', 'emanet_web', 'emanet_worker')) AS "isInUse",
              EXISTS (SELECT 1 FROM pg_tables WHERE schemaname IN ('public', 'graphile_worker')) AS "hasTables",
              to_regclass('public.restore') IS NOT NULL AS "hasMarks"`,
    );
    const [found] = rows;
    if (found?.isInUse) return 'in use';
    if (!found?.hasTables) return 'empty';
    const marks = found.hasMarks
      ? await client.query('SELECT 1 FROM restore WHERE finished_at IS NULL AND backup <> $1', [logAlone])
      : { rowCount: 0 };
    return marks.rowCount ? 'unfinished' : 'filled';
  });
}

/** Removes every table with its rows. */
export async function clearDatabase(ownerUrl: string): Promise<void> {
  await withOwner(ownerUrl, (client) =>
    client.query('DROP SCHEMA IF EXISTS graphile_worker CASCADE; DROP SCHEMA public CASCADE; CREATE SCHEMA public'),
  );
}

/** From now on no process serves out of this database, until the restore is finished. */
export async function markRestore(ownerUrl: string, id: string, backup: string): Promise<void> {
  await withOwner(ownerUrl, (client) =>
    client.query('INSERT INTO restore (id, backup, begun_at) VALUES ($1, $2, now())', [id, backup]),
  );
}

/**
 * Loads the rows of a dump into tables that the same migrations made, in one transaction: a load that breaks off leaves
 * no row. Foreign keys are taken away meanwhile and checked as a whole at the end. Entries of the log that had no place
 * in the tree yet are not kept but returned: what was placed after the copy was taken comes before them.
 * @throws DumpRefused
 */
export async function loadDump(
  ownerUrl: string,
  tables: TablesMade,
  octets: AsyncIterable<Uint8Array>,
): Promise<{ unplaced: readonly string[] }> {
  return withOwner(ownerUrl, async (client) => {
    const queue = await client.query<{ newest: number }>('SELECT max(id) AS newest FROM graphile_worker.migrations');
    if (queue.rows[0]?.newest !== tables.queue)
      throw new DumpRefused(`tables of the queue: ${queue.rows[0]?.newest} here, ${tables.queue} in the backup`);
    await client.query('BEGIN');
    const found = await listTables(client);
    for (const table of found) await client.query(`ALTER TABLE ${nameOf(table)} DISABLE TRIGGER USER`);
    const keys = await listForeignKeys(client);
    for (const { table, name } of keys) await client.query(`ALTER TABLE ${table} DROP CONSTRAINT ${name}`);
    // The migrations gave it the id of a school to come: that of the backup takes its place.
    if (found.some(({ name }) => name === 'installation')) await client.query('DELETE FROM installation');
    for await (const part of readDump(octets)) {
      if (part.kind === 'sequence') {
        await client.query('SELECT setval(to_regclass($1), $2)', [nameOf(part), part.last]);
        continue;
      }
      const columns = columnsOf(found, part);
      const into = client.query(copyFrom(`COPY ${nameOf(part)} (${columns.join(', ')}) FROM STDIN`));
      await pipeline(Readable.from(part.rows, { objectMode: false }), into);
    }
    // Jobs that somebody had in hand when the copy was taken are free.
    await client.query('UPDATE graphile_worker._private_jobs SET locked_at = NULL, locked_by = NULL');
    await client.query('UPDATE graphile_worker._private_job_queues SET locked_at = NULL, locked_by = NULL');
    const unplaced = await removeUnplaced(client);
    for (const { table, name, definition } of keys)
      await client.query(`ALTER TABLE ${table} ADD CONSTRAINT ${name} ${definition}`);
    for (const table of found) await client.query(`ALTER TABLE ${nameOf(table)} ENABLE TRIGGER USER`);
    await client.query('COMMIT');
    return { unplaced };
  });
}

/** A restore that takes nothing from a backup: the database was set back by other means. */
const logAlone = 'log';

/**
 * Marks a database that was set back to an earlier moment, and takes the entries of its log that have no place in the tree into
 * the mark: what was placed after that moment comes before them. Repeatable: what an earlier call took is returned again.
 */
export async function takeUnplaced(
  ownerUrl: string,
  newId: string,
): Promise<{ id: string; unplaced: readonly string[] }> {
  return withOwner(ownerUrl, async (client) => {
    await client.query('BEGIN');
    await client.query('ALTER TABLE audit_arrival DISABLE TRIGGER USER');
    const removed = await removeUnplaced(client);
    await client.query('ALTER TABLE audit_arrival ENABLE TRIGGER USER');
    const begun = await client.query<{ id: string; unplaced: string[] }>(
      'SELECT id, unplaced FROM restore WHERE finished_at IS NULL AND backup = $1',
      [logAlone],
    );
    const { id, unplaced: before } = begun.rows[0] ?? { id: newId, unplaced: [] };
    const unplaced = [...before, ...removed];
    await client.query(
      `INSERT INTO restore (id, backup, begun_at, unplaced) VALUES ($1, $2, now(), $3)
       ON CONFLICT (id) DO UPDATE SET unplaced = EXCLUDED.unplaced`,
      [id, logAlone, unplaced],
    );
    await client.query('COMMIT');
    return { id, unplaced };
  });
}

async function removeUnplaced(client: pg.Client): Promise<readonly string[]> {
  const { rows } = await client.query<{ canonical: string }>(
    `WITH gone AS (DELETE FROM audit_arrival a
                    WHERE NOT EXISTS (SELECT 1 FROM audit_entry e WHERE e.arrival = a.arrival)
                    RETURNING a.arrival, a.canonical),
          addresses AS (DELETE FROM audit_address WHERE arrival IN (SELECT arrival FROM gone))
     SELECT canonical FROM gone ORDER BY arrival`,
  );
  return rows.map(({ canonical }) => canonical);
}

async function listForeignKeys(client: pg.Client) {
  const { rows } = await client.query<{ table: string; name: string; definition: string }>(
    `SELECT conrelid::regclass::text AS table, quote_ident(conname) AS name, pg_get_constraintdef(oid) AS definition
       FROM pg_constraint
      WHERE contype = 'f' AND connamespace IN ('public'::regnamespace, 'graphile_worker'::regnamespace)`,
  );
  return rows;
}

/** A dump names tables and columns that are there: nothing else is written to. */
function columnsOf(found: readonly CopiedTable[], part: CopiedTable): string[] {
  const table = found.find(({ schema, name }) => schema === part.schema && name === part.name);
  if (!table) throw new DumpRefused(`no such table: ${part.schema}.${part.name}`);
  return part.columns.map((column) => {
    if (!table.columns.includes(column)) throw new DumpRefused(`no such column: ${part.schema}.${part.name}.${column}`);
    return pg.escapeIdentifier(column);
  });
}

async function withOwner<Done>(url: string, work: (client: pg.Client) => Promise<Done>): Promise<Done> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  try {
    return await work(client);
  } finally {
    // An open transaction ends with its connection, and nothing of it stays.
    await client.end();
  }
}
