import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type OpenDatabase, openDatabase } from '../../src/adapters/prisma/database.ts';
import { findChainFaults } from '../../src/audit/chain.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;
let open: OpenDatabase;
let server: pg.Client;
let owner: pg.Client;
const system = { actor: { kind: 'system', id: 'test' } } as const;
const append = (details: Record<string, unknown> = {}) =>
  open.transact(system, (tx) => tx.log({ action: 'system.started', outcome: 'done', details }));

beforeAll(async () => {
  database = await createTestDatabase();
  open = openDatabase({ url: database.url, clock: () => new Date() });
  server = new pg.Client({ connectionString: database.url });
  owner = new pg.Client({ connectionString: database.ownerUrl });
  await Promise.all([server.connect(), owner.connect()]);
  for (let i = 0; i < 5; i++) await append({ i });
});
afterAll(async () => {
  await Promise.all([server?.end(), owner?.end()]);
  await open?.close();
  await database?.drop();
});

describe.each(['audit_entry', 'permission_event', 'decision'])('%s', (table) => {
  const attempts = [
    `UPDATE ${table} SET "${table === 'audit_entry' ? 'canonical' : 'id'}" = NULL`,
    `DELETE FROM ${table}`,
    `TRUNCATE ${table} CASCADE`,
  ];
  test.each(attempts)('the server’s role is refused: %s', async (sql) => {
    await expect(server.query(sql)).rejects.toThrow(/permission denied|append-only/);
  });
  test.each(attempts)('the owner of the table is refused too: %s', async (sql) => {
    await expect(owner.query(sql)).rejects.toThrow(/append-only/);
  });
});

test.each([
  'ALTER TABLE audit_entry DISABLE TRIGGER ALL',
  'DROP TABLE audit_entry',
  'DROP TRIGGER append_only ON audit_entry',
  'CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE sql AS $$ SELECT NULL $$',
  'SET session_replication_role = replica',
  'SELECT * FROM _prisma_migrations',
])('the server’s role cannot lift the rule: %s', async (sql) => {
  await expect(server.query(sql)).rejects.toThrow(/permission denied|must be owner|return type/);
});

test('a writer can choose neither sequence nor hashes', async () => {
  const canonical =
    '{"action":"system.started","actor":{"kind":"system"},"at":"2026-01-01T00:00:00.000Z","id":"forged","outcome":"done","v":1}';
  const { rows } = await server.query(
    `INSERT INTO audit_entry (seq, canonical, leaf_hash, chain_hash) VALUES (999, $1, '\\x00', '\\x00') RETURNING seq, leaf_hash`,
    [canonical],
  );
  expect(Number(rows[0].seq)).toBe(6);
  expect(rows[0].leaf_hash.length).toBe(32);
});

test('twenty writers at once leave no gap and an intact chain', async () => {
  await Promise.all(Array.from({ length: 20 }, (_, i) => append({ writer: i })));
  const { rows } = await server.query('SELECT seq, canonical, leaf_hash, chain_hash FROM audit_entry ORDER BY seq');
  expect(rows.map((row) => Number(row.seq))).toEqual(rows.map((_, i) => i + 1));
  const entries = rows.map((row) => ({
    seq: Number(row.seq),
    canonical: row.canonical,
    leafHash: row.leaf_hash.toString('hex'),
    chainHash: row.chain_hash.toString('hex'),
  }));
  const faults = [];
  for await (const fault of findChainFaults(entries)) faults.push(fault);
  expect(faults).toEqual([]);
});

test('an entry goes with the change that it describes, or not at all', async () => {
  const before = await open.read.auditEntry.count();
  await expect(
    open.transact(system, async (tx) => {
      await tx.log({ action: 'school.changed', outcome: 'done' });
      await tx.db.school.create({ data: { name: 'x' } });
      throw new Error('the change fails');
    }),
  ).rejects.toThrow('the change fails');
  expect(await open.read.auditEntry.count()).toBe(before);
  expect(await open.read.school.count()).toBe(0);
});

test('a job goes with the change that asks for it, or not at all', async () => {
  const jobs = async () => Number((await server.query('SELECT count(*) FROM graphile_worker.jobs')).rows[0].count);
  await expect(
    open.transact(system, async (tx) => {
      await tx.enqueue('check-recording', { recordingId: 'x' });
      throw new Error('no');
    }),
  ).rejects.toThrow();
  expect(await jobs()).toBe(0);
  await open.transact(system, (tx) => tx.enqueue('check-recording', { recordingId: 'x' }));
  expect(await jobs()).toBe(1);
});

test('every column that the code knows is in the migrated database', async () => {
  const models = [
    'user',
    'session',
    'account',
    'verification',
    'twoFactor',
    'invitation',
    'apiToken',
    'signInFailure',
    'school',
    'channel',
    'riskAssessment',
    'lesson',
    'site',
    'participant',
    'guardian',
    'permission',
    'permissionEvent',
    'sealedObject',
    'recording',
    'work',
    'segment',
    'decision',
    'rendition',
    'release',
    'viewerLink',
    'auditEntry',
    'auditAddress',
  ] as const;
  for (const model of models) await (open.read[model] as unknown as { findFirst(): Promise<unknown> }).findFirst();
});
