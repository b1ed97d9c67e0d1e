import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { settings } from '../../../src/config/env.ts';
import { firstSteps } from '../../../src/domain/first-step.ts';
import { integrateLog } from '../../../src/pipeline/oversight/integrate-log.ts';
import { classNamed, openCourse, takeInList } from '../../support/courses.ts';
import { eventually } from '../../support/eventually.ts';
import { startMailServer } from '../../support/mail-server.ts';
import { createPermittedLesson, createSchool, ok, type School } from '../../support/school.ts';
import { createSealedRecording } from '../../support/sealed-recording.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';

let mail: Awaited<ReturnType<typeof startMailServer>>;
let server: TestServer;
let school: School;

beforeAll(async () => {
  mail = await startMailServer();
  server = await startTestServer({
    SMTP_URL: mail.url,
    METRICS_TOKEN: 'a token that nobody may read',
    S3_ENDPOINT: 'https://keeper:swordfish@store.example:9000/path',
    MAIL_FROM: 'emanet@school.example',
  });
  school = await createSchool(server);
});
afterAll(async () => {
  await server?.stop();
  await mail?.stop();
});

const steps = async (): Promise<Record<string, boolean>> =>
  Object.fromEntries(
    ok(await school.admin.get('/api/first-steps')).items.map(({ step, done }: { step: string; done: boolean }) => [
      step,
      done,
    ]),
  );

test('the first steps are done as they are done, and say when', async () => {
  const { outside } = server.context;
  expect(Object.keys(await steps())).toEqual(firstSteps);
  // The members of staff of this school were invited by the system.
  expect(await steps()).toEqual({
    name_school: true,
    choose_rules: false,
    assess_channel: true,
    invite_staff: false,
    test_mail: false,
    import_people: false,
    open_course: false,
  });
  ok(await school.admin.patch('/api/school', { expiredGraceDays: 8 }));
  await integrateLog(outside);
  expect(await steps()).toMatchObject({ choose_rules: true, invite_staff: false });
  ok(await school.admin.post('/api/invitations', { email: 'new@school.example', name: 'New', roles: ['teacher'] }));
  expect(await steps()).toMatchObject({ invite_staff: true, test_mail: false });
  ok(await school.admin.post('/api/school/test-mail'));
  await eventually(async () => (await steps()).test_mail, 'the mail server to take the test mail');
  expect(ok(await school.admin.get('/api/mail')).testedAt).toEqual(expect.any(String));
  await createPermittedLesson(school);
  expect(await steps()).toMatchObject({ import_people: false, open_course: false });
  await takeInList(school.admin, [['0012', 'Işıl', 'İnce', '10/A', 'Gül İnce']]);
  expect(await steps()).toMatchObject({ import_people: true, open_course: false });
  await openCourse(school, { classIds: [await classNamed(school.admin, '10/A')] });
  for (const { done, at } of ok(await school.admin.get('/api/first-steps')).items)
    expect({ done, at }).toEqual({ done: true, at: expect.any(String) });

  // A channel counts only while it is approved.
  ok(await school.admin.post(`/api/channels/${school.channelId}/withdraw`, { why: 'x' }));
  expect(await steps()).toMatchObject({ assess_channel: false });
  ok(await school.admin.post('/api/channels', { name: 'Zoom for schools' }));
});

describe('the settings', () => {
  test('are told one by one, and of a secret nothing but whether it is set', async () => {
    const answer = await school.admin.get('/api/settings');
    const { items } = ok(answer);
    expect(items.map(({ name }: { name: string }) => name)).toEqual(Object.keys(settings));
    const found = (name: string) => items.find((one: { name: string }) => one.name === name);
    expect(found('MAIL_FROM')).toMatchObject({ isSecret: false, isSet: true, value: 'emanet@school.example' });
    expect(found('SESSION_HOURS')).toMatchObject({ isSet: false, value: '12', about: settings.SESSION_HOURS.about });
    expect(found('METRICS_TOKEN')).toMatchObject({ isSecret: true, isSet: true, value: null });
    expect(found('AUDIT_LOG_KEY')).toMatchObject({ isSecret: true, isSet: false, value: null });
    expect(found('S3_ENDPOINT')).toMatchObject({ value: 'https://store.example:9000/path' });
    for (const one of items) if (one.isSecret) expect(one.value).toBeNull();
    const { config } = server.context;
    const secrets = Object.keys(settings).filter((name) => 'secret' in settings[name as keyof typeof settings]);
    for (const name of secrets) {
      const value = config[name as keyof typeof config];
      if (value !== undefined) expect(JSON.stringify(answer.body)).not.toContain(String(value));
    }
    expect(JSON.stringify(answer.body)).not.toMatch(/swordfish|keeper/);
  });

  test('and the rest of it are for administrators', async () => {
    for (const path of ['settings', 'mail', 'storage', 'first-steps'])
      for (const by of [school.teacher, school.reviewer, school.auditor])
        expect((await by.get(`/api/${path}`)).status).toBe(403);
  });
});

test('mail says which addresses it comes back from, and tells no address', async () => {
  const { read } = server.context.outside.database;
  const before = ok(await school.admin.get('/api/mail'));
  expect(before).toMatchObject({ sendsMail: true, readsBounces: false, undeliverable: { count: 0, items: [] } });
  const contact = await read.contact.findFirstOrThrow({ where: { kind: 'email' }, include: { person: true } });
  const link = await read.signerLink.create({
    data: { personId: contact.personId, tokenDigest: 'x', createdAt: new Date() },
  });
  const at = new Date('2026-01-02T03:04:05Z');
  const delivery = { linkId: link.id, contactId: contact.id, addressDigest: Buffer.from('x'), queuedAt: at };
  await read.delivery.createMany({
    data: [
      { ...delivery, kind: 'asked', state: 'bounced', addressMask: 'g…@posta.example', settledAt: at },
      { ...delivery, kind: 'reminder', state: 'queued', addressMask: 'g…@posta.example' },
      { ...delivery, kind: 'told', state: 'accepted', addressMask: 'g…@posta.example', settledAt: at },
    ],
  });
  await read.contact.update({
    where: { id: contact.id },
    data: { undeliverableAt: at, undeliverableWhy: '550 gul.ince@posta.example is unknown' },
  });
  const state = ok(await school.admin.get('/api/mail'));
  expect(state).toMatchObject({
    waitingForSigners: 1,
    oldestWaiting: at.toISOString(),
    lastSent: at.toISOString(),
    undeliverable: {
      count: 1,
      items: [
        {
          person: { id: contact.personId, name: contact.person.name },
          address: 'g…@posta.example',
          since: at.toISOString(),
          why: '550 … is unknown',
        },
      ],
    },
  });
  expect(JSON.stringify(state)).not.toContain('gul.ince');
});

test('storage counts every sealed object once, by what it is', async () => {
  const { outside } = server.context;
  const { read } = outside.database;
  const lesson = await createPermittedLesson(school);
  await createSealedRecording(outside, lesson.id, school.teacher.id);
  const { items, objects, bytes } = ok(await school.admin.get('/api/storage'));
  const sealed = await read.sealedObject.aggregate({ _count: true, _sum: { bodyBytes: true } });
  expect({ objects, bytes }).toEqual({ objects: sealed._count, bytes: Number(sealed._sum.bodyBytes) });
  const row = await read.recording.findFirstOrThrow({ include: { sealed: true } });
  expect(items).toContainEqual({ kind: 'recording', objects: 1, bytes: Number(row.sealed?.bodyBytes) });
  expect(items).toContainEqual(expect.objectContaining({ kind: 'rendition', objects: 1 }));
  expect(items).toContainEqual({ kind: 'other', objects: 0, bytes: 0 });
});
