import { afterAll, beforeAll, expect, test } from 'vitest';
import { dayIn, startOfDay } from '../../../src/domain/calendar.ts';
import { createChores } from '../../../src/jobs/tasks.ts';
import { askCourse } from '../../../src/pipeline/signing/ask-course.ts';
import { askOfAge } from '../../../src/pipeline/signing/ask-of-age.ts';
import { startMailServer } from '../../support/mail-server.ts';
import { createSchool, inDays, ok, type School } from '../../support/school.ts';
import { arrivals, startTestServer, type TestServer } from '../../support/server.ts';
import { askedLink, linkIn, openCourse, signAs, takeInClass } from '../../support/signing.ts';

let server: TestServer;
let school: School;
let mailServer: Awaited<ReturnType<typeof startMailServer>>;
const zone = 'Europe/Istanbul';
const hour = 60 * 60_000;
/** Tomorrow in the school's time zone, at so many hours. */
const birthday = dayIn(new Date(inDays(1)), zone);
const at = (hours: number, day = birthday) => new Date(startOfDay(day, zone).getTime() + hours * hour);
beforeAll(async () => {
  mailServer = await startMailServer();
  // Only the test runs the chores of the clock that it is about.
  server = await startTestServer({ SMTP_URL: mailServer.url, MAIL_FROM: 'okul@okul.example' });
  school = await createSchool(server);
});
afterAll(async () => {
  await server?.stop();
  await mailServer?.stop();
});

const db = () => server.context.outside.database.read;
const askAt = (time: Date) => askOfAge({ ...server.context.outside, clock: () => time });

let made = 0;
/** A pupil whose guardian said yes, and who comes of age tomorrow. */
async function pupil({ hasMail = true, answers = true } = {}) {
  made += 1;
  const [name, guardian, email] = [`Reşit Deneme${made}`, `Veli Deneme${made}`, `veli${made}@aile.example`];
  const classId = await takeInClass(school, `12-${made}`, [
    { pupil: name, guardians: [[guardian, email, '0532 000 12 34']] },
  ]);
  const course = await openCourse(school, classId);
  const link = await askedLink(school, mailServer, course.id, email);
  if (answers) await signAs(server, link, guardian);
  const person = await db().person.findFirstOrThrow({ where: { name } });
  const own = `resit${made}@ogrenci.example`;
  ok(
    await school.admin.patch(`/api/persons/${person.id}`, {
      adultFrom: birthday,
      ...(hasMail ? { addContact: own } : {}),
    }),
  );
  const tasks = () => db().task.count({ where: { kind: 'ask_of_age', personId: person.id } });
  const requests = (signerId: string | null = person.id) =>
    db().request.findMany({ where: { courseId: course.id, signerId: signerId ?? { not: person.id } } });
  return { name, own, courseId: course.id as string, personId: person.id, classId, tasks, requests };
}

test('nothing happens before the day in the school’s time zone, nor before mail goes out on it', async () => {
  const one = await pupil();
  expect(await askAt(at(19, dayIn(new Date(), zone)))).toBe(0);
  expect(await askAt(at(7.5))).toBe(0);
  expect(await one.tasks()).toBe(0);
  // A school far in the west: the day has come in UTC, and not yet there.
  ok(await school.admin.put('/api/school/permission-rules', { timeZone: 'America/Los_Angeles' }));
  const evening = new Date(`${birthday}T02:00:00Z`);
  expect(dayIn(evening, 'America/Los_Angeles') < birthday).toBe(true);
  expect(await askAt(evening)).toBe(0);
  ok(await school.admin.put('/api/school/permission-rules', { timeZone: zone }));
  expect(await askAt(at(9))).toBe(1);
  expect(await one.tasks()).toBe(1);
});

test('on the day there is a task, and the person is asked themself, by one mail and once', async () => {
  const one = await pupil();
  const second = await openCourse(school, one.classId, { title: 'Kimya 12' });
  ok(await school.teacher.post(`/api/courses/${second.id}/requests`));
  await openCourse(school, one.classId, { title: 'Sorulmamış 12' });
  const before = (await arrivals(server, 'course.asked')).length;
  // Two workers at the same moment.
  expect((await Promise.all([askAt(at(9)), askAt(at(9))])).toSorted()).toEqual([0, 1]);
  expect(await one.tasks()).toBe(1);
  expect(await one.requests()).toMatchObject([{ capacity: 'self', state: 'open' }]);
  expect(await db().request.count({ where: { courseId: second.id, signerId: one.personId } })).toBe(1);
  // Their guardian is not asked any more about them.
  expect(await db().request.findMany({ where: { courseId: second.id, capacity: 'guardian' } })).toMatchObject([
    { state: 'cancelled', remindAt: null },
  ]);
  // In one course nobody was asked yet: whoever teaches it asks all at once.
  expect(await db().request.count({ where: { signerId: one.personId } })).toBe(2);
  expect((await arrivals(server, 'course.asked')).length).toBe(before + 2);
  const letter = await mailServer.next(one.own);
  expect(letter.text).toMatch(/Fizik 10\/A[\s\S]*Kimya 12|Kimya 12[\s\S]*Fizik 10\/A/);
  expect(linkIn(letter.text)).not.toBe('');
  expect(mailServer.mails.filter(({ to }) => to === one.own)).toEqual([]);
  // On later days too.
  expect(await askAt(at(10, dayIn(new Date(inDays(3)), zone)))).toBe(0);
  expect(await one.tasks()).toBe(1);
  const { items } = ok(await school.admin.get('/api/tasks'));
  expect(items.filter(({ person }: { person: { id: string } }) => person.id === one.personId)).toMatchObject([
    { kind: 'ask_of_age' },
  ]);
});

test('without an address the request waits for a sheet', async () => {
  const one = await pupil({ hasMail: false, answers: false });
  expect(await askAt(at(9))).toBe(1);
  expect(await one.requests()).toMatchObject([{ state: 'open' }]);
  expect(await one.requests(null)).toMatchObject([{ capacity: 'guardian', state: 'cancelled' }]);
  const mails = await db().deliveredRequest.count({ where: { request: { signerId: one.personId } } });
  expect(mails).toBe(0);
});

test('who was asked by a teacher earlier that day is not asked again', async () => {
  const one = await pupil();
  const caller = { actor: { kind: 'staff', id: school.teacher.id, roles: ['teacher'], scopes: null } } as const;
  await askCourse({ ...server.context.outside, clock: () => at(8.5) }, caller, one.courseId);
  await mailServer.next(one.own);
  expect(await askAt(at(9))).toBe(1);
  expect(await one.tasks()).toBe(1);
  expect(await one.requests()).toHaveLength(1);
});

test('who has left the course, or whose course is over, is not asked', async () => {
  const one = await pupil();
  const place = await db().participant.findFirstOrThrow({ where: { courseId: one.courseId, personId: one.personId } });
  ok(await school.teacher.delete(`/api/courses/${one.courseId}/people/${place.id}`));
  expect(await askAt(at(9))).toBe(0);
  const over = await pupil();
  expect(await askAt(new Date(inDays(100)))).toBe(0);
  expect(await over.tasks()).toBe(0);
});

test('the clock runs it', () => {
  const chores = createChores(server.context.outside, { addressDays: 1, bounces: null, noteFlaw: () => {} });
  expect(Object.keys(chores)).toContain('ask-of-age');
});

test('a task that is open from a day that was corrected holds up nobody', async () => {
  const [first, second] = [await pupil(), await pupil()];
  await db().task.create({ data: { kind: 'ask_of_age', personId: first.personId } });
  await db().task.create({ data: { kind: 'ask_of_age', personId: second.personId } });
  expect(await askAt(at(9))).toBeGreaterThanOrEqual(2);
  for (const one of [first, second]) {
    expect(await one.tasks()).toBe(1);
    expect(await one.requests()).toHaveLength(1);
  }
});
