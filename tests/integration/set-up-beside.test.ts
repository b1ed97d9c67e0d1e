import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { applyGrants } from '../../src/adapters/prisma/migrate.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';

/** A set-up beside servers that are at work: whoever holds a row may wait for what the set-up holds, and it for them. */
let database: TestDatabase;
let owner: pg.Client;
/** A server in the middle of a transaction. */
let atWork: pg.Client;

beforeAll(async () => {
  database = await createTestDatabase();
  await applyGrants(database.ownerUrl);
});
afterAll(() => database.drop());
beforeEach(async () => {
  owner = new pg.Client({ connectionString: database.ownerUrl });
  atWork = new pg.Client({ connectionString: database.homeUrl });
  await Promise.all([owner.connect(), atWork.connect()]);
});
afterEach(() => Promise.all([owner.end(), atWork.end()]));

const wallsOf = async (table: string) =>
  (
    await owner.query(
      `SELECT polname, pg_get_expr(polqual, polrelid) AS using, pg_get_expr(polwithcheck, polrelid) AS checked,
              relrowsecurity AND relforcerowsecurity AS stands
         FROM pg_policy JOIN pg_class c ON c.oid = polrelid WHERE relname = $1 ORDER BY polname`,
      [table],
    )
  ).rows;

const isWaitedFor = async (table: string): Promise<boolean> =>
  (await owner.query('SELECT FROM pg_locks WHERE relation = $1::regclass AND NOT granted', [table])).rows.length > 0;

test('waits for nobody where all walls stand', async () => {
  await atWork.query('BEGIN; SELECT FROM "lesson"; SELECT FROM "recording"; LOCK TABLE "person" IN ROW EXCLUSIVE MODE');
  await applyGrants(database.ownerUrl);
  await atWork.query('COMMIT');
});

test.each([
  ['taken down', `ALTER TABLE "lesson" DISABLE ROW LEVEL SECURITY`],
  ['no longer forced', `ALTER TABLE "lesson" NO FORCE ROW LEVEL SECURITY`],
  ['let everybody through', `ALTER POLICY own_school ON "lesson" USING (true)`],
  ['let everything in', `ALTER POLICY own_school ON "lesson" WITH CHECK (true)`],
  ['are gone', `DROP POLICY own_school ON "lesson"`],
  ['have a door', `CREATE POLICY door ON "lesson" USING (true)`],
])('walls that %s are built again', async (_, damage) => {
  const before = await wallsOf('lesson');
  await owner.query(damage);
  expect(await wallsOf('lesson')).not.toEqual(before);
  await applyGrants(database.ownerUrl);
  expect(await wallsOf('lesson')).toEqual(before);
});

test('what has to be built again waits until it can be, and holds nobody up for long', async () => {
  await owner.query('DROP POLICY own_school ON "lesson"');
  await atWork.query('BEGIN; SELECT FROM "lesson"');
  const building = applyGrants(database.ownerUrl);
  await eventually(() => isWaitedFor('lesson'), 'the set-up waits for the server');
  // Others stand behind it, and go on when it gives way.
  const other = new pg.Client({ connectionString: database.homeUrl });
  await other.connect();
  await other.query('SELECT FROM "lesson"');
  await other.end();
  await atWork.query('COMMIT');
  await building;
  expect(await wallsOf('lesson')).toHaveLength(2);
});

test('one table is built at a time: who waits for another one is in no deadlock', async () => {
  await owner.query('DROP POLICY own_school ON "lesson"; DROP POLICY own_school ON "recording"');
  await atWork.query('BEGIN; SELECT FROM "recording"');
  const building = applyGrants(database.ownerUrl);
  await eventually(() => isWaitedFor('recording'), 'the set-up waits for the recordings');
  await atWork.query('SELECT FROM "lesson"; COMMIT');
  await building;
  expect([await wallsOf('lesson'), await wallsOf('recording')]).toMatchObject([{ length: 2 }, { length: 2 }]);
});
