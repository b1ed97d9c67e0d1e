import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import type { Id } from '../../domain/ids.ts';
import { mustHave } from '../../domain/must-have.ts';
import { type AppliedMigration, DumpRefused, NoAccount, type TablesMade } from '../../pipeline/ports/database-copy.ts';
import { readDump } from './read-dump.ts';
import { createStage } from './stage.ts';
import { type CopiedTable, jobsOf, listTables, nameOf, schoolColumn } from './tables.ts';

/** What a database is before rows are loaded into it. Restores of one school beside others are no matter of all of it. */
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
      ? await client.query(
          `SELECT 1 FROM restore WHERE finished_at IS NULL AND backup <> $1 AND backup NOT LIKE '%/%'`,
          [logAlone],
        )
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

/** Marks of this school's restores that are not finished go; `but` stands for them, or nothing does. */
export async function dropMarks(ownerUrl: string, school: Id, but: string | null): Promise<void> {
  await withOwner(ownerUrl, (client) =>
    client.query(
      `DELETE FROM restore WHERE finished_at IS NULL AND backup LIKE $1::text || '/%' AND id IS DISTINCT FROM $2::uuid`,
      [school, but],
    ),
  );
}

/** Whose rows are loaded, and into what. */
export interface LoadOrder {
  /** Rows of no other school may be among them; null: a backup from before schools had ids, into empty tables. */
  readonly school: Id | null;
  /** Other schools have rows in the tables, which are not touched. False: the tables are empty, and it is the first. */
  readonly isBeside: boolean;
  /**
   * It comes from another installation, whose secrets are not here: of accounts, only address and password come, and one that is
   * there has to have the same address.
   */
  readonly isElsewhere: boolean;
  /** Other addresses for accounts of the dump. */
  readonly addresses: ReadonlyMap<string, string>;
}

const intoEmpty: LoadOrder = { school: null, isBeside: false, isElsewhere: false, addresses: new Map() };
/** What opens an account can be read with the secret of its installation, or is for its address in the web, or is a provider's word. */
const factorTables = ['authenticator', 'backup_code', 'external_identity', 'passkey'];
const ownRows = 'restored_school_alone';

/**
 * Loads the rows of a dump into tables that the same migrations made, in one transaction: a load that breaks off leaves
 * no row. Foreign keys are taken away meanwhile and checked as a whole at the end. Entries of the log that had no place
 * in the tree yet are not kept but returned: what was placed after the copy was taken comes before them. Rows that the school
 * has beside others make way.
 * @throws DumpRefused, AccountThere, NoAccount
 */
export async function loadDump(
  ownerUrl: string,
  tables: TablesMade,
  octets: AsyncIterable<Uint8Array>,
  { school, isBeside, isElsewhere, addresses }: LoadOrder = intoEmpty,
): Promise<{ unplaced: readonly string[] }> {
  return withOwner(ownerUrl, async (client) => {
    const queue = await client.query<{ newest: number }>('SELECT max(id) AS newest FROM graphile_worker.migrations');
    if (queue.rows[0]?.newest !== tables.queue)
      throw new DumpRefused(`tables of the queue: ${queue.rows[0]?.newest} here, ${tables.queue} in the backup`);
    await client.query('BEGIN');
    const { found, ofSchools, keys, lock } = await unlockTables(client, { areWalled: isBeside });
    if (school !== null && isBeside) await removeRows(client, ofSchools, school);
    // The database itself refuses a row of another school, and does not look at those that are there.
    if (school !== null)
      for (const table of ofSchools)
        await client.query(
          `ALTER TABLE ${nameOf(table)} ADD CONSTRAINT ${ownRows} CHECK (${schoolColumn(table)} = ${pg.escapeLiteral(school)}) NOT VALID`,
        );
    const stage = createStage(client);
    for await (const part of readDump(octets)) {
      if (part.kind === 'sequence') {
        await moveSequence(client, part, isBeside);
        continue;
      }
      const { table, columns } = columnsOf(found, part);
      if ((isBeside && table.kind === 'installation') || (isElsewhere && factorTables.includes(table.name))) {
        // The installation goes on as it is.
        for await (const _ of part.rows);
        continue;
      }
      // The migrations gave it the id of a school to come: that of the backup takes its place.
      if (table.name === 'installation') await client.query('DELETE FROM installation');
      const isStaged = isBeside && table.kind !== 'school';
      const name = isStaged ? await stage.open(table) : nameOf(table);
      const into = client.query(copyFrom(`COPY ${name} (${columns.join(', ')}) FROM STDIN`));
      await pipeline(Readable.from(part.rows, { objectMode: false }), into).catch((error: unknown) => {
        throw refusalOf(error);
      });
    }
    await changeAddresses(client, isBeside ? 'staged_account' : 'account', addresses);
    if (school !== null && isBeside) {
      await stage.take(school, { isElsewhere });
      await dropAuthorities(client, school);
      await forgetNumbers(client, found, school);
    }
    if (school !== null && !isBeside) await client.query('UPDATE installation SET "homeSchoolId" = $1', [school]);
    // Jobs that somebody had in hand when the copy was taken are free.
    await client.query('UPDATE graphile_worker._private_jobs SET locked_at = NULL, locked_by = NULL');
    await client.query('UPDATE graphile_worker._private_job_queues SET locked_at = NULL, locked_by = NULL');
    const unplaced = await removeUnplaced(client, isBeside ? school : null);
    if (school !== null)
      for (const table of ofSchools) await client.query(`ALTER TABLE ${nameOf(table)} DROP CONSTRAINT ${ownRows}`);
    if (school !== null) await assertWithinWalls(client, keys, school);
    await lock();
    await client.query('COMMIT');
    return { unplaced };
  });
}

/**
 * Removes the rows of a school that was taken out, and the accounts of its people that belong to no other school, in one
 * transaction. Nobody may be connected meanwhile.
 */
export async function removeSchool(ownerUrl: string, school: Id): Promise<{ accounts: number }> {
  return withOwner(ownerUrl, async (client) => {
    await client.query('BEGIN');
    const { found, ofSchools, lock } = await unlockTables(client, { areWalled: true });
    await client.query(
      `CREATE TEMP TABLE removed_account ON COMMIT DROP AS SELECT id FROM "user" u WHERE "schoolId" = $1
          AND NOT EXISTS (SELECT 1 FROM "user" other WHERE other.id = u.id AND other."schoolId" <> u."schoolId")`,
      [school],
    );
    await removeRows(client, ofSchools, school);
    for (const table of found) {
      if (table.kind !== 'account') continue;
      const column = table.name === 'account' ? 'id' : '"accountId"';
      await client.query(`DELETE FROM ${nameOf(table)} WHERE ${column} IN (SELECT id FROM removed_account)`);
    }
    const { rows } = await client.query<{ accounts: number }>('SELECT count(*)::int AS accounts FROM removed_account');
    await lock();
    await client.query('COMMIT');
    return mustHave(rows[0], 'count of accounts');
  });
}

/** An authority is one of the first school: one that a school brings along from where it was the first is none here. */
async function dropAuthorities(client: pg.Client, school: Id): Promise<void> {
  for (const table of ['user', 'invitation'])
    await client.query(
      `UPDATE "${table}" SET roles = ARRAY(SELECT role FROM unnest(roles) role WHERE role::text <> 'authority')
        WHERE "schoolId" = $1 AND 'authority' = ANY(roles::text[])`,
      [school],
    );
}

/**
 * Until `lock`, no trigger fires and no foreign key holds; then they are checked as a whole. To the end of the transaction nobody
 * else gets to the tables.
 */
async function unlockTables(client: pg.Client, { areWalled }: { readonly areWalled: boolean }) {
  const found = await listTables(client);
  for (const table of found) await client.query(`ALTER TABLE ${nameOf(table)} DISABLE TRIGGER USER`);
  const ofSchools = found.filter(({ kind }) => kind === 'school');
  // Where the walls stand, they hold for the owner too, and nothing is copied past them.
  if (areWalled)
    for (const table of ofSchools) await client.query(`ALTER TABLE ${nameOf(table)} NO FORCE ROW LEVEL SECURITY`);
  const keys = await listForeignKeys(client);
  for (const { table, name } of keys) await client.query(`ALTER TABLE ${table} DROP CONSTRAINT ${name}`);
  return {
    found,
    ofSchools,
    keys,
    async lock(): Promise<void> {
      for (const { table, name, definition } of keys)
        await client.query(`ALTER TABLE ${table} ADD CONSTRAINT ${name} ${definition}`);
      for (const table of found) await client.query(`ALTER TABLE ${nameOf(table)} ENABLE TRIGGER USER`);
      if (areWalled)
        for (const table of ofSchools) await client.query(`ALTER TABLE ${nameOf(table)} FORCE ROW LEVEL SECURITY`);
    },
  };
}

/** What the school has here goes: its accounts stay, since other schools may have them too. */
async function removeRows(client: pg.Client, tables: readonly CopiedTable[], school: Id): Promise<void> {
  for (const table of tables)
    await client.query(`DELETE FROM ${nameOf(table)} WHERE ${schoolColumn(table)} = $1`, [school]);
  await client.query(`DELETE FROM graphile_worker._private_jobs WHERE ${jobsOf(school, false)}`);
}

/**
 * Forwards only: rows that are there have numbers too. Whoever wrote a dump that is loaded beside others must not use the numbers
 * up that those still need.
 */
async function moveSequence(
  client: pg.Client,
  { schema, name, last }: { readonly schema: string; readonly name: string; readonly last: string },
  isBeside: boolean,
): Promise<void> {
  // Jobs get new numbers.
  if (isBeside && schema !== 'public') return;
  const { rows } = await client.query<{ isTooHigh: boolean }>(
    `SELECT $1::numeric > max_value / 2 AS "isTooHigh" FROM pg_sequences WHERE schemaname = $2 AND sequencename = $3`,
    [last, schema, name],
  );
  if (isBeside && rows[0]?.isTooHigh) throw new DumpRefused(`${name} would leave no numbers for other schools`);
  await client.query(
    `SELECT setval(to_regclass($1), greatest($2::bigint, last_value)) FROM pg_sequences
      WHERE schemaname = $3 AND sequencename = $4`,
    [nameOf({ schema, name }), last, schema, name],
  );
}

/** Numbers that another database gave, of jobs and of transactions: here they stand for others. */
async function forgetNumbers(client: pg.Client, tables: readonly CopiedTable[], school: Id): Promise<void> {
  // Tables of an earlier version do not have the column yet.
  if (tables.some(({ name, columns }) => name === 'recording' && columns.includes('checkedJob')))
    await client.query('UPDATE recording SET "checkedJob" = NULL WHERE "schoolId" = $1', [school]);
  await client.query('UPDATE audit_batch SET horizon = 0 WHERE "schoolId" = $1', [school]);
}

/** @throws NoAccount for an address that no account of the dump has. */
async function changeAddresses(
  client: pg.Client,
  table: string,
  addresses: ReadonlyMap<string, string>,
): Promise<void> {
  for (const [from, to] of addresses) {
    const { rowCount } = await client.query(`UPDATE ${table} SET email = $2 WHERE email = $1`, [from, to]);
    if (rowCount === 0) throw new NoAccount(from);
  }
}

/** Between the rows of schools foreign keys do not look at the walls (prisma/walls.sql). */
async function assertWithinWalls(client: pg.Client, keys: readonly ForeignKey[], school: Id): Promise<void> {
  for (const { table, column, parent, parentColumn, isBetweenSchools } of keys) {
    if (!isBetweenSchools) continue;
    const { rowCount } = await client.query(
      `SELECT 1 FROM ${table} AS child JOIN ${parent} AS parent ON parent.${parentColumn} = child.${column}
        WHERE child."schoolId" = $1 AND parent."schoolId" <> $1 LIMIT 1`,
      [school],
    );
    if (rowCount) throw new DumpRefused(`a row of ${table} refers to one of another school`);
  }
}

function refusalOf(error: unknown): unknown {
  if (!(error instanceof pg.DatabaseError)) return error;
  const table = `${error.schema}.${error.table}`;
  if (error.constraint === ownRows) return new DumpRefused(`a row of another school in ${table}`);
  if (error.code === '23505') return new DumpRefused(`a row of ${table} is there already (${error.constraint})`);
  return error;
}

/** The schools besides the first that were not taken out; none where there are no tables. */
export async function listOtherSchools(ownerUrl: string): Promise<Id[]> {
  return withOwner(ownerUrl, async (client) => {
    const { rows } = await client.query<{ hasSchools: boolean }>(
      `SELECT to_regclass('public.school') IS NOT NULL AS "hasSchools"`,
    );
    if (!rows[0]?.hasSchools) return [];
    const found = await client.query<{ id: Id }>(
      // As JSON: tables of an earlier version do not have the column yet.
      `SELECT id FROM school s WHERE id NOT IN (SELECT "homeSchoolId" FROM installation)
          AND to_jsonb(s) ->> 'takenOutAt' IS NULL ORDER BY id`,
    );
    return found.rows.map(({ id }) => id);
  });
}

/** What a database is to a school that is brought back beside others. */
export interface TargetOfSchool {
  /** The first school of the installation. */
  readonly firstId: Id;
  readonly isThere: boolean;
  /** A restore of it began here and was broken off. */
  readonly isUnfinished: boolean;
  /** It went to another installation, as its row or the log of the first school says. */
  readonly isTakenOut: boolean;
  readonly migrations: readonly AppliedMigration[];
}

/** The school goes on here: what it was taken out of before is another installation, or this one, which it comes back to. */
export async function openTakenOut(ownerUrl: string, school: Id): Promise<void> {
  await withOwner(ownerUrl, (client) =>
    client.query(`UPDATE school SET "closedAt" = nullif("closedAt", "takenOutAt"), "takenOutAt" = NULL WHERE id = $1`, [
      school,
    ]),
  );
}

/** Its rows came back with those of the others, and it goes on elsewhere: the restore of this id is finished. */
export async function leaveTakenOut(ownerUrl: string, school: Id, restoreId: string): Promise<void> {
  await withOwner(ownerUrl, async (client) => {
    await client.query(
      `UPDATE school SET "takenOutAt" = COALESCE("takenOutAt", now()), "closedAt" = COALESCE("closedAt", now()) WHERE id = $1`,
      [school],
    );
    await client.query(`UPDATE restore SET finished_at = now(), unplaced = '{}' WHERE id = $1`, [restoreId]);
  });
}

/** Of a database that has tables. */
export async function readTargetOfSchool(ownerUrl: string, school: Id): Promise<TargetOfSchool> {
  return withOwner(ownerUrl, async (client) => {
    const { rows } = await client.query<Omit<TargetOfSchool, 'migrations'>>(
      `SELECT "homeSchoolId" AS "firstId", EXISTS (SELECT 1 FROM school WHERE id::text = $1) AS "isThere",
              EXISTS (SELECT 1 FROM restore
                       WHERE finished_at IS NULL AND backup LIKE $1::text || '/%' AND backup <> $1::text || '/${logAlone}') AS "isUnfinished",
              EXISTS (SELECT 1 FROM school s WHERE id::text = $1 AND to_jsonb(s) ->> 'takenOutAt' IS NOT NULL)
                OR COALESCE((SELECT e.action = 'school.taken_out' FROM audit_entry e
                              WHERE e."schoolId" = "homeSchoolId" AND e.object_id = $1
                                AND e.action IN ('school.taken_out', 'school.put_in')
                              ORDER BY e.seq DESC LIMIT 1), false) AS "isTakenOut"
         FROM installation`,
      [school],
    );
    const migrations = await client.query<AppliedMigration>('SELECT name, checksum FROM applied_migrations()');
    return { ...mustHave(rows[0], 'row of the installation'), migrations: migrations.rows };
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
  /** Null: the first one. */
  school: Id | null,
): Promise<{ id: string; unplaced: readonly string[] }> {
  const mark = school === null ? logAlone : `${school}/${logAlone}`;
  return withOwner(ownerUrl, async (client) => {
    await client.query('BEGIN');
    await client.query('ALTER TABLE audit_arrival DISABLE TRIGGER USER');
    const { rows } = await client.query<{ firstId: Id }>('SELECT "homeSchoolId" AS "firstId" FROM installation');
    const removed = await removeUnplaced(client, school ?? mustHave(rows[0], 'row of the installation').firstId);
    await client.query('ALTER TABLE audit_arrival ENABLE TRIGGER USER');
    const begun = await client.query<{ id: string; unplaced: string[] }>(
      'SELECT id, unplaced FROM restore WHERE finished_at IS NULL AND backup = $1',
      [mark],
    );
    const { id, unplaced: before } = begun.rows[0] ?? { id: newId, unplaced: [] };
    const unplaced = [...before, ...removed];
    await client.query(
      `INSERT INTO restore (id, backup, begun_at, unplaced) VALUES ($1, $2, now(), $3)
       ON CONFLICT (id) DO UPDATE SET unplaced = EXCLUDED.unplaced`,
      [id, mark, unplaced],
    );
    await client.query('COMMIT');
    return { id, unplaced };
  });
}

/** Null: of every school that there is, as before schools had ids. */
async function removeUnplaced(client: pg.Client, school: Id | null): Promise<readonly string[]> {
  const isOf = (name: string) => (school === null ? '' : `${name}."schoolId" = ${pg.escapeLiteral(school)} AND`);
  const { rows } = await client.query<{ canonical: string }>(
    `WITH gone AS (DELETE FROM audit_arrival a
                    WHERE ${isOf('a')} NOT EXISTS (SELECT 1 FROM audit_entry e WHERE ${isOf('e')} e.arrival = a.arrival)
                    RETURNING a.arrival, a.canonical),
          addresses AS (DELETE FROM audit_address x WHERE ${isOf('x')} x.arrival IN (SELECT arrival FROM gone))
     SELECT canonical FROM gone ORDER BY arrival`,
  );
  return rows.map(({ canonical }) => canonical);
}

interface ForeignKey {
  readonly table: string;
  readonly name: string;
  readonly definition: string;
  readonly column: string;
  readonly parent: string;
  readonly parentColumn: string;
  /** Of one column, from a table of schools to another. */
  readonly isBetweenSchools: boolean;
}

async function listForeignKeys(client: pg.Client): Promise<ForeignKey[]> {
  const hasSchool = (table: string) =>
    `EXISTS (SELECT 1 FROM pg_attribute a WHERE a.attrelid = f.${table} AND a.attname = 'schoolId' AND NOT a.attisdropped)`;
  const { rows } = await client.query<ForeignKey>(
    `SELECT conrelid::regclass::text AS table, quote_ident(conname) AS name, pg_get_constraintdef(f.oid) AS definition,
            quote_ident(own.attname) AS column, confrelid::regclass::text AS parent, quote_ident(other.attname) AS "parentColumn",
            cardinality(conkey) = 1 AND ${hasSchool('conrelid')} AND ${hasSchool('confrelid')} AS "isBetweenSchools"
       FROM pg_constraint f
       JOIN pg_attribute own ON own.attrelid = conrelid AND own.attnum = conkey[1]
       JOIN pg_attribute other ON other.attrelid = confrelid AND other.attnum = confkey[1]
      WHERE contype = 'f' AND connamespace IN ('public'::regnamespace, 'graphile_worker'::regnamespace)`,
  );
  return rows;
}

/** A dump names tables and columns that are there: nothing else is written to. */
function columnsOf(
  found: readonly CopiedTable[],
  part: Pick<CopiedTable, 'schema' | 'name' | 'columns'>,
): { readonly table: CopiedTable; readonly columns: readonly string[] } {
  const table = found.find(({ schema, name }) => schema === part.schema && name === part.name);
  if (!table) throw new DumpRefused(`no such table: ${part.schema}.${part.name}`);
  const columns = part.columns.map((column) => {
    if (!table.columns.includes(column)) throw new DumpRefused(`no such column: ${part.schema}.${part.name}.${column}`);
    return pg.escapeIdentifier(column);
  });
  return { table, columns };
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
