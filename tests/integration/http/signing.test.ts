import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { verifyReceipt } from '../../../src/audit/receipt.ts';
import { parseVerifierKey } from '../../../src/audit/signed-note.ts';
import { FormClient } from '../../../src/demo/form-client.ts';
import { hourIn } from '../../../src/domain/calendar.ts';
import { createTasks } from '../../../src/jobs/tasks.ts';
import { openContactBook } from '../../../src/pipeline/core/people-key.ts';
import { linkOf } from '../../../src/pipeline/core/signer-link.ts';
import { viewCourse } from '../../../src/pipeline/course/view-course.ts';
import { answerRequest } from '../../../src/pipeline/signing/answer-request.ts';
import { makeReceipt } from '../../../src/pipeline/signing/make-receipt.ts';
import { objectToLesson } from '../../../src/pipeline/signing/object-to-lesson.ts';
import { queueUnsentMail } from '../../../src/pipeline/signing/queue-unsent-mail.ts';
import { remindCourse, remindSigners } from '../../../src/pipeline/signing/remind-signers.ts';
import { sendSignerMail } from '../../../src/pipeline/signing/send-mail.ts';
import { eventually } from '../../support/eventually.ts';
import { startMailServer } from '../../support/mail-server.ts';
import { createSchool, inDays, ok, type School } from '../../support/school.ts';
import { arrivals, startTestServer, type TestServer } from '../../support/server.ts';
import { askedLink, type Family, fillIn, linkIn, openCourse, signAs, takeInClass } from '../../support/signing.ts';

let server: TestServer;
let school: School;
let mailServer: Awaited<ReturnType<typeof startMailServer>>;
beforeAll(async () => {
  mailServer = await startMailServer();
  server = await startTestServer({ SMTP_URL: mailServer.url, MAIL_FROM: 'okul@okul.example' });
  school = await createSchool(server);
});
/** What is done while the school's clock says that it is day, whenever the tests run: reminders go out by day alone. */
async function byDay(act: () => Promise<void>): Promise<void> {
  const hour = hourIn(server.context.outside.clock(), 'Europe/Istanbul');
  // Noon is day in every zone that a test has set.
  const ms = hour >= 12 && hour < 16 ? 0 : ((37 - hour) % 24) * 60 * 60_000;
  server.forward(ms);
  await act().finally(() => server.forward(-ms));
}
afterAll(async () => {
  await server?.stop();
  await mailServer?.stop();
});

let made = 0;
/** A class of its own with these families, and a course for it. */
async function course(families: readonly Family[], more: Record<string, unknown> = {}) {
  made += 1;
  const classId = await takeInClass(school, `10/${made}`, families);
  return openCourse(school, classId, more);
}
const mail = (name: string) =>
  `${name
    .toLowerCase()
    .replaceAll(' ', '.')
    .normalize('NFKD')
    .replaceAll(/[^a-z.]/g, '')}.${made + 1}@aile.example`;
const view = async (courseId: string) => ok(await school.teacher.get(`/api/courses/${courseId}/people`));
const stateOf = async (courseId: string, name: string) =>
  (await view(courseId)).rows.find((row: { name: string }) => row.name === name).state;

/** One pupil with a mother, and a course that was asked for; the mother's link. */
async function oneFamily(pupil: string, guardian: string, more: Record<string, unknown> = {}) {
  const email = mail(guardian);
  const { id } = await course([{ pupil, guardians: [[guardian, email, '0532 000 12 34']] }], more);
  return { id, email, link: await askedLink(school, mailServer, id, email) };
}

describe('a guardian is asked by mail and signs on the page, without script', () => {
  test('the letter names no child in its subject, and a scanner that opens every link changes nothing', async () => {
    const email = mail('Gül Ak');
    const { id } = await course([{ pupil: 'Deniz Ak', guardians: [['Gül Ak', email, '05320001234']] }]);
    expect(await stateOf(id, 'Deniz Ak')).toBe('not_asked');
    expect(ok(await school.teacher.post(`/api/courses/${id}/requests`))).toEqual({
      mailed: 1,
      requests: 1,
      unreachable: [],
    });
    const letter = await mailServer.next(email);
    expect(letter.subject).not.toContain('Deniz');
    expect(letter.text).toContain('Deniz Ak');
    expect(letter.html).toContain(linkIn(letter.text));
    for (const path of [linkIn(letter.text), linkIn(letter.html), linkIn(letter.text)]) {
      const client = await new FormClient(server.url).get(path);
      expect(client.status).toBe(200);
      for (const link of client.links(/\/s\//)) await client.get(link);
    }
    expect(await stateOf(id, 'Deniz Ak')).toBe('opened');
    const { read } = server.context.outside.database;
    expect(await read.permission.count({ where: { courseId: id } })).toBe(0);
    await eventually(
      async () => (await read.delivery.count({ where: { messageId: letter.messageId, state: 'accepted' } })) === 1,
      'the reply of the server to be kept',
    );
    expect(await read.delivery.findFirst({ where: { messageId: letter.messageId } })).toMatchObject({
      reply: expect.stringMatching(/^250/),
      addressMask: expect.stringContaining('…'),
    });
  });

  test('asked again, nobody gets a second mail', async () => {
    const { id, email } = await oneFamily('Ada Su', 'Nur Su');
    expect(ok(await school.teacher.post(`/api/courses/${id}/requests`))).toMatchObject({ mailed: 0, requests: 0 });
    expect(mailServer.mails.filter(({ to }) => to === email)).toEqual([]);
  });

  test('what she signs is a permission with evidence on the log, and a receipt that proves it offline', async () => {
    const { id, link } = await oneFamily('Can Ece', 'Aslı Ece');
    const done = await signAs(server, link, 'Aslı Ece');
    expect(done.text).toContain('Thank you, your answer is recorded');
    expect(await stateOf(id, 'Can Ece')).toBe('given');
    const { read } = server.context.outside.database;
    const row = await read.permission.findFirstOrThrow({ where: { courseId: id }, include: { evidence: true } });
    expect(row).toMatchObject({
      status: 'granted',
      purposes: ['record', 'keep', 'release'],
      releaseTo: ['class'],
      declinedTo: ['families'],
      assurance: 2,
      route: 'electronic',
      signerName: 'Aslı Ece',
      signerCapacity: 'guardian',
    });
    const [json] = done.links(/\.json$/);
    const receipt = await new FormClient(server.url).get(json!);
    const key = (await (await fetch(`${server.url}/.well-known/emanet-log`)).json()) as { key: string };
    const check = verifyReceipt(Buffer.from(receipt.page), { keys: [parseVerifierKey(key.key)], checkpoints: [] });
    const found = await check.next();
    expect(found).toMatchObject({
      done: true,
      value: { evidence: { signer: { typedName: 'Aslı Ece' } }, isKeyKnown: true },
    });
    const pdf = await fetch(server.url + done.links(/\.pdf$/)[0]!);
    expect(pdf.headers.get('content-type')).toContain('application/pdf');
    expect(
      Buffer.from(await pdf.arrayBuffer())
        .subarray(0, 5)
        .toString(),
    ).toBe('%PDF-');
    // Nothing of the evidence is readable in the database.
    expect(Buffer.from(row.evidence[0]!.locked).toString('latin1')).not.toContain('Ece');
  });

  test('no is as easy as yes: two presses, no name, and it is kept', async () => {
    const { id, link } = await oneFamily('Ela Nil', 'Oya Nil');
    const client = await new FormClient(server.url).get(link);
    await client.get(client.links(/\/requests\//)[0]!);
    await client.press('to', 'no');
    expect(client.text).toContain('Check your answers');
    await client.press('to', 'sign');
    expect(client.text).toContain('Your no is recorded');
    expect(await stateOf(id, 'Ela Nil')).toBe('refused');
    // And later a yes.
    expect((await signAs(server, link, 'Oya Nil')).text).toContain('Thank you');
    expect(await stateOf(id, 'Ela Nil')).toBe('given');
  });

  test('what is missing is said on the page, with nothing lost', async () => {
    const { link } = await oneFamily('Efe Kar', 'Işıl Kar');
    const client = await new FormClient(server.url).get(link);
    await client.get(client.links(/\/requests\//)[0]!);
    await client.press('to', 'next');
    expect(client.status).toBe(422);
    expect(client.page).toContain('<title>Error: ');
    await client.press('to', 'next', { noted: 'yes' });
    await client.press('to', 'next', { q0: 'yes' });
    expect(client.text).toContain('Answer every question.');
    expect(client.page).toMatch(/value="yes" checked/);
    await client.press('to', 'next', { q1: 'yes' });
    await client.press('to', 'next', { q2: 'no', q3: 'no' });
    await client.press('to', 'sign');
    expect(client.text).toContain('Type your name.');
    await client.press('to', 'sign', { typedName: 'Işıl Kar' });
    expect(client.text).toContain('Confirm that you may sign for this child.');
    await client.press('to', 'sign', { typedName: 'Işıl Kar', responsible: 'yes' });
    expect(client.text).toContain('Thank you');
  });

  test('a press too many is no second answer', async () => {
    const { id, link } = await oneFamily('Nil Öz', 'Ayşe Öz');
    const client = await fillIn(server, link);
    const again = Object.assign(new FormClient(server.url), { page: client.page, path: client.path });
    const filled = { typedName: 'Ayşe Öz', responsible: 'yes' };
    await Promise.all([client.press('to', 'sign', filled), again.press('to', 'sign', filled)]);
    expect([client.text, again.text].every((text) => text.includes('Thank you'))).toBe(true);
    expect(await server.context.outside.database.read.permission.count({ where: { courseId: id } })).toBe(1);
  });
});

describe('two who disagree', () => {
  test('a yes is told to the other; a no of the other closes, puts out of reach and becomes a task; her yes opens', async () => {
    const [mother, father] = [mail('Su Mor'), mail('Ali Mor')];
    const { id } = await course([
      {
        pupil: 'Arda Mor',
        guardians: [
          ['Su Mor', mother, '0532'],
          ['Ali Mor', father, '0533'],
        ],
      },
    ]);
    ok(await school.teacher.post(`/api/courses/${id}/requests`));
    const his = linkIn((await mailServer.next(father)).text);
    await signAs(server, linkIn((await mailServer.next(mother)).text), 'Su Mor');
    expect(await stateOf(id, 'Arda Mor')).toBe('given');
    const told = await mailServer.next(father);
    expect(told.subject).toContain('an answer was given');
    expect(linkIn(told.text)).toBe(his);
    const no = await new FormClient(server.url).get(his);
    await no.get(no.links(/\/requests\//)[0]!);
    await no.press('to', 'no');
    await no.press('to', 'sign');
    expect(await stateOf(id, 'Arda Mor')).toBe('conflict');
    const tasks = ok(await school.admin.get('/api/tasks')).items;
    expect(tasks).toContainEqual(
      expect.objectContaining({ kind: 'decide_conflict', person: expect.objectContaining({ name: 'Arda Mor' }) }),
    );
    // Nobody else can undo his no: her second yes does not.
    await signAs(server, his, 'Ali Mor');
    expect(await stateOf(id, 'Arda Mor')).toBe('given');
  });
});

test('who disagree in two courses are two tasks, and no answer is lost for it', async () => {
  const [hers, his] = [mail('Anne İkiders'), mail('Baba İkiders')];
  made += 1;
  const classId = await takeInClass(school, `6/${made}`, [
    {
      pupil: 'Çocuk İkiders',
      guardians: [
        ['Anne İkiders', hers, '0532 000 12 34'],
        ['Baba İkiders', his, '0532 000 12 35'],
      ],
    },
  ]);
  const [one, two] = [await openCourse(school, classId), await openCourse(school, classId, { title: 'Kimya' })];
  for (const { id } of [one, two]) ok(await school.teacher.post(`/api/courses/${id}/requests`));
  const links = [linkIn((await mailServer.next(hers)).text), linkIn((await mailServer.next(his)).text)];
  const answerBoth = async (link: string, name: string, answer: 'yes' | 'no') => {
    for (let left = 2; left > 0; left--) {
      const home = await new FormClient(server.url).get(link);
      const client = await home.get(home.links(/\/requests\//).at(left - 1)!);
      if (answer === 'no') await client.press('to', 'no');
      else {
        await client.press('to', 'next', { noted: 'yes' });
        await client.press('to', 'next', { q0: 'yes', q1: 'yes' });
        await client.press('to', 'next', { q2: 'yes', q3: 'no' });
      }
      await client.press('to', 'sign', { typedName: name, responsible: 'yes' });
      expect(client.status).toBe(200);
    }
  };
  await answerBoth(links[0]!, 'Anne İkiders', 'yes');
  await answerBoth(links[1]!, 'Baba İkiders', 'no');
  for (const { id } of [one, two]) expect(await stateOf(id, 'Çocuk İkiders')).toBe('conflict');
  const { read } = server.context.outside.database;
  const where = { kind: 'decide_conflict', person: { name: 'Çocuk İkiders' }, doneAt: null } as const;
  expect(await read.task.count({ where })).toBe(2);
});

describe('what was given is taken back', () => {
  test('by the same link: a preview first, then at once, with a receipt', async () => {
    const { id, link } = await oneFamily('Mert Su', 'Esra Su');
    await signAs(server, link, 'Esra Su');
    const client = await new FormClient(server.url).get(link);
    await client.get(client.links(/\/answers\/[^/]+$/)[0]!);
    await client.get(client.links(/\/withdraw$/)[0]!);
    expect(client.text).toContain('Nothing has been recorded because of it.');
    expect(await stateOf(id, 'Mert Su')).toBe('given');
    await client.press('', '');
    expect(client.text).toContain('It is taken back');
    expect(client.links(/\.json$/)).toHaveLength(1);
    expect(await stateOf(id, 'Mert Su')).toBe('withdrawn');
    const [entry] = await arrivals(server, 'permission.withdrawn').then((all) => all.slice(-1));
    expect(JSON.stringify(entry)).toMatch(/evidence/);
  });

  test('one lesson alone, and back', async () => {
    const { id, link } = await oneFamily('Bora Işık', 'Filiz Işık');
    await signAs(server, link, 'Filiz Işık');
    const lesson = ok(
      await school.teacher.post(`/api/courses/${id}/lessons`, { plannedStart: inDays(1), plannedEnd: inDays(1.05) }),
    );
    const reasons = async () =>
      ok(await school.teacher.get(`/api/lessons/${lesson.id}/gate`)).reasons.map(({ code }: { code: string }) => code);
    expect(await reasons()).not.toContain('OBJECTED');
    const client = await new FormClient(server.url).get(link);
    const answer = client.links(/\/answers\/[^/]+$/)[0]!;
    await client.get(answer);
    await client.press('do', 'object');
    expect(client.text).toContain('Your objection is recorded');
    expect(await reasons()).toContain('OBJECTED');
    await client.get(answer);
    await client.press('do', 'lift');
    expect(await reasons()).not.toContain('OBJECTED');
  });
});

test('one mail to a guardian is about all children and courses', async () => {
  const email = mail('Çok Çocuk');
  const guardians = [['Çok Çocuk', email, '0532 000 12 34']] as const;
  made += 1;
  const classId = await takeInClass(school, `7/${made}`, [
    { pupil: 'Bir Çocuk', guardians },
    { pupil: 'İki Çocuk', guardians },
  ]);
  const [first, second] = [await openCourse(school, classId, { title: 'Kimya' }), await openCourse(school, classId)];
  const { read } = server.context.outside.database;
  mailServer.setBusy(true);
  try {
    ok(await school.teacher.post(`/api/courses/${first.id}/requests`));
    await eventually(() => mailServer.turnedAway.has(email), 'the mail to be turned away');
    await eventually(
      async () =>
        (await read.delivery.count({ where: { link: { person: { name: 'Çok Çocuk' } }, claimedAt: null } })) === 1,
      'the mail to wait again',
    );
    ok(await school.teacher.post(`/api/courses/${second.id}/requests`));
  } finally {
    mailServer.setBusy(false);
  }
  const letter = await mailServer.next(email);
  for (const text of ['Bir Çocuk, Kimya', 'İki Çocuk, Kimya', 'Bir Çocuk, Fizik 10/A', 'İki Çocuk, Fizik 10/A'])
    expect(letter.text).toContain(text);
  expect(await read.delivery.count({ where: { link: { person: { name: 'Çok Çocuk' } } } })).toBe(1);
  // A third course, when that mail has gone: it names what still waits too.
  const third = await openCourse(school, classId, { title: 'Müzik' });
  ok(await school.teacher.post(`/api/courses/${third.id}/requests`));
  const later = await mailServer.next(email);
  for (const text of ['Bir Çocuk, Müzik', 'İki Çocuk, Kimya']) expect(later.text).toContain(text);
});

describe('what reaches the school without the link', () => {
  test('an objection by telephone counts at once and is taken back in writing alone', async () => {
    const { id, link } = await oneFamily('Efe Ara', 'Ela Ara');
    await signAs(server, link, 'Ela Ara');
    const lesson = ok(
      await school.teacher.post(`/api/courses/${id}/lessons`, { plannedStart: inDays(1), plannedEnd: inDays(1.05) }),
    );
    const { read } = server.context.outside.database;
    const { id: participantId } = await read.participant.findFirstOrThrow({ where: { courseId: id } });
    const { id: guardianId } = await read.person.findFirstOrThrow({ where: { name: 'Ela Ara' } });
    const codes = async () =>
      ok(await school.teacher.get(`/api/lessons/${lesson.id}/gate`)).reasons.map(({ code }: { code: string }) => code);
    const note = (more: Record<string, unknown>, by = school.teacher) =>
      by.post(`/api/lessons/${lesson.id}/objections`, { participantId, guardianId, route: 'spoken', ...more });
    const stranger = '01890000-0000-7000-8000-000000000000';
    expect((await note({ guardianId: stranger })).status).toBe(404);
    expect((await note({ participantId: stranger })).status).toBe(404);
    expect((await note({}, school.otherTeacher)).status).toBe(404);
    expect((await note({ lift: true, route: 'paper' }, school.admin)).status).toBe(409);
    expect((await note({})).status).toBe(204);
    expect(await codes()).toContain('OBJECTED');
    expect((await note({})).status).toBe(409);
    const spoken = await note({ lift: true });
    expect([spoken.status, spoken.body.reasons[0].code]).toEqual([409, 'NOT_WRITTEN']);
    expect(await codes()).toContain('OBJECTED');
    // It is one objection, whichever way it came and goes: the page of the guardian has it too.
    const page = await new FormClient(server.url).get(link);
    await page.get(page.links(/\/answers\/[^/]+$/)[0] ?? '');
    await page.press('do', 'lift');
    expect(await codes()).not.toContain('OBJECTED');
    expect((await note({})).status).toBe(204);
    expect((await note({ lift: true, route: 'email' })).status).toBe(403);
    expect(await codes()).toContain('OBJECTED');
    expect((await note({ lift: true, route: 'email' }, school.admin)).status).toBe(204);
    expect(await codes()).not.toContain('OBJECTED');
  });

  test('an objection of a child who left the class and came back is heard, whichever way it came', async () => {
    const { id, link } = await oneFamily('Geri Gelen', 'Bekleyen Anne');
    await signAs(server, link, 'Bekleyen Anne');
    const { read } = server.context.outside.database;
    const person = await read.person.findFirstOrThrow({
      where: { name: 'Geri Gelen' },
      include: { memberships: true },
    });
    const path = `/api/persons/${person.id}/classes/${person.memberships[0]!.classId}`;
    expect((await school.teacher.delete(path)).status).toBe(204);
    expect((await school.teacher.put(path, undefined)).status).toBe(204);
    const rows = await read.participant.findMany({ where: { courseId: id }, orderBy: { addedAt: 'asc' } });
    expect(rows.map(({ until }) => until === null)).toEqual([false, true]);
    const lesson = ok(
      await school.teacher.post(`/api/courses/${id}/lessons`, { plannedStart: inDays(1), plannedEnd: inDays(1.05) }),
    );
    const codes = async () =>
      ok(await school.teacher.get(`/api/lessons/${lesson.id}/gate`)).reasons.map(({ code }: { code: string }) => code);
    expect(await codes()).not.toContain('OBJECTED');
    const page = await new FormClient(server.url).get(link);
    const [answer = ''] = page.links(/\/answers\/[^/]+$/);
    await page.get(answer);
    await page.press('do', 'object');
    expect(await codes()).toContain('OBJECTED');
    // The page knows it as one objection, and lifts it.
    await page.get(answer);
    await page.press('do', 'lift');
    expect(await codes()).not.toContain('OBJECTED');
    const { id: guardianId } = await read.person.findFirstOrThrow({ where: { name: 'Bekleyen Anne' } });
    const body = { participantId: rows[0]!.id, guardianId, route: 'spoken' };
    const twice = await Promise.all(
      [1, 2].map(() => school.teacher.post(`/api/lessons/${lesson.id}/objections`, body)),
    );
    expect(twice.map(({ status }) => status).sort()).toEqual([204, 409]);
    expect(await codes()).toContain('OBJECTED');
  });

  test('a withdrawal by telephone: what it stops is shown before, and the other guardian is told', async () => {
    const [hers, his] = [mail('Ebru Tel'), mail('Emre Tel')];
    const { id } = await course([
      {
        pupil: 'Ece Tel',
        guardians: [
          ['Ebru Tel', hers, '0532 000 12 34'],
          ['Emre Tel', his, '0532 000 12 35'],
        ],
      },
    ]);
    await signAs(server, await askedLink(school, mailServer, id, hers), 'Ebru Tel');
    ok(await school.teacher.post(`/api/courses/${id}/lessons`, { plannedStart: inDays(1), plannedEnd: inDays(1.05) }));
    const { read } = server.context.outside.database;
    const { id: permissionId } = await read.permission.findFirstOrThrow({ where: { courseId: id } });
    const preview = `/api/permissions/${permissionId}/withdrawal`;
    expect(ok(await school.teacher.get(preview))).toEqual({ subject: 'Ece Tel', recorded: [], upcoming: 1 });
    expect((await school.otherTeacher.get(preview)).status).toBe(404);
    await mailServer.next(his, /Somebody else/);
    ok(await school.teacher.post(`/api/permissions/${permissionId}/withdraw`, { note: 'Telefonla' }));
    expect(await stateOf(id, 'Ece Tel')).toBe('withdrawn');
    // Whoever telephoned gets a receipt too; it says who wrote it down, and that a member of staff's word is all there is.
    const act = await read.evidence.findFirstOrThrow({ where: { permissionId, event: 'withdrawn' } });
    const receipt = await makeReceipt(server.context.outside, act.id);
    expect(receipt?.evidence).toMatchObject({
      route: 'spoken',
      act: { kind: 'noted', notedBy: school.teacher.id },
      assurance: { level: 1, checks: ['staff_word'] },
    });
    const { key } = (await (await fetch(`${server.url}/.well-known/emanet-log`)).json()) as { key: string };
    const check = verifyReceipt(Buffer.from(receipt!.text), { keys: [parseVerifierKey(key)], checkpoints: [] });
    expect(await check.next()).toMatchObject({ done: true, value: { isKeyKnown: true } });
    const path = `/api/permissions/${permissionId}/receipt`;
    const pdf = await fetch(server.url + path, { headers: school.teacher.headers });
    expect([pdf.status, (await pdf.text()).slice(0, 5)]).toEqual([200, '%PDF-']);
    expect(await arrivals(server, 'permission.receipt_read')).toHaveLength(1);
    expect((await school.otherTeacher.get(path)).status).toBe(404);
    expect((await school.reviewer.get(path)).status).toBe(403);
    await mailServer.next(his, /Somebody else/);
    ok(await school.admin.post(`/api/permissions/${permissionId}/invalidate`, { note: 'Yanlış çocuk' }));
    expect((await school.teacher.post(`/api/permissions/${permissionId}/withdraw`, {})).status).toBe(409);
    expect(await read.permission.findUnique({ where: { id: permissionId } })).toMatchObject({ status: 'invalidated' });
  });
});

describe('a second thing beside the link, where the school wants it', () => {
  beforeAll(async () => {
    ok(await school.admin.put('/api/school/permission-rules', { preset: 'tr' }));
  });
  afterAll(async () => {
    ok(await school.admin.put('/api/school/permission-rules', { preset: 'uk' }));
  });

  test('a yes needs the last digits of the telephone; a no does not', async () => {
    const { id, link } = await oneFamily('Deha Ak', 'Sema Ak');
    expect((await signAs(server, link, 'Sema Ak')).text).toContain('Type the last four digits');
    expect((await signAs(server, link, 'Sema Ak', { digits: '0000' })).text).toContain(
      'These are not the last four digits',
    );
    expect((await signAs(server, link, 'Sema Ak', { digits: '1234' })).text).toContain('Thank you');
    expect(await stateOf(id, 'Deha Ak')).toBe('given');
    const row = await server.context.outside.database.read.permission.findFirstOrThrow({ where: { courseId: id } });
    expect(row.assurance).toBe(3);
  });

  test('five wrong tries lock it, are on the log, and the right one does not help then', async () => {
    const { link } = await oneFamily('Lale Ak', 'Hale Ak');
    for (let i = 0; i < 5; i++) await signAs(server, link, 'Hale Ak', { digits: '9999' });
    expect((await signAs(server, link, 'Hale Ak', { digits: '1234' })).text).toContain('too many wrong tries');
    expect((await arrivals(server, 'signer.locked_out')).length).toBeGreaterThan(0);
  });
});

describe('somebody else', () => {
  test('an invented link, a revoked one and a request of others look the same', async () => {
    const mine = await oneFamily('Ege Ak', 'Pınar Ak');
    const other = await oneFamily('Suna Ak', 'Zeki Ak');
    const foreign = (await new FormClient(server.url).get(other.link))
      .links(/\/requests\//)[0]!
      .split('/')
      .at(-1)!;
    const { read } = server.context.outside.database;
    const pages = [
      `/s/${'x'.repeat(22)}`,
      `/s/short`,
      `${mine.link}/requests/${foreign}`,
      `${mine.link}/answers/${foreign}`,
      `${mine.link}/done/${foreign}`,
      `${mine.link}/receipts/${foreign}.json`,
      `${mine.link}/requests/1`,
    ];
    const seen = new Set<string>();
    for (const path of pages) {
      const client = await new FormClient(server.url).get(path);
      expect([path, client.status]).toEqual([path, 404]);
      seen.add(client.page);
    }
    await read.signerLink.updateMany({ where: { person: { name: 'Pınar Ak' } }, data: { revokedAt: new Date() } });
    seen.add((await new FormClient(server.url).get(mine.link)).page);
    expect(seen.size).toBe(1);
  });

  test('a name is text and never markup', async () => {
    const { link } = await oneFamily('<b>Ada</b> "Ak"', 'Ebru <script>alert(1)</script>');
    const client = await new FormClient(server.url).get(link);
    expect(client.page).not.toContain('<script>alert');
    expect(client.page).toContain('&lt;script&gt;');
  });
});

describe('the mail server', () => {
  test('that refuses an address makes it undeliverable, with a task', async () => {
    const email = mail('Yok Ak');
    mailServer.refused.add(email);
    const { id } = await course([{ pupil: 'Kaan Ak', guardians: [['Yok Ak', email, '0532']] }]);
    ok(await school.teacher.post(`/api/courses/${id}/requests`));
    await eventually(async () => (await stateOf(id, 'Kaan Ak')) === 'undeliverable', 'the refusal to be known');
    const row = (await view(id)).rows.find(({ name }: { name: string }) => name === 'Kaan Ak');
    expect(row).toMatchObject({ next: 'correct_address', signers: [{ delivery: 'refused', hasAddress: false }] });
    expect(ok(await school.admin.get('/api/tasks')).items).toContainEqual(
      expect.objectContaining({ kind: 'correct_address' }),
    );
  });

  test('that is busy is asked again', async () => {
    mailServer.setBusy(true);
    const email = mail('Sabır Ak');
    const { id } = await course([{ pupil: 'Oya Ak', guardians: [['Sabır Ak', email, '0532']] }]);
    ok(await school.teacher.post(`/api/courses/${id}/requests`));
    const { read } = server.context.outside.database;
    const where = { requests: { some: { request: { courseId: id } } } };
    await eventually(async () => (await read.delivery.count({ where: { ...where, claimedAt: null } })) === 1, 'a try');
    mailServer.setBusy(false);
    expect(linkIn((await mailServer.next(email)).text)).toMatch(/^\/s\//);
  });
});

describe('a process that ends in the middle', () => {
  test('while the mail server was asked: nobody gets the mail twice, and it is said that nobody knows', async () => {
    const { outside } = server.context;
    const { read } = outside.database;
    const { id, email } = await oneFamily('Uğur Ak', 'Şule Ak');
    const row = await read.delivery.findFirstOrThrow({
      where: { requests: { some: { request: { courseId: id } } } },
    });
    await read.delivery.update({ where: { id: row.id }, data: { state: 'queued', claimedAt: new Date() } });
    await sendSignerMail(outside, () => Promise.reject(new Error('was asked again')), row.id);
    expect(await read.delivery.findUnique({ where: { id: row.id } })).toMatchObject({ state: 'unknown' });
    expect(mailServer.mails.filter(({ to }) => to === email)).toEqual([]);
    expect((await arrivals(server, 'mail.unknown')).length).toBeGreaterThan(0);
  });

  test('between the answer and its receipt: the answer stands, and the job makes the receipt', async () => {
    const { outside } = server.context;
    const { id, link } = await oneFamily('Vedat Ak', 'Zuhal Ak');
    await signAs(server, link, 'Zuhal Ak');
    const { read } = outside.database;
    const act = await read.evidence.findFirstOrThrow({ where: { permission: { courseId: id } } });
    const first = await makeReceipt(outside, act.id);
    await read.evidence.update({ where: { id: act.id }, data: { receipt: null } });
    expect(await stateOf(id, 'Vedat Ak')).toBe('given');
    const again = await makeReceipt(outside, act.id);
    expect(again?.evidence).toEqual(first?.evidence);
    expect((await read.evidence.findUniqueOrThrow({ where: { id: act.id } })).receipt).not.toBeNull();
  });
});

test('an address that did not work is corrected by an administrator, and the next asking reaches it', async () => {
  const [wrong, right] = [mail('Yanlış Ak'), mail('Doğru Ak')];
  mailServer.refused.add(wrong);
  const { id } = await course([{ pupil: 'Sarp Ak', guardians: [['Doğru Ak', wrong, '0532']] }]);
  ok(await school.teacher.post(`/api/courses/${id}/requests`));
  await eventually(async () => (await stateOf(id, 'Sarp Ak')) === 'undeliverable', 'the refusal to be known');
  const { items } = ok(await school.admin.get('/api/persons?search=dogru'));
  const path = `/api/persons/${items[0].id}`;
  // Whoever sends a link to an address of their own could answer for her.
  expect(await school.teacher.patch(path, { addContact: 'tuna@school.example' })).toMatchObject({ status: 403 });
  const changed = ok(await school.admin.patch(path, { addContact: right, language: 'en' }));
  expect(
    changed.contacts.map(({ value, undeliverable }: { value: string; undeliverable: unknown }) => [
      value,
      undeliverable,
    ]),
  ).toContainEqual([right, null]);
  const tasks = ok(await school.admin.get('/api/tasks')).items;
  expect(tasks.filter(({ person }: { person: { name: string } }) => person.name === 'Doğru Ak')).toEqual([]);
  expect(ok(await school.teacher.post(`/api/courses/${id}/reminders`))).toMatchObject({ mailed: 1 });
  expect((await mailServer.next(right)).text).toMatch(/^Hello /);
  expect(await arrivals(server, 'person.changed')).not.toEqual([]);
});

test('who comes of age signs alone from that day on', async () => {
  const { id, link } = await oneFamily('Yiğit Ak', 'Nazlı Ak');
  await signAs(server, link, 'Nazlı Ak');
  expect(await stateOf(id, 'Yiğit Ak')).toBe('given');
  const { items } = ok(await school.admin.get('/api/persons?search=yigit'));
  ok(await school.admin.patch(`/api/persons/${items[0].id}`, { adultFrom: '2020-01-01' }));
  expect(await stateOf(id, 'Yiğit Ak')).not.toBe('given');
});

test('pressed twice, a reminder goes once; without a mail server it is refused and paper is the way', async () => {
  const { id, email } = await oneFamily('Yaman Ak', 'Buse Ak');
  const { outside } = server.context;
  expect(ok(await school.teacher.post(`/api/courses/${id}/reminders`))).toEqual({ mailed: 0, tooSoon: 1 });
  await outside.database.read.delivery.updateMany({
    where: { requests: { some: { request: { courseId: id } } } },
    data: { queuedAt: new Date(Date.now() - 13 * 60 * 60_000) },
  });
  const both = await Promise.all([1, 2].map(() => school.teacher.post(`/api/courses/${id}/reminders`)));
  expect(both.map((answer) => ok(answer).mailed).sort()).toEqual([0, 1]);
  expect((await mailServer.next(email)).subject).toContain('a reminder');
  expect(mailServer.mails.filter(({ to }) => to === email)).toEqual([]);
  const without = { ...outside, settings: { ...outside.settings, sendsMail: false } };
  const caller = { actor: { kind: 'system', id: 'test' } } as const;
  await expect(remindCourse(without, caller, id)).rejects.toMatchObject({ reasons: [{ code: 'MAIL_NOT_SET_UP' }] });
  expect((await viewCourse(without, id)).rows[0]).toMatchObject({ next: 'print' });
});

test('reminders come by the schedule, in the hours of the day, and not after an answer', async () => {
  const { id, email, link } = await oneFamily('Rüzgâr Ak', 'Defne Ak');
  const other = await oneFamily('Toprak Ak', 'Meltem Ak');
  await signAs(server, other.link, 'Meltem Ak');
  const at = (days: number, hour: number) => () => {
    const day = new Date(Date.now() + days * 24 * 60 * 60_000).toISOString().slice(0, 10);
    return new Date(`${day}T${String(hour).padStart(2, '0')}:00:00Z`);
  };
  const { outside } = server.context;
  expect((await remindSigners({ ...outside, clock: at(2, 12) })).reminded).toBe(0);
  expect((await remindSigners({ ...outside, clock: at(6, 2) })).reminded).toBe(0);
  await byDay(async () => {
    const both = await Promise.all([
      remindSigners({ ...outside, clock: at(6, 12) }),
      remindSigners({ ...outside, clock: at(6, 12) }),
    ]);
    expect(both[0].reminded + both[1].reminded).toBeGreaterThan(0);
    const letter = await mailServer.next(email);
    expect(letter.subject).toContain('a reminder');
    expect(linkIn(letter.text)).toBe(link);
  });
  expect(mailServer.mails.filter(({ to }) => to === email)).toEqual([]);
  expect(mailServer.mails.filter(({ to }) => to === other.email)).toEqual([]);
  expect(await stateOf(id, 'Rüzgâr Ak')).toMatch(/asked|opened/);
  expect((await remindSigners({ ...outside, clock: at(40, 12) })).lapsed).toBeGreaterThan(0);
  expect((await new FormClient(server.url).get(link)).text).toContain('The time to answer is over.');
});

test('two courses of one class, asked at the same moment, are asked, and each guardian has one link', async () => {
  made += 1;
  const parents = [1, 2, 3, 4, 5, 6].map((n) => `es.zamanli.${n}.${made}@aile.example`);
  const families = parents.map(
    (email, at): Family => ({
      pupil: `Eş Zamanlı${at}`,
      guardians: [[`Veli Zamanlı${at}`, email, '0532 000 12 34']],
    }),
  );
  const classId = await takeInClass(school, `11/${made}`, families);
  const both = [await openCourse(school, classId), await openCourse(school, classId)];
  const asked = await Promise.all(both.map(({ id }) => school.teacher.post(`/api/courses/${id}/requests`)));
  expect(asked.map(({ status, body }) => [status, body.mailed])).toEqual([
    [200, 6],
    [200, 6],
  ]);
  const links = await server.context.outside.database.read.signerLink.count({
    where: { person: { name: { startsWith: 'Veli Zamanlı' } } },
  });
  expect(links).toBe(6);
  // Of two courses of one title she sees both answers.
  const link = linkIn((await mailServer.next(parents[0]!)).text);
  await signAs(server, link, 'Veli Zamanlı');
  await signAs(server, link, 'Veli Zamanlı');
  expect((await new FormClient(server.url).get(link)).links(/\/answers\/[^/]+$/)).toHaveLength(2);
});

test('what was taken back is not given again by a page that was open before', async () => {
  const { id, link } = await oneFamily('Derin Ak', 'Sevda Ak');
  await signAs(server, link, 'Sevda Ak');
  const old = await fillIn(server, link);
  const client = await new FormClient(server.url).get(link);
  await client.get(`${client.links(/\/answers\/[^/]+$/)[0]}/withdraw`);
  await client.press('', '');
  await old.press('to', 'sign', { typedName: 'Sevda Ak', responsible: 'yes' });
  expect(old.status).toBe(409);
  expect(await stateOf(id, 'Derin Ak')).toBe('withdrawn');
  expect((await signAs(server, link, 'Sevda Ak')).text).toContain('Thank you');
  expect(await stateOf(id, 'Derin Ak')).toBe('given');
});

test('whoever has come of age answers alone: a guardian’s page answers nothing, and no guardian is told', async () => {
  const { id, link } = await oneFamily('Yirmi Ak', 'Anne Yirmi');
  const form = await fillIn(server, link);
  const { read } = server.context.outside.database;
  await read.person.updateMany({ where: { name: 'Yirmi Ak' }, data: { adultFrom: new Date(Date.now() - 1_000) } });
  await form.press('to', 'sign', { typedName: 'Anne Yirmi', responsible: 'yes' });
  expect(form.text).not.toContain('Thank you');
  expect(await read.permission.count({ where: { courseId: id } })).toBe(0);
  const person = await read.person.findFirstOrThrow({ where: { name: 'Yirmi Ak' } });
  const before = await read.delivery.count();
  const { outside } = server.context;
  const { token } = await outside.database.transact({ actor: { kind: 'system', id: 'test' } }, async (tx) => {
    const book = await openContactBook(outside, tx.db);
    return linkOf(tx.db, book, { personId: person.id }, new Date()).finally(() => book.close());
  });
  ok(await school.teacher.post(`/api/courses/${id}/requests`));
  expect((await signAs(server, `/s/${token}`, 'Yirmi Ak')).text).toContain('Thank you');
  expect(await stateOf(id, 'Yirmi Ak')).toBe('given');
  expect(await read.delivery.count()).toBe(before);
});

test('a press of withdraw is in the words of the page that was shown', async () => {
  const { id, link } = await oneFamily('Dil Ak', 'Türkçe Ak');
  const { outside } = server.context;
  await outside.database.read.person.updateMany({ where: { name: 'Türkçe Ak' }, data: { language: 'tr' } });
  const client = await new FormClient(server.url, 'en').get(link);
  await client.get(client.links(/\/requests\//)[0]!);
  await client.press('to', 'no');
  await client.press('to', 'sign');
  await client.get(link);
  await signAs(server, link, 'Türkçe Ak');
  await client.get(link);
  await client.get(`${client.links(/\/answers\/[^/]+$/)[0]}/withdraw`);
  const [, shown] =
    /<form method="post" action="[^"]*withdraw"><p class="bar"><button>([^<]+)</.exec(client.page) ?? [];
  await client.press('', '');
  const row = await outside.database.read.evidence.findFirstOrThrow({
    where: { event: 'withdrawn', permission: { courseId: id } },
  });
  const receipt = await makeReceipt(outside, row.id);
  expect(receipt?.evidence.consent?.language).toBe('tr');
  expect(receipt?.evidence.act.button).toBe(shown);
});

describe('a mail server that is away for long', () => {
  const minutes = (n: number) => n * 60_000;
  /** One family whose letter stays in the queue. */
  async function unsent(pupil: string, guardian: string) {
    const email = mail(guardian);
    const { id } = await course([{ pupil, guardians: [[guardian, email, '0532 000 12 34']] }]);
    mailServer.setBusy(true);
    ok(await school.teacher.post(`/api/courses/${id}/requests`));
    const { database } = server.context.outside;
    const where = { requests: { some: { request: { courseId: id } } } };
    await eventually(
      async () =>
        (await database.read.delivery.count({ where: { ...where, messageId: { not: null }, claimedAt: null } })) === 1,
      'a try',
    );
    // As after the last try.
    await database.read.$executeRaw`
      UPDATE graphile_worker._private_jobs SET attempts = max_attempts, run_at = now() + interval '1 day'
       WHERE key = 'mail:' || ${(await database.read.delivery.findFirstOrThrow({ where })).id}::text AND locked_at IS NULL`;
    mailServer.setBusy(false);
    return { id, email, where };
  }

  test('gets a letter once, though two workers take it at the same moment', async () => {
    const { where } = await unsent('Çift Ak', 'Tek Ak');
    const { outside } = server.context;
    const { id: deliveryId } = await outside.database.read.delivery.findFirstOrThrow({ where });
    let handed = 0;
    const send = () =>
      sendSignerMail(
        outside,
        async () => {
          handed++;
          return { outcome: 'accepted', reply: '250' };
        },
        deliveryId,
      );
    await Promise.all([send(), send(), send(), send()]);
    expect(handed).toBe(1);
  });

  test('loses no letter', async () => {
    const { email, where } = await unsent('Posta Ak', 'Bekler Ak');
    const { outside } = server.context;
    const later = { ...outside, clock: () => new Date(Date.now() + minutes(20)) };
    expect(await queueUnsentMail(outside)).toBe(0);
    await Promise.all([queueUnsentMail(later), queueUnsentMail(later)]);
    await mailServer.next(email);
    await eventually(
      async () => (await outside.database.read.delivery.count({ where: { ...where, state: 'accepted' } })) === 1,
      'the reply to be kept',
    );
    expect(mailServer.mails.filter(({ to }) => to === email)).toEqual([]);
  });

  test('sends nothing about what was answered meanwhile, and leaves nothing in the queue', async () => {
    const { id, where } = await unsent('Yanıt Ak', 'Çabuk Ak');
    const { outside } = server.context;
    await outside.database.read.request.updateMany({ where: { courseId: id }, data: { state: 'answered' } });
    const { id: deliveryId } = await outside.database.read.delivery.findFirstOrThrow({ where });
    const handed: string[] = [];
    await sendSignerMail(
      outside,
      async ({ to }) => {
        handed.push(to);
        return { outcome: 'accepted', reply: '250' };
      },
      deliveryId,
    );
    expect(handed).toEqual([]);
    expect(await outside.database.read.delivery.count({ where })).toBe(0);
  });

  test('sends a reminder of the day not in the night, and in the morning once', async () => {
    const { id, email, where } = await unsent('Gece Ak', 'Uyur Ak');
    const { outside } = server.context;
    const day = new Date(Date.now() + 2 * 24 * 60 * 60_000).toISOString().slice(0, 10);
    const at = (hour: number) => ({
      ...outside,
      clock: () => new Date(`${day}T${String(hour).padStart(2, '0')}:00:00Z`),
    });
    await outside.database.read.delivery.updateMany({ where, data: { kind: 'reminder', queuedAt: at(14).clock() } });
    await outside.database.read.request.updateMany({ where: { courseId: id }, data: { reminders: 1 } });
    const { id: deliveryId } = await outside.database.read.delivery.findFirstOrThrow({ where });
    const handed: string[] = [];
    const hand = async ({ to }: { to: string }) => {
      handed.push(to);
      return { outcome: 'accepted', reply: '250' } as const;
    };
    await sendSignerMail(at(23), hand, deliveryId);
    expect(handed).toEqual([]);
    expect(await outside.database.read.request.findFirst({ where: { courseId: id } })).toMatchObject({ reminders: 0 });
    const tomorrow = { ...outside, clock: () => new Date(at(10).clock().getTime() + 24 * 60 * 60_000) };
    await byDay(async () => {
      await remindSigners(tomorrow);
      expect((await mailServer.next(email)).subject).toContain('a reminder');
    });
  });
});

test('200 guardians answer within one minute: none is lost, none double, and the log has each', async () => {
  made += 1;
  const all = Array.from({ length: 200 }, (_, at) => at);
  const families = all.map(
    (at): Family => ({
      pupil: `Kalabalık Öğrenci${at}`,
      guardians: [[`Kalabalık Veli${at}`, `kalabalik.${at}.${made}@aile.example`, '0532 000 12 34']],
    }),
  );
  const { id } = await openCourse(school, await takeInClass(school, `12/${made}`, families));
  expect(ok(await school.teacher.post(`/api/courses/${id}/requests`))).toMatchObject({ mailed: 200, requests: 200 });
  const { outside } = server.context;
  const { read } = outside.database;
  const links = await read.signerLink.findMany({ where: { person: { name: { startsWith: 'Kalabalık Veli' } } } });
  const tokens = await outside.database.transact({ actor: { kind: 'system', id: 'test' } }, async (tx) => {
    const book = await openContactBook(outside, tx.db);
    const own = links.map((link) => book.token(link.id));
    book.close();
    return own;
  });
  const forms: FormClient[] = [];
  for (const token of tokens) forms.push(await fillIn(server, `/s/${token}`));
  // Spread over a minute as people are, here without the pauses: eight at a time.
  const took: number[] = [];
  const queue = [...forms];
  const started = performance.now();
  const answerAll = async () => {
    for (let form = queue.pop(); form; form = queue.pop()) {
      const from = performance.now();
      await form.press('to', 'sign', { typedName: 'Kalabalık Veli', responsible: 'yes' });
      took.push(performance.now() - from);
    }
  };
  await Promise.all(Array.from({ length: 8 }, answerAll));
  const seconds = (performance.now() - started) / 1_000;
  took.sort((a, b) => a - b);
  if (process.env.SAY_TIMES) console.info(`200 answers in ${seconds.toFixed(1)} s, p95 ${took[189]?.toFixed(0)} ms`);
  expect(forms.filter(({ text }) => !text.includes('Thank you'))).toEqual([]);
  const rows = await read.permission.findMany({ where: { courseId: id }, include: { evidence: true } });
  expect(rows).toHaveLength(200);
  expect(new Set(rows.map(({ participantId }) => participantId)).size).toBe(200);
  expect(
    rows.every(({ status, evidence }) => status === 'granted' && evidence.length === 1 && evidence[0]?.receipt),
  ).toBe(true);
  const logged = (await arrivals(server, 'permission.granted')).map(({ details }) => details?.evidence);
  for (const { evidence } of rows) expect(logged.filter((one) => one === evidence[0]?.sha256)).toHaveLength(1);
}, 300_000);

test('a server that ends between an act and its receipt: the queued job makes it, however much came after', async () => {
  const own = await startTestServer({ WORKER: 'false' });
  try {
    const { outside } = own.context;
    const { read } = outside.database;
    const there = await createSchool(own);
    const classId = await takeInClass(there, '8/1', [
      { pupil: 'Kesinti Ak', guardians: [['Yarım Ak', 'yarim@aile.example', '0532 000 12 34']] },
    ]);
    const { id } = await openCourse(there, classId);
    const lesson = ok(
      await there.teacher.post(`/api/courses/${id}/lessons`, { plannedStart: inDays(1), plannedEnd: inDays(1.05) }),
    );
    ok(await there.teacher.post(`/api/courses/${id}/requests`));
    const request = await read.request.findFirstOrThrow({ where: { courseId: id, signerId: { not: null } } });
    const test = { actor: { kind: 'system', id: 'test' } } as const;
    const { token } = await outside.database.transact(test, async (tx) => {
      const book = await openContactBook(outside, tx.db);
      return linkOf(tx.db, book, { personId: request.signerId ?? '' }, new Date()).finally(() => book.close());
    });
    const pressed = { language: 'en', button: 'Sign', agent: null, address: undefined } as const;
    const { permissionId } = await answerRequest(outside, token, {
      ...pressed,
      requestId: request.id,
      after: null,
      answers: ['yes', 'yes', 'yes', 'no'],
      typedName: 'Yarım Ak',
      isNoted: true,
      declaresResponsibility: true,
      strokes: null,
      secondThing: null,
      ticks: [],
    });
    await objectToLesson(outside, token, { permissionId, lessonId: lesson.id, isLifted: false }, pressed);
    // Here the server ends. What others do with the same lesson fills the log.
    const { id: participantId } = await read.participant.findFirstOrThrow({ where: { courseId: id } });
    await outside.database.transact(test, async (tx) => {
      for (let i = 0; i < 120; i++)
        await tx.log({
          action: 'lesson.objection_lifted',
          outcome: 'done',
          object: { kind: 'lesson', id: lesson.id, lessonId: lesson.id },
          details: { participant: { person: 'participant', id: participantId }, guardian: null, route: 'spoken' },
        });
    });
    const rows = await read.evidence.findMany({ where: { permissionId }, orderBy: { createdAt: 'asc' } });
    expect(rows.map(({ event, receipt }) => [event, receipt])).toEqual([
      ['answered', null],
      ['objected', null],
    ]);
    const queued = await read.$queryRaw<{ key: string }[]>`
      SELECT key FROM graphile_worker.jobs WHERE task_identifier = 'make-receipt'`;
    expect(queued.map(({ key }) => key.slice(key.indexOf(' ') + 1)).toSorted()).toEqual(
      rows.map((row) => `receipt:${row.id}`).toSorted(),
    );
    const tasks = createTasks(outside, {
      send: async () => {},
      hand: async () => ({ outcome: 'accepted', reply: '' }),
    });
    const attempt = { signal: new AbortController().signal, isLast: true, job: '1.0' };
    for (const { id: evidenceId } of rows) await tasks['make-receipt']({ evidenceId }, attempt);
    for (const { id: evidenceId } of rows) {
      const kept = await read.evidence.findUniqueOrThrow({ where: { id: evidenceId } });
      expect(kept.receipt).not.toBeNull();
      const page = await new FormClient(own.url).get(`/s/${token}/receipts/${evidenceId}.json`);
      expect(page.page).toBe((await makeReceipt(outside, evidenceId))?.text);
    }
  } finally {
    await own.stop();
  }
});
