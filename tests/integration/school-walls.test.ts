import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type OpenDatabase, openDatabase } from '../../src/adapters/prisma/database.ts';
import type { Database } from '../../src/pipeline/ports/database.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { readPrismaSchema } from '../support/prisma-schema.ts';

/** Tables that hold rows of schools. */
const walled = readPrismaSchema().models.filter(({ name, fields }) =>
  fields.some((field) => field.name === (name === 'School' ? 'id' : 'schoolId')),
);
const caller = { actor: { kind: 'system', id: 'test' } } as const;

let database: TestDatabase;
let open: OpenDatabase;
/** No school named, as the server's role. */
let bare: pg.Client;
let owner: pg.Client;
const otherId = randomUUID();
let other: Database;

beforeAll(async () => {
  database = await createTestDatabase();
  open = openDatabase({ url: database.url, clock: () => new Date(), maxConnections: 4 });
  other = open.ofSchool(otherId);
  bare = new pg.Client({ connectionString: database.url });
  owner = new pg.Client({ connectionString: database.ownerUrl });
  await Promise.all([bare.connect(), owner.connect()]);
  await open.read.school.create({ data: { name: 'Birinci Okul' } });
  await other.read.school.create({ data: { name: 'Second School' } });
  for (const [of, name] of [
    [open, 'first'],
    [other, 'second'],
  ] as const) {
    await of.read.channel.create({ data: { name } });
    await of.transact(caller, (tx) => tx.log({ action: 'system.started', outcome: 'done', details: { settings: {} } }));
  }
});
afterAll(async () => {
  await Promise.all([bare.end(), owner.end()]);
  await open.close();
  await database.drop();
});

describe.each(walled)('$table', ({ table, name }) => {
  const column = name === 'School' ? 'id' : '"schoolId"';

  test('has forced walls, and the server’s role is held by them', async () => {
    const { rows } = await owner.query(
      `SELECT relrowsecurity AS stands, relforcerowsecurity AS forced,
              (SELECT rolbypassrls OR rolsuper FROM pg_roles WHERE rolname = 'emanet_server') AS passes
         FROM pg_class WHERE oid = $1::regclass`,
      [`"${table}"`],
    );
    expect(rows).toEqual([{ stands: true, forced: true, passes: false }]);
  });

  test('shows nothing to a connection that named no school, and only its own rows to one that did', async () => {
    expect((await bare.query(`SELECT count(*)::int AS n FROM "${table}"`)).rows).toEqual([{ n: 0 }]);
    const seen = await other.read.$queryRawUnsafe<{ n: number }[]>(
      `SELECT count(*)::int AS n FROM "${table}" WHERE ${column} <> current_school()`,
    );
    expect(seen).toEqual([{ n: 0 }]);
  });
});

const idOf = async ({ read }: Database) => (await read.school.findFirstOrThrow()).id;

describe('rows', () => {
  test('belong to the school of the connection, and to no other', async () => {
    expect(await open.read.school.findMany({ select: { name: true } })).toEqual([{ name: 'Birinci Okul' }]);
    expect(await other.read.school.findMany({ select: { id: true, name: true } })).toEqual([
      { id: otherId, name: 'Second School' },
    ]);
    await expect(bare.query(`INSERT INTO channel (id, name) VALUES (gen_random_uuid(), 'x')`)).rejects.toThrow();
    await expect(other.read.school.create({ data: { name: 'again' } })).rejects.toThrow();
    const home = (await open.read.school.findFirstOrThrow()).id;
    await expect(other.read.channel.create({ data: { name: 'x', schoolId: home } })).rejects.toThrow(
      'row-level security',
    );
  });

  test('refer to rows of their own school alone', async () => {
    const { id } = await open.read.channel.findFirstOrThrow();
    const assessment = { channelId: id, assessedBy: 'a', summary: 's', validFrom: new Date(), validUntil: new Date() };
    await expect(other.read.riskAssessment.create({ data: assessment })).rejects.toThrow('row-level security');
    await open.read.riskAssessment.create({ data: assessment });
    const own = await other.read.channel.findFirstOrThrow();
    const theirs = await other.read.riskAssessment.create({ data: { ...assessment, channelId: own.id } });
    await expect(
      other.read.riskAssessment.update({ where: { id: theirs.id }, data: { channelId: id } }),
    ).rejects.toThrow('row-level security');
  });

  test('of another school are neither changed nor removed by their id', async () => {
    const { id } = await open.read.channel.findFirstOrThrow();
    expect(await other.read.channel.findUnique({ where: { id } })).toBeNull();
    expect(await other.read.channel.updateMany({ where: { id }, data: { name: 'taken' } })).toEqual({ count: 0 });
    expect(await other.read.channel.deleteMany({ where: { id } })).toEqual({ count: 0 });
    expect((await open.read.channel.findUniqueOrThrow({ where: { id } })).name).toBe('first');
  });

  test('are not mixed when many ask in one instant over few connections', async () => {
    const schools = [open, ...Array.from({ length: 11 }, () => open.ofSchool(randomUUID()))];
    await Promise.all(
      schools.slice(1).map((school, n) => school.read.school.create({ data: { name: `school ${n + 1}` } })),
    );
    const ids = await Promise.all(schools.map(idOf));
    const asked = Array.from({ length: 288 }, (_, n) => n % schools.length);
    type Named = { readonly name: string };
    const ways: ((school: Database, n: number) => Promise<readonly Named[]>)[] = [
      ({ read }) => read.school.findMany(),
      ({ read }) => read.$queryRaw<Named[]>`SELECT name FROM school WHERE length(name) > ${1}`,
      ({ read }) => read.$queryRawUnsafe<Named[]>('SELECT name FROM school WHERE length(name) > $1', 1),
      async (school) => [await school.read.school.findUniqueOrThrow({ where: { id: await idOf(school) } })],
      async (school, n) => [await school.read.school.findUniqueOrThrow({ where: { id: ids[n]! } })],
      async (school, n) => {
        const other = ids[(n + 1) % ids.length]!;
        expect(await school.read.school.findUnique({ where: { id: other } })).toBeNull();
        return school.read.school.findMany();
      },
      (school) => school.transact(caller, ({ db }) => db.school.findMany()),
      (school) =>
        school.transact(caller, async ({ db }) => {
          await db.$executeRaw`UPDATE school SET language = 'tr' WHERE language = ${'tr'}`;
          return db.$queryRaw<Named[]>`SELECT name FROM school`;
        }),
    ];
    const names = await Promise.all(
      asked.map(async (n, at) => {
        const way = ways[Math.floor(at / schools.length) % ways.length]!;
        return (await way(schools[n]!, n)).map(({ name }) => name);
      }),
    );
    expect(names).toEqual(asked.map((n) => [n === 0 ? 'Birinci Okul' : `school ${n}`]));
  });
});

test('a row is not asked for by a key without a value', async () => {
  const nothing: { readonly id?: string } = {};
  for (const id of [nothing.id, null])
    await expect(open.read.school.findUnique({ where: { id: id as string } })).rejects.toThrow('without a value');
});

describe('the log', () => {
  test('is one for each school: its numbers, its tiles and its checkpoints are its own', async () => {
    for (const of of [open, other]) {
      const [{ size }] = await of.read.$queryRaw<[{ size: bigint }]>`SELECT audit_integrate(100) AS size`;
      expect(Number(size)).toBe(1);
      expect(await of.read.auditEntry.findMany({ select: { seq: true } })).toEqual([{ seq: 1n }]);
    }
    expect((await owner.query('SELECT count(*)::int AS n FROM audit_entry')).rows).toEqual([{ n: 2 }]);
    await expect(bare.query('SELECT audit_integrate(100)')).rejects.toThrow('no school was named');
  });
});
