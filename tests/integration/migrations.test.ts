import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  applyMigrations,
  assertServes,
  listMigrations,
  listPendingMigrations,
} from '../../src/adapters/prisma/migrate.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;
let client: pg.Client;
let folder: string;

beforeEach(async () => {
  database = await createTestDatabase({ isMigrated: false });
  client = new pg.Client({ connectionString: database.ownerUrl });
  await client.connect();
  folder = await mkdtemp(join(tmpdir(), 'emanet-migrations-'));
});
afterEach(async () => {
  await client.end();
  await database.drop();
  await rm(folder, { recursive: true, force: true });
});

async function write(name: string, sql: string): Promise<void> {
  await mkdir(join(folder, name), { recursive: true });
  await writeFile(join(folder, name, 'migration.sql'), sql);
}
const apply = () => applyMigrations(database.ownerUrl, folder);
const pending = () => listPendingMigrations(database.ownerUrl, folder);
const tables = async () =>
  (await client.query(`SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1`)).rows.map(
    (row) => row.tablename,
  );
const rows = async () => (await client.query('SELECT * FROM "_prisma_migrations" ORDER BY started_at')).rows;

const first = 'CREATE TABLE "a" (id INTEGER);\n';
const second = 'CREATE TABLE "b" (id INTEGER);\nINSERT INTO "b" VALUES (1);\n';

test('migrations are applied once, in the order of their names, with rows as Prisma writes them', async () => {
  await write('2_second', second);
  await write('1_first', first);
  expect(await apply()).toEqual(['1_first', '2_second']);
  expect(await apply()).toEqual([]);
  expect(await tables()).toEqual(['_prisma_migrations', 'a', 'b']);
  expect(await rows()).toMatchObject([
    {
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      checksum: createHash('sha256').update(first).digest('hex'),
      migration_name: '1_first',
      started_at: expect.any(Date),
      finished_at: expect.any(Date),
      logs: null,
      rolled_back_at: null,
      applied_steps_count: 1,
    },
    { migration_name: '2_second' },
  ]);
  const columns = await client.query(
    `SELECT column_name AS name, data_type AS type, character_maximum_length AS length, is_nullable AS nullable,
       column_default AS value
     FROM information_schema.columns WHERE table_name = '_prisma_migrations' ORDER BY ordinal_position`,
  );
  const varchar = 'character varying';
  const time = 'timestamp with time zone';
  // What `prisma migrate deploy` 7.10 makes.
  expect(columns.rows.map(({ name, type, length, nullable, value }) => [name, type, length, nullable, value])).toEqual([
    ['id', varchar, 36, 'NO', null],
    ['checksum', varchar, 64, 'NO', null],
    ['finished_at', time, null, 'YES', null],
    ['migration_name', varchar, 255, 'NO', null],
    ['logs', 'text', null, 'YES', null],
    ['rolled_back_at', time, null, 'YES', null],
    ['started_at', time, null, 'NO', 'now()'],
    ['applied_steps_count', 'integer', null, 'NO', '0'],
  ]);
});

test('of two that migrate at once one does, and the other finds it done', async () => {
  await write('1_first', `${first}SELECT pg_sleep(0.3);`);
  await write('2_second', second);
  const done = await Promise.all([apply(), apply(), apply()]);
  expect(done.map((names) => names.length).sort()).toEqual([0, 0, 2]);
  expect(await rows()).toHaveLength(2);
});

test('a migration that was applied and has changed since is named, and nothing is applied', async () => {
  await write('1_first', first);
  await apply();
  await write('1_first', `${first}-- a word more`);
  await write('2_second', second);
  for (const attempt of [apply, pending])
    await expect(attempt()).rejects.toThrow(/^the migration 1_first was changed after it was applied: its SHA-256 is/);
  expect(await tables()).toEqual(['_prisma_migrations', 'a']);
});

test('a migration that the folder lacks is named: the database is of a later version', async () => {
  await write('1_first', first);
  await write('2_second', second);
  await apply();
  await rm(join(folder, '2_second'), { recursive: true });
  await expect(apply()).rejects.toThrow('the database has the migration 2_second, which this version does not know');
});

test('a dry run lists what would be applied and changes nothing', async () => {
  await write('1_first', first);
  expect(await pending()).toEqual(['1_first']);
  expect(await tables()).toEqual([]);
  await apply();
  await write('2_second', second);
  expect(await pending()).toEqual(['2_second']);
  expect(await tables()).toEqual(['_prisma_migrations', 'a']);
});

test('a migration that fails leaves nothing, says where and why, and runs when it is repaired', async () => {
  await write('1_first', first);
  await write('2_second', 'CREATE TABLE "b" (id INTEGER);\nINSERT INTO "c" VALUES (1);\n');
  await expect(apply()).rejects.toThrow(
    'the migration 2_second failed (relation "c" does not exist, line 2, SQLSTATE 42P01); nothing of it is left, and it can be tried again',
  );
  expect(await tables()).toEqual(['_prisma_migrations', 'a']);
  expect(await rows()).toHaveLength(1);
  await write('2_second', second);
  expect(await apply()).toEqual(['2_second']);
  expect(await tables()).toEqual(['_prisma_migrations', 'a', 'b']);
});

test('what no transaction can do is done without one; its failure stays on record and it can be tried again', async () => {
  await write('1_first', `${first}INSERT INTO "a" VALUES (1), (1);`);
  const index = (more: string) =>
    `-- without a transaction\nCREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS "a_id" ON "a" (id)${more};\n`;
  await write('2_index', index(''));
  await expect(apply()).rejects.toThrow(
    /^the migration 2_index failed \(could not create unique index "a_id", SQLSTATE 23505\); what its statement began may be there in part/,
  );
  expect(await rows()).toMatchObject([
    { finished_at: expect.any(Date) },
    { finished_at: null, applied_steps_count: 0, logs: expect.stringContaining('23505') },
  ]);
  await client.query('DROP INDEX "a_id"; DELETE FROM "a"');
  expect(await pending()).toEqual(['2_index']);
  expect(await apply()).toEqual(['2_index']);
  expect(await rows()).toMatchObject([
    { migration_name: '1_first' },
    { migration_name: '2_index', finished_at: null, rolled_back_at: expect.any(Date) },
    { migration_name: '2_index', finished_at: expect.any(Date), rolled_back_at: null, applied_steps_count: 1 },
  ]);
});

test('a process that dies in the middle of a migration leaves it to the next one', async () => {
  await write('1_first', `${first}SELECT pg_sleep(30);`);
  const dying = apply();
  const died = expect(dying).rejects.toThrow();
  const find = `SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND query LIKE '%pg_sleep(30)%' AND pid <> pg_backend_pid()`;
  for (let pids = 0; pids === 0; ) pids = (await client.query(find)).rowCount ?? 0;
  await client.query(`SELECT pg_terminate_backend(pid) FROM (${find}) AS found`);
  await died;
  await write('1_first', first);
  expect(await apply()).toEqual(['1_first']);
});

test('the own migrations are applied with the checksums of their files', async () => {
  const own = join(import.meta.dirname, '../../prisma/migrations');
  const names = (await readdir(own, { withFileTypes: true }))
    .filter((one) => one.isDirectory())
    .map(({ name }) => name);
  expect(await applyMigrations(database.ownerUrl)).toEqual(names.sort());
  for (const { migration_name: name, checksum } of await rows())
    expect(checksum).toBe(
      createHash('sha256')
        .update(await readFile(join(own, name, 'migration.sql')))
        .digest('hex'),
    );
  expect(await listPendingMigrations(database.ownerUrl)).toEqual([]);
});

test('a version serves with tables that are newer, unless a migration says that it cannot, and never with older ones', async () => {
  await client.end();
  await database.drop();
  database = await createTestDatabase();
  client = new pg.Client({ connectionString: database.ownerUrl });
  await client.connect();
  const serves = () => assertServes(database.webUrl, folder);
  const own = await listMigrations();
  for (const name of own) await write(name, '');
  await serves();

  await write('3000_later', '');
  await expect(serves()).rejects.toThrow('the database lacks 3000_later: run npm run setup first');
  await client.query(`INSERT INTO "_prisma_migrations" (id, checksum, migration_name, finished_at)
    VALUES ('a', 'a', '3000_later', now()), ('b', 'b', '3001_still_later', now())`);
  // Two versions, side by side.
  await serves();

  await client.query(`UPDATE "installation" SET "oldestMigration" = '3001_still_later'`);
  await expect(serves()).rejects.toThrow('needs a version that knows the migration 3001_still_later');
  await write('3001_still_later', '');
  await serves();
});

test('a server that may not make tables says that there are none', async () => {
  await expect(assertServes(database.ownerUrl)).rejects.toThrow('the database has no tables: run npm run setup first');
});
