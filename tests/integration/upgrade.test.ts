import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { migrateQueue } from '../../src/adapters/graphile-worker/queue.ts';
import { loadDump } from '../../src/adapters/postgres-copy/load.ts';
import { type OpenDatabase, openDatabase } from '../../src/adapters/prisma/database.ts';
import { applyMigrations, listMigrations } from '../../src/adapters/prisma/migrate.ts';
import { migrate } from '../../src/assembly/first-start.ts';
import { RightEdge } from '../../src/audit/merkle.ts';
import { getPerson } from '../../src/pipeline/staff/person.ts';
import { signedInStaff } from '../support/api.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { ok } from '../support/school.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

/** The last migration of the version that wrote the rows: invented people, with something of everything. TEST ONLY. */
const before = '20261130000061_keypoints';
const rowsFile = join(import.meta.dirname, `../fixtures/upgrade/${before}.rows.gz`);

const migrations = join(import.meta.dirname, '../../prisma/migrations');

let database: TestDatabase;
let owner: pg.Client;
let open: OpenDatabase;
let counts: ReadonlyMap<string, number>;
let checkpoint: { size: string; root: Buffer };

beforeAll(async () => {
  database = await createTestDatabase({ isMigrated: false });
  const dump = gunzipSync(await readFile(rowsFile));
  counts = new Map(
    [...dump.toString('utf8').matchAll(/^COPY ("\w+"\."\w+") .*;\n((?:(?!\\\.\n).*\n)*)/gm)].map(
      ([, table = '', rows = '']) => [table, rows.split('\n').length - 1],
    ),
  );
  const names = (await listMigrations()).filter((name) => name <= before);
  const folder = await mkdtemp(join(tmpdir(), 'emanet-migrations-'));
  for (const name of names) await cp(join(migrations, name), join(folder, name), { recursive: true });
  await applyMigrations(database.ownerUrl, folder);
  await rm(folder, { recursive: true });
  await migrateQueue(database.ownerUrl);
  owner = new pg.Client({ connectionString: database.ownerUrl });
  await owner.connect();
  const { rows } = await owner.query<{ newest: number }>('SELECT max(id) AS newest FROM graphile_worker.migrations');
  const { unplaced } = await loadDump(
    database.ownerUrl,
    { migrations: [], queue: rows[0]!.newest },
    (async function* () {
      yield dump;
    })(),
  );
  expect(unplaced).toEqual([]);
  checkpoint = (await owner.query('SELECT size, root FROM audit_checkpoint ORDER BY size DESC LIMIT 1')).rows[0];
  expect(await migrate(database.ownerUrl)).toEqual((await listMigrations()).filter((name) => name > before));
  open = openDatabase({ url: database.url, clock: () => new Date(), maxConnections: 4 });
});
afterAll(async () => {
  await owner?.end();
  await open?.close();
  await database?.drop();
});

const number = async (sql: string) => Number((await owner.query(sql)).rows[0]!.n);

test('the rows of the version before are all there, and belong to the one school', async () => {
  const { homeSchoolId } = await open.read.installation.findFirstOrThrow();
  expect((await open.read.school.findFirstOrThrow()).id).toBe(homeSchoolId);
  expect(counts.size).toBeGreaterThan(50);
  for (const [table, n] of counts)
    expect({ table, n: await number(`SELECT count(*) AS n FROM ${table}`) }).toEqual({ table, n });
  const { rows } = await owner.query<{ name: string }>(
    `SELECT table_name AS name FROM information_schema.columns WHERE table_schema = 'public' AND column_name = 'schoolId'`,
  );
  for (const { name } of rows) {
    const others = await number(`SELECT count(*) AS n FROM "${name}" WHERE "schoolId" <> '${homeSchoolId}'`);
    expect({ name, others }).toEqual({ name, others: 0 });
    // The server's role sees what the owner sees.
    const seen = await open.read.$queryRawUnsafe<{ n: bigint }[]>(`SELECT count(*) AS n FROM "${name}"`);
    expect({ name, n: Number(seen[0]!.n) }).toEqual({ name, n: await number(`SELECT count(*) AS n FROM "${name}"`) });
  }
});

test('everybody has the account, the password and the second factor that they had', async () => {
  const users = await open.read.user.findMany({ include: { account: { include: { password: true } } } });
  expect(users).toHaveLength(counts.get('"public"."user"')!);
  for (const { id, account } of users) {
    expect(account.email).toMatch(/@school\.example$/);
    expect(account.password?.hash).toMatch(/^\$argon2id\$/);
    expect((await getPerson(open, id)).secondFactor).toBe(
      (await open.read.authenticator.count({ where: { accountId: id } })) > 0,
    );
  }
});

test('the log is the same tree, and goes on', async () => {
  const leaves = await open.read.auditEntry.findMany({ orderBy: { seq: 'asc' }, select: { leafHash: true } });
  expect(leaves).toHaveLength(Number(checkpoint.size));
  const edge = new RightEdge();
  for (const { leafHash } of leaves) edge.append(Buffer.from(leafHash));
  expect(edge.root().equals(checkpoint.root)).toBe(true);
  await open.transact({ actor: { kind: 'system', id: 'test' } }, (tx) =>
    tx.log({ action: 'system.started', outcome: 'done', details: { settings: {} } }),
  );
  const [row] = await open.read.$queryRaw<{ size: bigint }[]>`SELECT audit_integrate(100) AS size`;
  expect(Number(row!.size)).toBe(Number(checkpoint.size) + 1);
});

test('a server shows it', async () => {
  let server: TestServer | undefined;
  try {
    server = await startTestServer({ WORKER: 'false', DATABASE_URL: database.url });
    const admin = await signedInStaff(server, 'Yeni Admin', ['administrator']);
    const auditor = await signedInStaff(server, 'Yeni Auditor', ['auditor']);
    const reviewer = await signedInStaff(server, 'Yeni Reviewer', ['reviewer']);
    for (const [who, path] of [
      [admin, '/api/courses'],
      [admin, '/api/lessons'],
      [admin, '/api/recordings'],
      [admin, '/api/staff'],
      [admin, '/api/persons'],
      [admin, '/api/school'],
      [reviewer, '/api/works'],
      [auditor, '/api/audit'],
    ] as const)
      expect({ path, status: (await who.get(path)).status }).toEqual({ path, status: 200 });
    const { items } = ok(await admin.get('/api/recordings')) as { items: { id: string; state: string }[] };
    expect(items.map(({ state }) => state)).toContain('erased');
    for (const { id } of items) expect((await admin.get(`/api/recordings/${id}`)).status).toBe(200);
  } finally {
    await server?.stop();
  }
});
