import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { holdWorkerLocks, releaseDeadWorkers } from '../../src/adapters/graphile-worker/dead-workers.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';

let database: TestDatabase;
let client: pg.Client;

beforeAll(async () => {
  database = await createTestDatabase();
  client = new pg.Client({ connectionString: database.url });
  await client.connect();
});
afterAll(async () => {
  await client?.end();
  await database?.drop();
});

const holdLocks = () =>
  holdWorkerLocks(database.url, (error) => {
    throw error;
  });

/** The lock is asked for without waiting. */
const lockToBeHeld = () =>
  eventually(async () => {
    const { rowCount } = await client.query(`SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND granted
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`);
    return rowCount === 1;
  }, 'the lock to be held');

test('a job of a killed process is given back, one of a living process is not', async () => {
  for (const holder of ['killed', 'alive']) {
    await client.query(`SELECT graphile_worker.add_job('check-recording', '{}')`);
    await client.query(
      'UPDATE graphile_worker._private_jobs SET locked_by = $1, locked_at = now() WHERE locked_by IS NULL',
      [holder],
    );
  }
  const locks = await holdLocks();
  try {
    locks.hold('alive');
    await lockToBeHeld();
    expect(await releaseDeadWorkers(database.url)).toEqual(['killed']);
    const { rows } = await client.query('SELECT locked_by FROM graphile_worker._private_jobs ORDER BY id');
    expect(rows.map((row) => row.locked_by)).toEqual([null, 'alive']);
  } finally {
    await locks.close();
  }
  expect(await releaseDeadWorkers(database.url)).toEqual(['alive']);
});

test('jobs of a pool that ended are given back, although its process lives', async () => {
  await client.query(`SELECT graphile_worker.add_job('check-recording', '{}')`);
  await client.query('UPDATE graphile_worker._private_jobs SET locked_by = $1, locked_at = now()', ['ended']);
  const locks = await holdLocks();
  try {
    locks.hold('ended');
    await lockToBeHeld();
    expect(await releaseDeadWorkers(database.url)).toEqual([]);
    await locks.release('ended');
    expect(await releaseDeadWorkers(database.url)).toEqual(['ended']);
  } finally {
    await locks.close();
  }
});
