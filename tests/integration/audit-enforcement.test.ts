import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type OpenDatabase, openDatabase } from '../../src/adapters/prisma/database.ts';
import { openCheckpoint } from '../../src/audit/checkpoint.ts';
import { formatLine } from '../../src/audit/export-format.ts';
import { leafHash, RightEdge } from '../../src/audit/merkle.ts';
import { parseVerifierKey } from '../../src/audit/signed-note.ts';
import { verifyExport } from '../../src/audit/verify-export.ts';
import { exportAudit } from '../../src/pipeline/oversight/export-audit.ts';
import { integrateLog } from '../../src/pipeline/oversight/integrate-log.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { keyOf, testSigner } from '../support/log.ts';

let database: TestDatabase;
let open: OpenDatabase;
let server: pg.Client;
let owner: pg.Client;
const system = { actor: { kind: 'system', id: 'test' } } as const;
const append = (attempts = 1, task = 'test') =>
  open.transact(system, (tx) => tx.log({ action: 'job.failed', outcome: 'failed', details: { task, attempts } }));

const canonicalOf = (id: string) =>
  `{"action":"system.started","actor":{"kind":"system"},"at":"2026-01-01T00:00:00.000Z","id":"${id}","outcome":"done","v":1}`;
/** What the server's role may not. */
async function asSuperuser(sql: string) {
  const client = new pg.Client({ connectionString: database.superuserUrl });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

beforeAll(async () => {
  database = await createTestDatabase();
  open = openDatabase({ url: database.url, clock: () => new Date() });
  server = new pg.Client({ connectionString: database.homeUrl });
  owner = new pg.Client({ connectionString: database.ownerUrl });
  await Promise.all([server.connect(), owner.connect()]);
  for (let i = 0; i < 5; i++) await append(i);
});
afterAll(async () => {
  await Promise.all([server?.end(), owner?.end()]);
  await open?.close();
  await database?.drop();
});

const columns = {
  audit_arrival: 'canonical',
  audit_entry: 'leaf_hash',
  audit_batch: 'horizon',
  audit_tile: 'hashes',
  audit_checkpoint: 'note',
  audit_mention: 'person',
  audit_cosignature: 'lines',
  permission_event: 'id',
  decision: 'id',
};
describe.each(Object.entries(columns))('%s', (table, column) => {
  const attempts = [`UPDATE ${table} SET "${column}" = NULL`, `DELETE FROM ${table}`, `TRUNCATE ${table} CASCADE`];
  test.each(attempts)('the server’s role is refused: %s', async (sql) => {
    await expect(server.query(sql)).rejects.toThrow(/permission denied|append-only/);
  });
  test.each(attempts)('the owner of the table is refused too: %s', async (sql) => {
    await expect(owner.query(sql)).rejects.toThrow(/append-only/);
  });
});

test.each([
  'ALTER TABLE audit_arrival DISABLE TRIGGER ALL',
  'ALTER TABLE audit_entry DISABLE TRIGGER append_only',
  'DROP TABLE audit_entry',
  'DROP TRIGGER append_only ON audit_arrival',
  'CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE sql AS $$ SELECT NULL $$',
  'CREATE OR REPLACE FUNCTION audit_integrate(most INTEGER) RETURNS BIGINT LANGUAGE sql AS $$ SELECT 0::bigint $$',
  'SET session_replication_role = replica',
  'SET ROLE emanet_owner',
  'SELECT * FROM _prisma_migrations',
])('the server’s role cannot lift the rule: %s', async (sql) => {
  await expect(server.query(sql)).rejects.toThrow(/permission denied|must be owner|return type/);
});

test.each([
  // Neither place nor hash, neither number nor transaction of an entry are the writer's to choose.
  `INSERT INTO audit_entry (seq, arrival, leaf_hash, entry_id, at, action, outcome, words) VALUES (999, 1, '\\x00', 'x', 'x', 'x', 'x', '')`,
  `INSERT INTO audit_arrival (arrival, canonical) VALUES (999, '{}')`,
  `INSERT INTO audit_arrival (xid, canonical) VALUES (0, '{}')`,
  `INSERT INTO audit_batch (size, horizon) VALUES (999, 0)`,
  `INSERT INTO audit_checkpoint (size, root, note, at) VALUES (1, '\\x00', 'x', now())`,
  `INSERT INTO audit_mention (person, seq) VALUES ('x', 1)`,
  // A pseudonym is nobody else's tomorrow.
  `UPDATE person_key SET pseudonym = 'x'`,
  `TRUNCATE person_key`,
])('the server’s role may not choose: %s', async (sql) => {
  await expect(server.query(sql)).rejects.toThrow(/permission denied/);
});

test('a table of the writer’s own does not fool the sequencer', async () => {
  await append(1, 'before the trick');
  const client = new pg.Client({ connectionString: database.homeUrl });
  await client.connect();
  try {
    await client.query('CREATE TEMPORARY TABLE audit_entry (seq BIGINT, arrival BIGINT)');
    await client.query('INSERT INTO pg_temp.audit_entry VALUES (41, 1)');
    const { rows } = await client.query('SELECT audit_integrate(100) AS size');
    const { rows: real } = await server.query('SELECT max(seq) AS size FROM public.audit_entry');
    expect(rows[0].size).toBe(real[0].size);
    expect(Number(real[0].size)).toBeLessThan(41);
    await expect(
      client.query(`INSERT INTO public.audit_checkpoint (size, root, note) VALUES (41, '\\x00', 'x')`),
    ).rejects.toThrow(/no checkpoint over 41 entries/);
  } finally {
    await client.end();
  }
});

describe('the sequencer', () => {
  const signer = testSigner();
  const keys = [parseVerifierKey(keyOf(signer))];
  const integrate = (where: OpenDatabase = open) => integrateLog({ database: where, logSigner: signer });
  const faults = async () => {
    const lines: string[] = [];
    const caller = { actor: { kind: 'system', id: 'test' } } as const;
    for await (const line of (await exportAudit({ database: open, logSigner: signer }, caller, {})).lines)
      lines.push(formatLine(line));
    const found: unknown[] = [];
    for await (const fault of verifyExport([lines], { keys, checkpoints: [] })) found.push(fault);
    return found;
  };

  test('gives every entry one place without gaps, and signs what it has done', async () => {
    await Promise.all(Array.from({ length: 20 }, (_, i) => append(i)));
    const checkpoint = await integrate();
    const { rows } = await server.query(
      'SELECT seq, canonical FROM audit_entry JOIN audit_arrival USING (arrival) ORDER BY seq',
    );
    expect(rows.map((row) => Number(row.seq))).toEqual(rows.map((_, i) => i + 1));
    expect(rows).toHaveLength(await open.read.auditArrival.count());
    expect(checkpoint.size).toBe(rows.length);
    const edge = new RightEdge();
    for (const { canonical } of rows) edge.append(leafHash(canonical));
    expect(openCheckpoint(checkpoint.note, { log: keys }).root).toEqual(edge.root());
    expect((await integrate()).note).toBe(checkpoint.note);
    expect(await faults()).toEqual([]);
  });

  test('two servers at once, while others write: nothing twice, nothing lost, nothing waits for it', async () => {
    const other = openDatabase({ url: database.url, clock: () => new Date() });
    try {
      const before = (await integrate()).size;
      await Promise.all([
        ...Array.from({ length: 100 }, (_, i) => append(i)),
        ...Array.from({ length: 5 }, () => integrate()),
        ...Array.from({ length: 5 }, () => integrate(other)),
      ]);
      expect((await integrate(other)).size).toBe(before + 100);
      expect(await faults()).toEqual([]);
    } finally {
      await other.close();
    }
  });

  test('does not lose a transaction that began earlier and commits later', async () => {
    const late = randomUUID();
    const slow = new pg.Client({ connectionString: database.homeUrl });
    await slow.connect();
    try {
      await slow.query('BEGIN');
      await slow.query('INSERT INTO audit_arrival (canonical) VALUES ($1)', [canonicalOf(late)]);
      const before = (await integrate()).size;
      for (let round = 0; round < 3; round++) {
        await append(round);
        expect((await integrate()).size).toBe(before + round + 1);
      }
      await slow.query('COMMIT');
      expect((await integrate()).size).toBe(before + 4);
      expect(await open.read.auditEntry.findFirst({ orderBy: { seq: 'desc' } })).toMatchObject({ entryId: late });
      expect(await faults()).toEqual([]);
    } finally {
      await slow.end();
    }
  });

  test('leaves no gap where a transaction was rolled back', async () => {
    const before = (await integrate()).size;
    await expect(
      open.transact(system, async (tx) => {
        await tx.log({ action: 'scrub.started', outcome: 'done' });
        throw new Error('no');
      }),
    ).rejects.toThrow('no');
    await append();
    expect((await integrate()).size).toBe(before + 1);
  });

  test('goes on when a batch is full', async () => {
    const before = (await integrate()).size;
    for (let i = 0; i < 7; i++) await append(i);
    const sizes: number[] = [];
    for (let i = 0; i < 4; i++)
      sizes.push(Number((await server.query('SELECT audit_integrate(3) AS size')).rows[0].size) - before);
    expect(sizes).toEqual([3, 6, 7, 7]);
    // Places without a checkpoint, as a process leaves them that dies between the two: the next one signs them.
    expect((await integrate()).size).toBe(before + 7);
    expect(await faults()).toEqual([]);
  });

  test('looks at everything again when the database was restored into another cluster', async () => {
    await append(1, 'before the restore');
    await integrate();
    await append(1, 'not integrated');
    // Transaction numbers start over there: the horizon lies in a future that will never come.
    await asSuperuser(
      'INSERT INTO audit_batch (size, horizon) SELECT max(size) + 1000000, 4611686018427387904 FROM audit_batch',
    );
    const before = await open.read.auditEntry.count();
    expect((await integrate()).size).toBe(before + 1);
    expect(await faults()).toEqual([]);
  });

  test('one entry more than a tile, and the next start goes on from there', async () => {
    const size = (await integrate()).size;
    const missing = 513 - size;
    expect(missing).toBeGreaterThan(0);
    await open.transact(system, async (tx) => {
      for (let i = 0; i < missing; i++)
        await tx.log({ action: 'job.failed', outcome: 'failed', details: { task: 'test', attempts: i } });
    });
    await integrate();
    expect(await open.read.auditTile.count()).toBe(2);
    await append();
    await integrate();
    expect(await faults()).toEqual([]);
  });

  test('an entry that is too long for the tree is refused with its change', async () => {
    await expect(append(1, 'x'.repeat(66_000))).rejects.toThrow(/audit_arrival_fits/);
  });
});

test('an entry goes with the change that it describes, or not at all', async () => {
  const before = await open.read.auditArrival.count();
  await expect(
    open.transact(system, async (tx) => {
      await tx.log({ action: 'school.changed', outcome: 'done', details: {} });
      await tx.db.school.create({ data: { name: 'x' } });
      throw new Error('the change fails');
    }),
  ).rejects.toThrow('the change fails');
  expect(await open.read.auditArrival.count()).toBe(before);
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
    'password',
    'authenticator',
    'backupCode',
    'passkey',
    'usedChallenge',
    'passwordReset',
    'factorReset',
    'rateLimit',
    'invitation',
    'apiToken',
    'signInFailure',
    'school',
    'channel',
    'riskAssessment',
    'lesson',
    'site',
    'participant',
    'course',
    'request',
    'evidence',
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
    'auditArrival',
    'auditEntry',
    'auditBatch',
    'auditTile',
    'auditCheckpoint',
    'auditAddress',
  ] as const;
  for (const model of models) await (open.read[model] as unknown as { findFirst(): Promise<unknown> }).findFirst();
});
