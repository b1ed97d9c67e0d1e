import { setImmediate } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createPatientPool } from '../../src/adapters/graphile-worker/patient-pool.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database?.drop());

test('a job that fails while the queue stops takes nothing down with it: its last write waits for nobody', async () => {
  const pool = createPatientPool(database.url, 2);
  const client = await pool.connect();
  client.release();
  await pool.end();
  let became = 'waiting';
  pool.connect().then(
    () => {
      became = 'connected';
    },
    (error) => {
      became = String(error);
    },
  );
  for (let turns = 0; turns < 10; turns++) await setImmediate();
  expect(became).toBe('waiting');
});

test('a server that has become a standby is one that is away: the queue waits for it', async () => {
  const url = new URL(database.url);
  url.searchParams.set('options', '-c default_transaction_read_only=on');
  const pool = createPatientPool(url.href, 1);
  try {
    const client = await pool.connect();
    await expect(client.query('UPDATE graphile_worker._private_jobs SET run_at = run_at')).rejects.toMatchObject({
      code: '57P03',
      cause: { code: '25006' },
    });
    client.release();
  } finally {
    await pool.end();
  }
});
