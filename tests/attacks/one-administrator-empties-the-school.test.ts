import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Outside } from '../../src/pipeline/ports/outside.ts';
import { keepRetention } from '../../src/pipeline/retention/keep-retention.ts';
import { createPermittedLesson, createSchool, inDays, ok, type School } from '../support/school.ts';
import { createSealedRecording } from '../support/sealed-recording.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let school: School;
let outside: Outside;
let lessonId: string;
let id: string;
const day = 86_400_000;
const in_ = (days: number): Outside => ({ ...outside, clock: () => new Date(Date.now() + days * day) });

beforeAll(async () => {
  server = await startTestServer({ WORKER: 'false', SMTP_URL: 'smtp://127.0.0.1:9' });
  school = await createSchool(server);
  outside = server.context.outside;
});
beforeEach(async () => {
  const db = outside.database.read;
  await db.retentionPolicy.deleteMany();
  await db.retentionChange.deleteMany();
  await db.school.updateMany({ data: { expiredGraceDays: 7, eraseOnWithdrawalDays: null } });
  await db.user.updateMany({ data: { disabledAt: null } });
  await db.$executeRaw`DELETE FROM graphile_worker._private_jobs`;
  await db.recording.updateMany({ where: {}, data: { state: 'erased' } });
  lessonId = (await createPermittedLesson(school)).id;
  ({ id } = await createSealedRecording(outside, lessonId, school.teacher.id, {
    mediaBytes: 10,
    renditionBytes: null,
  }));
});
afterAll(() => server?.stop());

const stateOf = async () => ok(await school.admin.get(`/api/recordings/${id}`)).state;
const waiting = async () => ok(await school.otherAdmin.get('/api/retention/changes')).items;
const confirm = (by: School['admin'], changeId: string) => by.post(`/api/retention/changes/${changeId}/confirm`);
const callBack = (by: School['admin'], changeId: string) => by.delete(`/api/retention/changes/${changeId}`);
const addPolicy = (body: object) => school.admin.post('/api/retention/policies', body);

test.each<[string, () => Promise<{ status: number }>]>([
  ['keeping for 0 days', () => addPolicy({ keepDays: 0 })],
  ['no grace', () => school.admin.patch('/api/school', { expiredGraceDays: 0 })],
  ['erasing on the day of a withdrawal', () => school.admin.patch('/api/school', { eraseOnWithdrawalDays: 0 })],
])('%s is no value', async (_, ask) => {
  expect((await ask()).status).toBe(400);
});

describe('what makes recordings go sooner waits a week', () => {
  const asks: [string, () => Promise<unknown>][] = [
    ['a first policy', () => addPolicy({ keepDays: 1 })],
    ['a policy until a date that has passed', () => addPolicy({ keepUntil: inDays(-1) })],
    ['a policy for the kind of lesson', () => addPolicy({ kind: 'lesson', keepDays: 1 })],
    ['an erasure', () => school.admin.post(`/api/recordings/${id}/erase`, { note: 'x' })],
    [
      'an erasure for a withdrawal',
      () => school.admin.post(`/api/recordings/${id}/erase`, { note: 'x', why: 'withdrawal' }),
    ],
  ];
  test.each(asks)('%s', async (_, ask) => {
    await ask();
    const [change] = await waiting();
    expect(Date.parse(change.effectiveAt) - Date.now()).toBeGreaterThan(6.99 * day);
    await keepRetention(outside);
    await keepRetention(in_(6.9));
    expect(await stateOf()).toBe('in_review');
    expect(await confirm(school.admin, change.id)).toMatchObject({ status: 403, body: { code: 'SAME_PERSON' } });
    expect(await stateOf()).toBe('in_review');
    // Every administrator is told.
    const mails = await outside.database.read.$queryRaw<{ to: string }[]>`
      SELECT payload ->> 'to' AS to FROM graphile_worker._private_jobs`;
    expect(mails.map(({ to }) => to)).toEqual(expect.arrayContaining([school.otherAdmin.email]));
    // Called back by another administrator, it never happens.
    expect((await callBack(school.otherAdmin, change.id)).status).toBe(204);
    expect((await confirm(school.otherAdmin, change.id)).status).toBe(409);
    await keepRetention(in_(40));
    expect(await stateOf()).toBe('in_review');
  });

  test('shorter rules of the school, while its other rules change at once', async () => {
    const answer = ok(
      await school.admin.patch('/api/school', { expiredGraceDays: 1, eraseOnWithdrawalDays: 1, name: 'New name' }),
    );
    expect(answer).toMatchObject({ name: 'New name', expiredGraceDays: 7, eraseOnWithdrawalDays: null });
    expect(answer.waiting.kind).toBe('school_rules');
    await keepRetention(in_(6.9));
    expect(ok(await school.admin.get('/api/school'))).toMatchObject({
      expiredGraceDays: 7,
      eraseOnWithdrawalDays: null,
    });
    await keepRetention(in_(7.1));
    expect(ok(await school.admin.get('/api/school'))).toMatchObject({ expiredGraceDays: 1, eraseOnWithdrawalDays: 1 });
    expect(ok(await school.admin.patch('/api/school', { expiredGraceDays: 9 })).waiting).toBeNull();
  });

  test('a policy that is removed, where a shorter one would take its place', async () => {
    await addPolicy({ keepDays: 1 });
    for (const { id: changeId } of await waiting()) ok(await confirm(school.otherAdmin, changeId));
    const longer = ok(await addPolicy({ kind: 'lesson', keepDays: 300 }));
    expect(longer.waiting).toBeNull();
    expect(ok(await school.admin.delete(`/api/retention/policies/${longer.policy.id}`)).waiting.kind).toBe(
      'policy_removed',
    );
    await keepRetention(in_(6.9));
    expect(await stateOf()).toBe('in_review');
    expect(ok(await school.admin.get('/api/retention/policies')).items).toHaveLength(2);
  });

  test('and no longer, when its time has come', async () => {
    ok(await school.admin.post(`/api/recordings/${id}/erase`, { note: 'x' }));
    expect(ok(await school.admin.get(`/api/recordings/${id}`)).erasureAsked.kind).toBe('erasure');
    expect((await school.admin.post(`/api/recordings/${id}/erase`, { note: 'y' })).status).toBe(409);
    await keepRetention(in_(7.1));
    expect(await stateOf()).toBe('erased');
    expect(await waiting()).toEqual([]);
  });

  test('not at all, when whoever asked is no administrator any more', async () => {
    ok(await school.admin.post(`/api/recordings/${id}/erase`, { note: 'x' }));
    await outside.database.read.user.updateMany({ where: { id: school.admin.id }, data: { disabledAt: new Date() } });
    await keepRetention(in_(8));
    await outside.database.read.user.updateMany({ where: { id: school.admin.id }, data: { disabledAt: null } });
    expect(await stateOf()).toBe('in_review');
    expect(await waiting()).toEqual([]);
  });

  test('for as long as a legal hold stands against it', async () => {
    ok(await school.admin.post(`/api/recordings/${id}/erase`, { note: 'x' }));
    ok(await school.otherAdmin.post(`/api/recordings/${id}/holds`, { reason: 'Complaint', reviewAt: inDays(90) }));
    const [change] = await waiting();
    expect(await confirm(school.otherAdmin, change.id)).toMatchObject({ status: 409, body: { code: 'HOLD_IN_FORCE' } });
    await keepRetention(in_(8));
    expect(await stateOf()).toBe('in_review');
    expect(await waiting()).toHaveLength(1);
  });
});

test('a second administrator confirms, at once, once; nobody else does', async () => {
  ok(await school.admin.post(`/api/recordings/${id}/erase`, { note: 'A guardian asked' }));
  const [change] = await waiting();
  for (const by of [school.teacher, school.reviewer, school.auditor])
    expect((await confirm(by, change.id)).status).toBe(403);
  const both = await Promise.all([confirm(school.otherAdmin, change.id), confirm(school.otherAdmin, change.id)]);
  expect(both.map(({ status }) => status).sort()).toEqual([204, 409]);
  expect(await stateOf()).toBe('erased');
  const { entries } = ok(await school.auditor.get(`/api/audit?recording=${id}&limit=50`));
  const actions = entries.map(({ entry }: { entry: { action: string } }) => entry.action).toReversed();
  expect(actions.slice(-3)).toEqual(['retention.change_asked', 'retention.change_confirmed', 'recording.erased']);
});
