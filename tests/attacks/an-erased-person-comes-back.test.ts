import { afterAll, beforeAll, expect, test } from 'vitest';
import { Refusal } from '../../src/domain/errors.ts';
import { openContactBook } from '../../src/pipeline/core/people-key.ts';
import { linkOf } from '../../src/pipeline/core/signer-link.ts';
import type { Transaction } from '../../src/pipeline/ports/database.ts';
import type { Answer } from '../support/api.ts';
import { classNamed, openCourse, takeInList } from '../support/courses.ts';
import { dumpOf, linesWith } from '../support/dump.ts';
import { createSchool, ok, type School } from '../support/school.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let school: School;
let classId: string;
beforeAll(async () => {
  server = await startTestServer({ WORKER: 'false', SMTP_URL: 'smtp://127.0.0.1:9' });
  school = await createSchool(server);
  await takeInList(school.teacher, [['1', 'Sabit', 'Kalan', '5-A', 'Sabite Kalan']]);
  classId = await classNamed(school.teacher, '5-A');
});
afterAll(() => server?.stop());

const add = async (name: string, roles: string[] = ['pupil'], more: object = {}): Promise<Answer['body']> =>
  ok(await school.admin.post('/api/persons', { name, roles, ...more }));
const erase = async (id: string) => {
  const { digest } = ok(await school.admin.get(`/api/persons/${id}/erasure`));
  return school.admin.post(`/api/persons/${id}/erasure`, { why: 'request', confirm: digest });
};
/** What may be on its way at the moment of an erasure: each writes something of the person, or about them. */
const late: Record<string, (id: string, at: number) => Promise<Answer>> = {
  'a new address': (id, at) => school.admin.patch(`/api/persons/${id}`, { addContact: `kayip${at}@silinen.example` }),
  'a class': (id) => school.teacher.put(`/api/persons/${id}/classes/${classId}`, {}),
  'a guardian': async (id, at) => {
    const guardian = await add(`Veli Yarış ${at}`, ['guardian']);
    return school.admin.post(`/api/persons/${id}/guardianships`, {
      guardianId: guardian.id,
      relation: 'mother',
      authority: 'may_sign',
    });
  },
  'a course': async (id) => {
    const course = await openCourse(school);
    return school.teacher.post(`/api/courses/${course.id}/people`, { personIds: [id] });
  },
  'a list with their number': async (_id, at) => {
    await takeInList(school.teacher, [
      [`${'a list with their number'.length}${at}`, `Kayip${at}`, 'Yeniad', '5-A', 'Sabite Kalan'],
    ]).catch(() => undefined);
    return school.teacher.get('/api/classes');
  },
  'their own file': (id) => school.admin.get(`/api/persons/${id}/export`),
};

test.each(Object.keys(late))('by %s that is on its way at that moment', async (name) => {
  const { read } = server.context.outside.database;
  const outcomes: boolean[] = [];
  for (let at = 0; at < 6; at++) {
    const family = `Kayıpsız${name.length}x${at}`;
    const { id } = await add(`Silinen ${family}`, ['pupil'], { schoolNumber: `${name.length}${at}` });
    const [answer, written] = await Promise.all([erase(id), late[name]!(id, at)]);
    // Whichever came first: nothing is a fault, and half of nothing happens.
    expect([202, 409]).toContain(answer.status);
    expect(written.status).toBeLessThan(500);
    outcomes.push(answer.status === 202);
    if (answer.status === 409) {
      ok(await school.admin.get(`/api/persons/${id}`));
      continue;
    }
    const of = { where: { personId: id } };
    const counts = [await read.contact.count(of), await read.classMember.count(of), await read.personSource.count(of)];
    expect(counts).toEqual([0, 0, 0]);
    expect(await read.guardianship.count({ where: { OR: [{ pupilId: id }, { guardianId: id }] } })).toBe(0);
    expect(await read.participant.count({ where: { personId: id, until: null } })).toBe(0);
    expect(linesWith(await dumpOf(server), [family])).toEqual([]);
  }
  expect(outcomes).toHaveLength(6);
});

test('by a transaction that knew them before: it begins again, and finds nobody', async () => {
  const { database } = server.context.outside;
  const writes: ((db: Transaction['db'], personId: string) => Promise<unknown>)[] = [
    (db, personId) =>
      db.contact.create({ data: { personId, kind: 'other', locked: Buffer.of(1), digest: Buffer.of(1) } }),
    (db, personId) => db.classMember.create({ data: { personId, classId, from: new Date() } }),
    (db, personId) => db.person.update({ where: { id: personId }, data: { name: 'Dönen Kişi', folded: 'donen kisi' } }),
    (db, personId) => db.task.create({ data: { personId, kind: 'correct_address' } }),
  ];
  for (const write of writes) {
    const { id } = await add('Erken Bilinen');
    let tries = 0;
    const writing = database.transact({ actor: { kind: 'system', id: 'test' } }, async ({ db }) => {
      const { erasedAt } = await db.person.findUniqueOrThrow({ where: { id } });
      tries++;
      if (erasedAt !== null) throw new Refusal('NOT_FOUND');
      if (tries === 1) ok(await erase(id));
      await write(db, id);
    });
    await expect(writing).rejects.toThrow('NOT_FOUND');
    expect(tries).toBe(2);
  }
  expect(linesWith(await dumpOf(server), ['Dönen', 'Erken Bilinen'])).toEqual([]);
});

test('by the personal link that is still in their mailbox', async () => {
  const guardian = await add('Eski Bağlantı', ['guardian'], { contacts: ['eski@silinen.example'] });
  const token = await server.context.outside.database.transact(
    { actor: { kind: 'system', id: 'test' } },
    async ({ db }) => {
      const book = await openContactBook(server.context.outside, db);
      const link = await linkOf(db, book, { personId: guardian.id }, new Date());
      book.close();
      return link.token;
    },
  );
  expect((await fetch(`${server.url}/s/${token}`)).status).toBe(200);
  ok(await erase(guardian.id));
  const page = await fetch(`${server.url}/s/${token}`);
  expect(page.status).toBe(404);
  expect(await page.text()).not.toContain('Eski');
});
