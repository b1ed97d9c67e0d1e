import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type OpenDatabase, openDatabase } from '../../src/adapters/prisma/database.ts';
import { canonicalJson } from '../../src/audit/canonical-json.ts';
import { integrateLog } from '../../src/pipeline/oversight/integrate-log.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { testSigner } from '../support/log.ts';

let database: TestDatabase;
let open: OpenDatabase;
let server: pg.Client;
const signer = testSigner();
const system = { actor: { kind: 'system', id: 'test' } } as const;

beforeAll(async () => {
  database = await createTestDatabase();
  open = openDatabase({ url: database.url, clock: () => new Date() });
  server = new pg.Client({ connectionString: database.homeUrl });
  await server.connect();
});
afterAll(async () => {
  await server?.end();
  await open?.close();
  await database?.drop();
});

const insert = (canonical: string) => server.query('INSERT INTO audit_arrival (canonical) VALUES ($1)', [canonical]);
const entry = (change: Record<string, unknown> = {}) => ({
  v: 1,
  id: randomUUID(),
  at: '2026-03-01T10:00:00.000Z',
  actor: { kind: 'system', id: 'test' },
  action: 'job.failed',
  outcome: 'failed',
  ...change,
});
const text = (change: Record<string, unknown> = {}) => canonicalJson(entry(change));
const deep = (levels: number): unknown => (levels === 0 ? 1 : { a: deep(levels - 1) });
const long = 'x'.repeat(3_000);

/** The log takes what is whole, and gives it its place. */
async function goesOn(): Promise<void> {
  const before = await open.read.auditEntry.count();
  await open.transact(system, (tx) =>
    tx.log({ action: 'job.failed', outcome: 'failed', details: { task: 'test', attempts: 1 } }),
  );
  await integrateLog({ database: open, logSigner: signer });
  expect(await open.read.auditEntry.count()).toBeGreaterThan(before);
}

test('what is an entry is taken', async () => {
  await insert(text());
  await insert(
    text({ details: { note: 'küçük – "düz"\n\t\\ / \u2028 \u007f 😀', share: 0.5, n: -12, tiny: 0.000001, list: [] } }),
  );
  await insert(text({ object: { kind: 'recording', id: 'r', recordingId: 'r', lessonId: 'l' } }));
  await insert(text({ actor: { kind: 'nobody', addressDigest: 'd'.repeat(64) } }));
  await goesOn();
});

test.each<[string, () => string]>([
  ['nothing', () => ''],
  ['no JSON', () => 'hello'],
  ['half of an entry', () => text().slice(0, -1)],
  ['two entries', () => text() + text()],
  ['a list', () => `[${text()}]`],
  ['a text', () => '"x"'],
  ['null', () => 'null'],
  ['an empty object', () => '{}'],
  ['a NUL as an escape', () => text().replace('"test"', '"te\\u0000st"')],
  ['half of a character as an escape', () => text().replace('"test"', '"te\\ud800st"')],
  ['an escape that is none', () => text().replace('"test"', '"te\\xst"')],
  ['an entry with blanks', () => JSON.stringify(entry(), null, 1)],
  ['members in another order', () => `{"v":1,${text().slice(1).replace(',"v":1}', '}')}`],
  ['a member twice', () => text().replace('"outcome":', '"outcome":"done","outcome":')],
  ['a number written otherwise', () => text({ details: { n: 1 } }).replace('"n":1', '"n":1.0')],
  ['a number beyond all others', () => text({ details: { n: 1 } }).replace('"n":1', '"n":1e400')],
  ['a character that needs no escape', () => text().replace('"test"', '"\\u0074est"')],
  ['a member that is not known', () => text({ extra: 1 })],
  ['no version', () => text({ v: undefined })],
  ['another version', () => text({ v: 2 })],
  ['no id', () => text({ id: undefined })],
  ['an id that is a number', () => text({ id: 7 })],
  ['an id that is none', () => text({ id: long })],
  ['no time', () => text({ at: undefined })],
  ['a time that never was', () => text({ at: '2026-13-45T99:00:00.000Z' })],
  ['a time that is rounded', () => text({ at: '2026-02-30T10:00:00.000Z' })],
  ['a time of another form', () => text({ at: '2026-03-01 10:00' })],
  ['a long action', () => text({ action: `job.${'a'.repeat(3_000)}` })],
  ['an action that is none', () => text({ action: 'Job Failed' })],
  ['an outcome that is none', () => text({ outcome: long })],
  ['nobody who acted', () => text({ actor: undefined })],
  ['an actor that is a text', () => text({ actor: 'system' })],
  ['an actor with a long id', () => text({ actor: { kind: 'staff', id: long } })],
  ['an actor whose id is an object', () => text({ actor: { kind: 'staff', id: {} } })],
  ['an object with a long id', () => text({ object: { kind: 'recording', id: long } })],
  ['an object with a long recording', () => text({ object: { kind: 'recording', id: 'r', recordingId: long } })],
  ['an object that is a list', () => text({ object: [] })],
  ['details that are a text', () => text({ details: 'x' })],
  ['a number that has two shortest forms', () => text({ details: { number: 19205103240636870 } })],
  ['deep details', () => text({ details: deep(40) })],
  ['very deep details', () => text().replace('}', `,"details":${'['.repeat(20_000)}${']'.repeat(20_000)}}`)],
  ['a huge entry', () => text({ details: { note: 'x'.repeat(70_000) } })],
])('%s is refused when it arrives, and the log goes on', async (_, make) => {
  await expect(insert(make())).rejects.toMatchObject({ code: '23514' });
  await goesOn();
});

test('the same id a second time is refused when it arrives', async () => {
  const id = randomUUID();
  await insert(text({ id }));
  await expect(insert(text({ id, action: 'job.retried' }))).rejects.toMatchObject({ code: '23505' });
  await goesOn();
  await expect(insert(text({ id }))).rejects.toMatchObject({ code: '23505' });
  await goesOn();
});

test('whatever is taken gets its place, and every canonical entry is taken', async () => {
  const json = fc.object({
    maxDepth: 6,
    key: fc.string({ unit: 'grapheme-ascii' }).filter((key) => key !== '__proto__'),
    values: [
      fc.string({ unit: 'grapheme' }),
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      // Whole numbers up to 2^53 - 1 have one shortest form (RFC 7493, 2.2).
      fc.double({ noNaN: true, min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER }),
    ],
  });
  const isPlain = (value: unknown): boolean =>
    typeof value === 'number'
      ? value === 0 || Math.abs(value) >= 1e-6
      : typeof value === 'string'
        ? !value.includes('\0')
        : typeof value !== 'object' || value === null || Object.values(value).every(isPlain);
  const noNulKeys = (value: unknown): boolean => !JSON.stringify(value).includes('\\u0000');
  await fc.assert(
    fc.asyncProperty(
      json.filter((one) => isPlain(one) && noNulKeys(one)),
      async (details) => {
        await insert(text({ details: JSON.parse(JSON.stringify(details)) }));
      },
    ),
    { numRuns: 300 },
  );
  const whole = text({ details: { note: 'küçük', list: [1, 'a', { b: null }] } });
  await fc.assert(
    fc.asyncProperty(fc.nat(whole.length), fc.string({ maxLength: 3 }), fc.nat(3), async (at, put, cut) => {
      const forged = (whole.slice(0, at) + put + whole.slice(at + cut)).replace(
        /"id":"[^"]{36}"/,
        `"id":"${randomUUID()}"`,
      );
      await insert(forged).catch((error) => {
        // 22021: a NUL, which PostgreSQL has no text for.
        if (!['23514', '22021'].includes(error.code)) throw error;
      });
    }),
    { numRuns: 500 },
  );
  await goesOn();
});

test('a row from before the check that is no entry gets a place too', async () => {
  const superuser = new pg.Client({ connectionString: database.superuserUrl });
  await superuser.connect();
  try {
    await superuser.query('ALTER TABLE audit_arrival DISABLE TRIGGER audit_arrival_fits');
    for (const row of [
      'hello',
      '{}',
      text({ id: long, action: long, at: long, outcome: long }),
      text({ actor: { id: long } }),
    ])
      await superuser.query('INSERT INTO audit_arrival (canonical) VALUES ($1)', [row]);
    await superuser.query('ALTER TABLE audit_arrival ENABLE TRIGGER audit_arrival_fits');
  } finally {
    await superuser.end();
  }
  await goesOn();
});
