import { afterAll, beforeAll, expect, test } from 'vitest';
import { type OpenDatabase, openDatabase } from '../../src/adapters/prisma/database.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

const caller = { actor: { kind: 'system', id: 'test' } } as const;
let database: TestDatabase;
let open: OpenDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
  open = openDatabase({ url: database.url, clock: () => new Date() });
});
afterAll(async () => {
  await open?.close();
  await database?.drop();
});

test('a transaction sends one query after another, also for a row with several relations', async () => {
  const warnings: string[] = [];
  const note = (warning: Error) => warnings.push(warning.message);
  process.on('warning', note);
  try {
    const found = await open.transact(caller, async ({ db }) => {
      const channels = { create: { name: 'A channel' } };
      const { id } = await db.school.create({ data: { name: 'Test School', channels } });
      const channel = { include: { assessments: true, courses: true } } as const;
      return db.school.findUniqueOrThrow({ where: { id }, include: { channels: channel, lessons: true } });
    });
    expect(found).toMatchObject({ lessons: [], channels: [{ name: 'A channel', assessments: [], courses: [] }] });
  } finally {
    process.off('warning', note);
  }
  expect(warnings).toEqual([]);
});
