import { randomUUID } from 'node:crypto';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { withdrawChannel } from '../../../src/pipeline/lesson/withdraw-channel.ts';
import { keepRetention } from '../../../src/pipeline/retention/keep-retention.ts';
import { createLinks, createReleased } from '../../support/released.ts';
import { createPermittedLesson, createSchool, inDays, ok, type School } from '../../support/school.ts';
import { createSealedRecording } from '../../support/sealed-recording.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';

let server: TestServer;
let school: School;
beforeEach(async () => {
  await server?.stop();
  server = await startTestServer({ WORKER: 'false' });
  school = await createSchool(server);
});
afterAll(() => server?.stop());

const path = () => `/api/channels/${school.channelId}`;
const why = 'Its new owner trains models on what it hears';
const stateOf = async (id: string) => ok(await school.admin.get(`/api/recordings/${id}`)).state;

test('taking an approval back is shown first, and then closes every gate over the channel at once', async () => {
  const { recordingId, lesson, releaseId } = await createReleased(server, school);
  await createLinks(server, releaseId, school.teacher.id, ['Ada']);
  const upcoming = await createPermittedLesson(school);
  const { read } = server.context.outside.database;
  await read.lesson.update({
    where: { id: upcoming.id },
    data: { plannedStart: new Date(inDays(1)), plannedEnd: new Date(inDays(2)) },
  });
  const elsewhere = await createSchoolOnOtherChannel();

  const preview = ok(await school.admin.get(`${path()}/withdrawal`));
  expect(preview).toMatchObject({ approved: true, recordings: 1, recordedLessons: 1, upcoming: 1 });
  expect(preview.recorded).toMatchObject([{ id: lesson.id }]);
  expect(await stateOf(recordingId)).toBe('released');
  expect(ok(await school.teacher.get(`/api/lessons/${lesson.id}/gate`)).reasons).toEqual([]);

  const channel = ok(await school.admin.post(`${path()}/withdraw`, { why }));
  expect(channel).toMatchObject({ approved: false, withdrawnWhy: why, withdrawnAt: expect.any(String) });
  expect(channel.assessments).toMatchObject([{ validFrom: expect.any(String), validUntil: expect.any(String) }]);
  const quarantined = ok(await school.admin.get(`/api/recordings/${recordingId}`));
  expect(quarantined).toMatchObject({ state: 'quarantined', stateCodes: ['CHANNEL_NOT_APPROVED'] });
  for (const id of [lesson.id, upcoming.id]) {
    const gate = ok(await school.teacher.get(`/api/lessons/${id}/gate`));
    expect(gate.reasons.map(({ code }: { code: string }) => code)).toEqual(['CHANNEL_NOT_APPROVED']);
  }
  expect(await stateOf(elsewhere)).toBe('in_review');

  const { entries } = ok(await school.auditor.get('/api/audit?action=channel.withdrawn'));
  expect(entries).toMatchObject([{ entry: { object: { id: school.channelId }, details: { recordings: 1 } } }]);
  expect(JSON.stringify(entries)).not.toContain('models');
  const { entries: moved } = ok(await school.auditor.get(`/api/audit?action=recording.quarantined`));
  expect(moved).toMatchObject([
    { entry: { object: { id: recordingId }, details: { reasons: [{ code: 'CHANNEL_NOT_APPROVED' }] } } },
  ]);
});

/** A recording of a lesson over another channel. */
async function createSchoolOnOtherChannel(): Promise<string> {
  const other = ok(await school.admin.post('/api/channels', { name: 'Jitsi of the school' }));
  const { id } = await createPermittedLesson(school);
  const { read } = server.context.outside.database;
  const { courseId } = await read.lesson.findUniqueOrThrow({ where: { id } });
  await read.course.update({ where: { id: courseId }, data: { channelId: other.id } });
  return (await createSealedRecording(server.context.outside, id, school.teacher.id)).id;
}

test('an approval is taken back once, with a reason, by an administrator who has just shown who they are', async () => {
  for (const body of [{}, { why: ' ' }, { why: 'x'.repeat(501) }])
    expect(await school.admin.post(`${path()}/withdraw`, body)).toMatchObject({ status: 400 });
  for (const by of [school.teacher, school.reviewer, school.auditor]) {
    expect((await by.post(`${path()}/withdraw`, { why })).status).toBe(403);
    expect((await by.get(`${path()}/withdrawal`)).status).toBe(403);
  }
  expect((await school.admin.post(`/api/channels/${randomUUID()}/withdraw`, { why })).status).toBe(404);
  ok(await school.admin.post(`${path()}/withdraw`, { why }));
  expect(await school.admin.post(`${path()}/withdraw`, { why })).toMatchObject({ body: { code: 'STATE_CHANGED' } });
  server.forward(11 * 60_000);
  expect(await school.admin.post(`${path()}/withdraw`, { why })).toMatchObject({
    body: { code: 'CONFIRMATION_NEEDED' },
  });
});

test('approved again the channel opens its gates, and a person lifts each quarantine', async () => {
  const { recordingId, lesson } = await createReleased(server, school);
  ok(await school.admin.post(`${path()}/withdraw`, { why }));
  expect(await school.admin.post(`/api/recordings/${recordingId}/lift-quarantine`)).toMatchObject({
    body: { code: 'PERMISSION_MISSING', reasons: [{ code: 'CHANNEL_NOT_APPROVED' }] },
  });
  const again = ok(await school.admin.post('/api/channels', { name: 'Zoom for schools' }));
  expect(again).toMatchObject({ id: school.channelId, approved: true, withdrawnAt: null, withdrawnWhy: null });
  expect(again.assessments).toHaveLength(1);
  expect(await school.admin.post('/api/channels', { name: 'Zoom for schools' })).toMatchObject({
    body: { code: 'ALREADY_EXISTS' },
  });
  expect(ok(await school.teacher.get(`/api/lessons/${lesson.id}/gate`)).reasons).toEqual([]);
  expect(await stateOf(recordingId)).toBe('quarantined');
  ok(await school.admin.post(`/api/recordings/${recordingId}/lift-quarantine`));
  expect(await stateOf(recordingId)).toBe('in_review');
});

test('of very many recordings each goes out of reach, also when it had broken off', async () => {
  const { outside } = server.context;
  const { id } = await createPermittedLesson(school);
  const made = [];
  for (let n = 0; n < 5; n++)
    made.push(
      (await createSealedRecording(outside, id, school.teacher.id, { mediaBytes: 100, renditionBytes: null })).id,
    );
  const caller = { actor: { kind: 'staff', id: school.admin.id, roles: ['administrator'], scopes: null } } as const;
  await withdrawChannel(outside, caller, school.channelId, { why, atOnce: 2 });
  for (const one of made) expect(await stateOf(one)).toBe('quarantined');
  await outside.database.read.recording.update({ where: { id: made[4]! }, data: { state: 'cleared' } });
  ok(await school.admin.post(`${path()}/withdraw`, { why }));
  expect(await stateOf(made[4]!)).toBe('quarantined');
  expect(ok(await school.auditor.get('/api/audit?action=channel.withdrawn')).entries).toHaveLength(1);
});

test('nothing is erased because a channel lost its approval', async () => {
  const { recordingId, lesson } = await createReleased(server, school);
  const { outside } = server.context;
  ok(await school.admin.patch('/api/school', { eraseOnWithdrawalDays: 1 }));
  for (const { id } of ok(await school.otherAdmin.get('/api/retention/changes')).items)
    ok(await school.otherAdmin.post(`/api/retention/changes/${id}/confirm`));
  // Somebody withdrew, and gave a yes again that counts; then the channel lost its approval.
  const { adult } = lesson.permissions;
  ok(await school.teacher.post(`/api/permissions/${adult}/withdraw`));
  const { participantId, ...given } = ok(await school.teacher.get(`/api/lessons/${lesson.id}/permissions`)).items.find(
    (one: { id: string }) => one.id === adult,
  );
  const { purposes, releaseTo, signerName, signerCapacity } = given;
  const yes = { status: 'granted', purposes, releaseTo, route: 'paper', signerName, signerCapacity, participantId };
  ok(
    await school.teacher.post(`/api/lessons/${lesson.id}/permissions`, { ...yes, signedAt: new Date().toISOString() }),
  );
  expect(ok(await school.teacher.get(`/api/lessons/${lesson.id}/gate`)).reasons).toEqual([]);
  ok(await school.admin.post(`${path()}/withdraw`, { why }));
  server.forward(3 * 24 * 60 * 60_000);
  await keepRetention(outside);
  expect((await outside.database.read.recording.findUniqueOrThrow({ where: { id: recordingId } })).state).toBe(
    'quarantined',
  );
});
