import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expirePermissions } from '../../src/pipeline/permission/expire-permissions.ts';
import { shortLesson } from '../support/media.ts';
import { createPermittedLesson, createSchool, inDays, ok, type School, until } from '../support/school.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { asViewer } from '../support/watching.ts';

let server: TestServer;
let school: School;
const media = shortLesson();

beforeAll(async () => {
  server = await startTestServer();
  school = await createSchool(server);
});
afterAll(() => server?.stop());

type Lesson = Awaited<ReturnType<typeof createPermittedLesson>>;

/** Another answer of the pupil's guardian. */
async function guardianSays(lesson: Lesson, status: 'granted' | 'refused', signedAt: string, extra: object = {}) {
  const pupil = lesson.lesson.participants[1];
  return ok(
    await school.teacher.post(`/api/lessons/${lesson.id}/permissions`, {
      status,
      participantId: pupil.id,
      purposes: ['record', 'keep', 'release'],
      releaseTo: ['class'],
      route: 'paper',
      signerName: 'Gül Example',
      signerCapacity: 'guardian',
      guardianId: pupil.guardians[0].id,
      signedAt,
      ...extra,
    }),
  );
}
const now = () => new Date(Date.now() + 50).toISOString();
const settled = () => new Promise((resolve) => setTimeout(resolve, 100));
const gateOf = async (lesson: Lesson) => ok(await school.teacher.get(`/api/lessons/${lesson.id}/gate`));
const withdraw = (permissionId: string) => school.teacher.post(`/api/permissions/${permissionId}/withdraw`);

async function released(lesson: Lesson) {
  const { id } = ok(await school.teacher.upload(lesson.id, media));
  const recording = await until(school.reviewer, id, (r) => r.state === 'in_review');
  for (const segment of recording.segments)
    ok(await school.reviewer.post(`/api/segments/${segment.id}/decisions`, { kind: 'permitted', ground: 'own_work' }));
  ok(await school.reviewer.post(`/api/recordings/${id}/clear`));
  ok(await school.admin.post(`/api/recordings/${id}/approve`));
  await until(school.admin, id, (r) => r.rendition?.state === 'ready');
  const release = ok(
    await school.admin.post(`/api/recordings/${id}/releases`, { audience: 'class', endsAt: inDays(7) }),
  );
  const link = ok(await school.teacher.post(`/api/releases/${release.id}/links`, { viewerName: 'Ada' }));
  return { id: id as string, ...asViewer(link) };
}

describe('one withdrawal of a guardian with several papers', () => {
  test.each(['the first', 'the second'])('stops playback at once, by %s', async (which) => {
    const lesson = await createPermittedLesson(school);
    const second = await guardianSays(lesson, 'granted', inDays(-2));
    const recording = await released(lesson);
    expect((await fetch(server.url + recording.path, { method: 'HEAD', headers: recording.headers })).status).toBe(200);
    const withdrawn = ok(await withdraw(which === 'the first' ? lesson.permissions.minor : second.id));
    expect(withdrawn.status).toBe('withdrawn');
    expect((await gateOf(lesson)).reasons).toMatchObject([{ code: 'PERMISSION_WITHDRAWN' }]);
    expect(ok(await school.admin.get(`/api/recordings/${recording.id}`)).state).toBe('quarantined');
    expect((await school.nobody.get(recording.path, recording.headers)).status).toBe(404);
    const { items } = ok(await school.teacher.get(`/api/lessons/${lesson.id}/permissions`));
    const ofGuardian = items.filter((p: { signerCapacity: string }) => p.signerCapacity === 'guardian');
    expect(ofGuardian.map((p: { status: string }) => p.status)).toEqual(['withdrawn', 'withdrawn']);
  });
});

describe('a paper dated before the withdrawal', () => {
  test('opens nothing, found later or not, and says what would', async () => {
    const lesson = await createPermittedLesson(school);
    const { id } = ok(await school.teacher.upload(lesson.id, media));
    ok(await withdraw(lesson.permissions.minor));
    for (const date of [inDays(-2), inDays(-1.5), inDays(-0.5)]) await guardianSays(lesson, 'granted', date);
    const gate = await gateOf(lesson);
    expect(gate.holds).toBe(false);
    expect(gate.reasons[0]).toMatchObject({ code: 'SIGNED_BEFORE_WITHDRAWAL' });
    expect(gate.reasons[0].text).toContain('a new one dated after that is needed');
    expect((await school.admin.post(`/api/recordings/${id}/lift-quarantine`)).status).toBe(403);
  });

  test('opens nothing after a refusal either', async () => {
    const lesson = await createPermittedLesson(school);
    await guardianSays(lesson, 'refused', inDays(-10));
    expect((await gateOf(lesson)).reasons).toMatchObject([{ code: 'PERMISSION_REFUSED' }]);
    await guardianSays(lesson, 'granted', inDays(-2));
    expect((await gateOf(lesson)).holds).toBe(false);
  });

  test('opens nothing when it answers a request that was made before', async () => {
    const lesson = await createPermittedLesson(school);
    const pupil = lesson.lesson.participants[1];
    const asked = ok(
      await school.teacher.post(`/api/lessons/${lesson.id}/permissions`, {
        participantId: pupil.id,
        status: 'requested',
      }),
    );
    ok(await withdraw(lesson.permissions.minor));
    ok(
      await school.teacher.post(`/api/permissions/${asked.id}/answer`, {
        status: 'granted',
        route: 'paper',
        signerName: 'Gül Example',
        signerCapacity: 'guardian',
        guardianId: pupil.guardians[0].id,
        signedAt: inDays(-2),
      }),
    );
    expect((await gateOf(lesson)).holds).toBe(false);
  });
});

test('a new yes after the withdrawal renews it, and every further withdrawal is received', async () => {
  const lesson = await createPermittedLesson(school);
  const { id } = ok(await school.teacher.upload(lesson.id, media));
  await until(school.reviewer, id, (r) => r.state === 'in_review');
  ok(await withdraw(lesson.permissions.minor));
  expect((await withdraw(lesson.permissions.minor)).body.code).toBe('STATE_CHANGED');
  await settled();
  await guardianSays(lesson, 'granted', now());
  await settled();
  expect((await gateOf(lesson)).reasons).toEqual([]);
  expect(ok(await school.admin.post(`/api/recordings/${id}/lift-quarantine`)).state).toBe('in_review');
  // She takes the letter that she has: the first one, which is withdrawn already. It covers the new yes too.
  const again = ok(await withdraw(lesson.permissions.minor));
  expect(again.events.map((event: { status: string }) => event.status)).toEqual(['granted', 'withdrawn', 'withdrawn']);
  expect((await gateOf(lesson)).holds).toBe(false);
  expect(ok(await school.admin.get(`/api/recordings/${id}`)).state).toBe('quarantined');
});

test('a new yes that has run out leaves the withdrawal standing, whatever the other guardian signed', async () => {
  const lesson = await createPermittedLesson(school);
  ok(await withdraw(lesson.permissions.minor));
  await settled();
  const renewed = await guardianSays(lesson, 'granted', now(), { validUntil: inDays(1) });
  await settled();
  expect((await gateOf(lesson)).holds).toBe(true);
  const { database } = server.context.outside;
  await database.read.permission.update({ where: { id: renewed.id }, data: { validUntil: new Date() } });
  expect((await gateOf(lesson)).holds).toBe(false);
  await expirePermissions(server.context.outside);
  expect((await gateOf(lesson)).holds).toBe(false);
});

test('a clock that is set back does not put a withdrawal before what it covers', async () => {
  const lesson = await createPermittedLesson(school);
  const { database } = server.context.outside;
  await database.read.permissionEvent.create({
    data: { permissionId: lesson.permissions.minor, status: 'granted', at: new Date(Date.now() + 3_600_000) },
  });
  const withdrawn = ok(await withdraw(lesson.permissions.minor));
  const times = withdrawn.events.map((event: { at: string }) => Date.parse(event.at));
  expect(times).toEqual([...times].sort((a, b) => a - b));
  expect(times.at(-1)).toBeGreaterThan(times.at(-2));
  expect(withdrawn.events.at(-1).status).toBe('withdrawn');
});
