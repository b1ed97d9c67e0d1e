import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Mail } from '../../../src/domain/mail.ts';
import { mailText } from '../../../src/language/mail-text.ts';
import type { Outside } from '../../../src/pipeline/ports/outside.ts';
import { keepRetention } from '../../../src/pipeline/retention/keep-retention.ts';
import { isoWeek, sendWeeklyMail } from '../../../src/pipeline/retention/weekly-mail.ts';
import {
  confirmWaiting,
  createPermittedLesson,
  createSchool,
  eraseBy,
  inDays,
  ok,
  type School,
} from '../../support/school.ts';
import { createSealedRecording } from '../../support/sealed-recording.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';

let server: TestServer;
let school: School;
let outside: Outside;
let lesson: Awaited<ReturnType<typeof createPermittedLesson>>;
let id: string;

beforeAll(async () => {
  server = await startTestServer({ WORKER: 'false', SMTP_URL: 'smtp://127.0.0.1:9' });
  school = await createSchool(server);
  outside = server.context.outside;
});
beforeEach(async () => {
  const db = outside.database.read;
  await db.retentionPolicy.deleteMany();
  await db.retentionChange.deleteMany();
  await db.sentDigest.deleteMany();
  await db.legalHold.deleteMany();
  await db.$executeRaw`DELETE FROM graphile_worker._private_jobs`;
  // Every test looks at recordings of its own.
  await db.recording.updateMany({ where: {}, data: { state: 'erased' } });
  await db.erasure.deleteMany();
  lesson = await createPermittedLesson(school);
  ({ id } = await createSealedRecording(outside, lesson.id, school.teacher.id, {
    mediaBytes: 10,
    renditionBytes: null,
  }));
});
afterAll(() => server?.stop());

const day = 86_400_000;
/** The clock of everything outside, in so many days. */
const in_ = (days: number): Outside => ({ ...outside, clock: () => new Date(Date.now() + days * day) });
/** A policy that is in force: what has to wait is confirmed by a second administrator. */
async function policy(body: object) {
  const added = await school.admin.post('/api/retention/policies', body);
  if (added.status >= 300) return added;
  await confirmWaiting(school);
  const before = added.body.waiting?.requestedAt ?? added.body.policy.createdAt;
  const { items } = ok(await school.admin.get('/api/retention/policies'));
  const isOurs = (one: Record<string, unknown>) =>
    Object.entries({ kind: null, schoolYear: null, ...body }).every(([name, value]) => one[name] === value);
  expect(Date.parse(before)).toBeLessThanOrEqual(Date.now());
  return { ...added, body: items.find(isOurs) };
}
async function removed(id: string) {
  const answer = await school.admin.delete(`/api/retention/policies/${id}`);
  if (answer.status < 300) await confirmWaiting(school);
  return answer;
}
async function schoolRules(change: object) {
  ok(await school.admin.patch('/api/school', change));
  await confirmWaiting(school);
}
const hold = (body: object = { reason: 'Complaint 12', reviewAt: inDays(20) }, path = `/api/recordings/${id}/holds`) =>
  school.admin.post(path, body);
const preview = async (days: number) =>
  ok(await school.admin.get(`/api/retention/preview?days=${days}`)).items as {
    recordingId: string;
    erasesAt: string;
    reason: { code: string };
    holds: { code: string }[];
  }[];
const stateOf = async () => ok(await school.admin.get(`/api/recordings/${id}`));
const loggedActions = async () =>
  (ok(await school.auditor.get(`/api/audit?recording=${id}&limit=500`)).entries as { entry: { action: string } }[]).map(
    ({ entry }) => entry.action,
  );

describe('policies', () => {
  test('are added once for a kind and a year, listed, removed, and on the log', async () => {
    const added = await policy({ kind: 'exam', schoolYear: 2025, keepDays: 365 });
    expect(added).toMatchObject({
      status: 201,
      body: { kind: 'exam', schoolYear: 2025, keepDays: 365, keepUntil: null },
    });
    expect(await policy({ kind: 'exam', schoolYear: 2025, keepUntil: inDays(9) })).toMatchObject({
      status: 409,
      body: { code: 'ALREADY_EXISTS' },
    });
    ok(await policy({ keepDays: 30 }));
    expect((await policy({ keepDays: 30 })).status).toBe(409);
    expect(ok(await school.admin.get('/api/retention/policies')).items).toHaveLength(2);
    expect((await removed(added.body.id)).status).toBe(200);
    expect((await removed(added.body.id)).status).toBe(404);
    const { entries } = ok(await school.auditor.get(`/api/audit?object=${added.body.id}`));
    expect(entries.map((one: { entry: { action: string } }) => one.entry.action)).toEqual([
      'retention.policy_removed',
      'retention.policy_added',
    ]);
  });
  test.each([
    [{}],
    [{ keepDays: 1, keepUntil: inDays(1) }],
    [{ kind: 'party', keepDays: 1 }],
    [{ keepDays: -1 }],
    [{ keepDays: 0 }],
  ])('refuse %j', async (body) => expect((await policy(body)).status).toBe(400));
});

describe('by the clock', () => {
  test('a recording expires, nobody opens it, and it is erased after the grace', async () => {
    ok(await policy({ keepDays: 10 }));
    expect(await preview(7)).toEqual([]);
    expect(await preview(17)).toMatchObject([{ recordingId: id, reason: { code: 'RETENTION_POLICY' }, holds: [] }]);
    expect(await keepRetention(in_(8))).toMatchObject({ expired: 0, erased: 0 });
    expect(await keepRetention(in_(9.1))).toMatchObject({ expired: 1, erased: 0 });
    expect(await stateOf()).toMatchObject({ state: 'expired', stateCodes: ['RETENTION_POLICY'], stateNote: null });
    expect((await school.reviewer.get(`/api/recordings/${id}/media`)).status).toBe(409);
    expect(await keepRetention(in_(16))).toMatchObject({ expired: 0, erased: 0 });
    expect(await keepRetention(in_(16.2))).toMatchObject({ expired: 0, erased: 1 });
    expect(await stateOf()).toMatchObject({ state: 'erased', erasure: { why: 'retention' } });
    expect(await loggedActions()).toEqual(expect.arrayContaining(['recording.expired', 'recording.erased']));
  });
  test('the grace is the school’s to choose', async () => {
    await schoolRules({ expiredGraceDays: 1 });
    ok(await policy({ keepDays: 1 }));
    expect(await keepRetention(in_(0.1))).toMatchObject({ expired: 1, erased: 0 });
    expect(await keepRetention(in_(1.2))).toMatchObject({ expired: 0, erased: 1 });
    await schoolRules({ expiredGraceDays: 7 });
  });
  test('a policy for the kind of lesson counts before one for all, and the kind can be changed', async () => {
    ok(await policy({ keepDays: 3_000 }));
    ok(await policy({ kind: 'exam', keepDays: 1 }));
    expect(await keepRetention(in_(0.1))).toMatchObject({ expired: 0 });
    expect(ok(await school.teacher.patch(`/api/lessons/${lesson.id}`, { kind: 'exam' })).kind).toBe('exam');
    expect(await keepRetention(in_(0.1))).toMatchObject({ expired: 1 });
  });
  test('the shortest promise of a permission counts before every policy', async () => {
    ok(await policy({ keepDays: 3_000 }));
    await outside.database.read.permission.update({
      where: { id: lesson.permissions.minor },
      data: { validUntil: new Date(inDays(2)) },
    });
    expect(await preview(9)).toMatchObject([{ recordingId: id, reason: { code: 'PERMISSION_PROMISE' } }]);
    expect(await keepRetention(in_(2.1))).toMatchObject({ expired: 1 });
  });
  test('a longer policy that comes during the grace postpones the erasure', async () => {
    const { body } = await policy({ keepDays: 1 });
    expect(await keepRetention(in_(0.1))).toMatchObject({ expired: 1 });
    ok(await removed(body.id));
    ok(await policy({ keepDays: 100 }));
    expect(await keepRetention(in_(8))).toMatchObject({ erased: 0 });
    expect(await keepRetention(in_(107))).toMatchObject({ erased: 1 });
  });
  test('two processes that run it at once erase once', async () => {
    ok(await policy({ keepDays: 1 }));
    await keepRetention(in_(0.1));
    const both = await Promise.all([keepRetention(in_(8)), keepRetention(in_(8))]);
    expect(both[0].erased + both[1].erased).toBe(1);
  });
});

describe('a withdrawal', () => {
  test('erases by itself only where the school says after how many days', async () => {
    ok(await school.teacher.post(`/api/permissions/${lesson.permissions.minor}/withdraw`));
    expect((await stateOf()).state).toBe('quarantined');
    expect(await keepRetention(in_(400))).toMatchObject({ erased: 0 });
    await schoolRules({ eraseOnWithdrawalDays: 3 });
    expect(await preview(3)).toMatchObject([{ recordingId: id, reason: { code: 'ERASED_AFTER_WITHDRAWAL' } }]);
    expect(await keepRetention(in_(2.9))).toMatchObject({ erased: 0 });
    expect(await keepRetention(in_(3.1))).toMatchObject({ erased: 1 });
    expect((await stateOf()).erasure.why).toBe('withdrawal');
    await schoolRules({ eraseOnWithdrawalDays: null });
  });
  test('may be the reason that an administrator gives', async () => {
    ok(await eraseBy(school, id, { note: 'withdrawn', why: 'withdrawal' }));
    expect((await stateOf()).erasure.why).toBe('withdrawal');
  });
});

describe('a legal hold', () => {
  test('stops the clock and the administrator, says so everywhere, and stops nothing once it is lifted', async () => {
    ok(await policy({ keepDays: 1 }));
    const set = ok(await hold());
    expect(await keepRetention(in_(8))).toMatchObject({ expired: 0, erased: 0 });
    expect(await eraseBy(school, id, { note: 'x' })).toMatchObject({
      status: 409,
      body: {
        code: 'HOLD_IN_FORCE',
        reasons: [
          {
            code: 'LEGAL_HOLD_OPEN',
            text: expect.stringContaining('Complaint 12'),
          },
        ],
      },
    });
    expect((await stateOf()).fate.holds).toMatchObject([{ code: 'LEGAL_HOLD_OPEN', holdId: set.id }]);
    expect(await preview(8)).toMatchObject([{ holds: [{ code: 'LEGAL_HOLD_OPEN' }] }]);
    expect(ok(await school.admin.get('/api/holds')).items).toMatchObject([{ id: set.id, lessonTitle: '9-B Physics' }]);
    expect((await school.admin.post(`/api/holds/${set.id}/lift`, { why: 'settled' })).status).toBe(204);
    expect((await school.admin.post(`/api/holds/${set.id}/lift`, { why: 'settled' })).status).toBe(409);
    expect(await keepRetention(in_(0.1))).toMatchObject({ expired: 1 });
    expect(await loggedActions()).toEqual(expect.arrayContaining(['recording.hold_set', 'recording.hold_lifted']));
  });
  test('set during the grace keeps what has expired', async () => {
    ok(await policy({ keepDays: 1 }));
    expect(await keepRetention(in_(0.1))).toMatchObject({ expired: 1 });
    ok(await hold());
    expect(await keepRetention(in_(30))).toMatchObject({ erased: 0 });
  });
  test('on a lesson holds its recordings, until its end date', async () => {
    ok(await policy({ keepDays: 1 }));
    ok(await hold({ reason: 'Inspection', endsAt: inDays(5) }, `/api/lessons/${lesson.id}/holds`));
    expect(await keepRetention(in_(4.9))).toMatchObject({ expired: 0 });
    expect(await keepRetention(in_(5.1))).toMatchObject({ expired: 1 });
  });
  test('needs an end or a review, in the future, and a recording that is there', async () => {
    expect((await hold({ reason: 'x' })).status).toBe(400);
    expect((await hold({ reason: 'x', endsAt: inDays(-1) })).status).toBe(400);
    ok(await eraseBy(school, id, { note: 'x' }));
    expect((await hold()).status).toBe(409);
  });
});

describe('the weekly mail', () => {
  const mails = async () => {
    const rows = await outside.database.read.$queryRaw<{ payload: { to: string; language: string; mail: Mail } }[]>`
      SELECT j.payload FROM graphile_worker._private_jobs j JOIN graphile_worker._private_tasks t ON t.id = j.task_id
      WHERE t.identifier = 'send-mail'`;
    return rows.map(({ payload }) => payload);
  };
  test('goes to every administrator once, whoever sends it, and tells of both weeks', async () => {
    ok(await policy({ keepDays: 1 }));
    await keepRetention(in_(0.1));
    const { id: other } = await createSealedRecording(outside, lesson.id, school.teacher.id, { renditionBytes: null });
    ok(await eraseBy(school, other, { note: 'x' }));
    const sent = await Promise.all([sendWeeklyMail(in_(1)), sendWeeklyMail(in_(1))]);
    expect(sent.filter(Boolean)).toHaveLength(1);
    expect(await sendWeeklyMail(in_(1))).toBe(false);
    // Those on what was asked for and confirmed went out before.
    const sentMails = (await mails()).filter(({ mail }) => mail.kind !== 'change_waits');
    expect(sentMails.map(({ to }) => to).toSorted()).toEqual([school.admin.email, school.otherAdmin.email].toSorted());
    const { text } = mailText(sentMails[0]!.mail, 'en');
    expect(text).toContain('9-B Physics');
    expect(text).toContain(other);
  });
  test('is not sent when there is nothing to say', async () => {
    expect(await sendWeeklyMail(outside)).toBe(false);
    expect(await mails()).toEqual([]);
  });
});

test.each([
  ['2026-01-01', '2026-W01'],
  ['2026-12-31', '2026-W53'],
  ['2027-01-03', '2026-W53'],
  ['2027-01-04', '2027-W01'],
  ['2024-12-30', '2025-W01'],
])('%s lies in week %s', (date, week) => expect(isoWeek(new Date(`${date}T12:00:00Z`))).toBe(week));
