import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Caller } from '../../../src/pipeline/ports/caller.ts';
import { addFindings } from '../../../src/pipeline/review/add-findings.ts';
import { startAcoustIdServer } from '../../support/acoustid-server.ts';
import { Api } from '../../support/api.ts';
import { finding } from '../../support/findings.ts';
import { shortLesson } from '../../support/media.ts';
import { createPermittedLesson, createSchool, ok, type School } from '../../support/school.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';

let list: Awaited<ReturnType<typeof startAcoustIdServer>>;
let server: TestServer;
let school: School;
const machine: Caller = { actor: { kind: 'system', id: 'test' } };
const recordingId = 'b81f83ee-4da4-11e0-9ed8-0025225356f3';

beforeAll(async () => {
  list = await startAcoustIdServer();
  server = await startTestServer({ WORKER: 'false', ACOUSTID_CLIENT: 'TEST-ONLY', ACOUSTID_URL: list.url });
  school = await createSchool(server);
});
afterAll(async () => {
  await server?.stop();
  await list?.stop();
});
beforeEach(() => {
  list.asked.length = 0;
});

/** A recording in review in which music was heard, and the segment with it. */
async function withMusic({ context }: TestServer, at: School, seconds: [number, number]) {
  const lesson = await createPermittedLesson(at);
  const { reviewer, teacher } = at;
  const { id } = ok(await teacher.upload(lesson.id, shortLesson()));
  const { database } = context.outside;
  await database.read.recording.update({ where: { id }, data: { state: 'in_review', checkState: 'done' } });
  await database.transact(machine, (tx) =>
    addFindings(tx, id, [finding('music', ...seconds)], { gapMs: 3_000, wholeMs: 10_000 }),
  );
  const shown = ok(await reviewer.get(`/api/recordings/${id}`));
  return { id, looksUpAt: shown.looksUpAt, path: `/api/segments/${shown.segments[0].id}/look-up` };
}
const looks = async (id: string) =>
  ok(await school.auditor.get(`/api/audit?recording=${id}&action=segment.looked_up`)).entries;

test('a reviewer asks whose music it is: a print goes out, nothing else, and the log has it', async () => {
  const { id, path, looksUpAt } = await withMusic(server, school, [1, 9]);
  expect(looksUpAt).toBe(list.host);
  list.answer({
    status: 'ok',
    results: [
      { score: 0.31, recordings: [{ id: '00000000-0000-4000-8000-000000000000', title: 'Another' }] },
      { score: 0.97, recordings: [{ id: recordingId, title: 'A song', artists: [{ name: 'Somebody' }] }] },
      { score: 0.99 },
    ],
  });
  expect(ok(await school.reviewer.post(path))).toEqual({
    host: list.host,
    found: [
      { score: 0.97, title: 'A song', artists: ['Somebody'], recordingId },
      { score: 0.31, title: 'Another', artists: [], recordingId: '00000000-0000-4000-8000-000000000000' },
    ],
  });
  const [asked, ...others] = list.asked;
  expect(others).toEqual([]);
  expect(asked!.path).toBe('/v2/lookup');
  expect(Object.fromEntries(asked!.form)).toEqual({
    client: 'TEST-ONLY',
    format: 'json',
    meta: 'recordings',
    duration: '8',
    fingerprint: expect.stringMatching(/^AQ[\w-]{40,}$/),
  });
  // Eight seconds of sound, however compressed, are more.
  expect(asked!.bytes).toBeLessThan(2_000);
  const entries = await looks(id);
  expect(entries).toHaveLength(1);
  expect(entries[0].entry).toMatchObject({ details: { host: list.host }, outcome: 'done' });
});

test('nobody but a reviewer asks, and nothing goes out of what may not be looked at', async () => {
  const { id, path } = await withMusic(server, school, [1, 9]);
  expect((await school.teacher.post(path)).status).toBe(403);
  expect((await school.auditor.post(path)).status).toBe(403);
  expect((await new Api(server.url).post(path)).status).toBe(401);
  await server.context.outside.database.read.recording.update({ where: { id }, data: { state: 'quarantined' } });
  expect((await school.reviewer.post(path)).status).toBe(409);
  expect((await school.reviewer.post('/api/segments/00000000-0000-4000-8000-000000000000/look-up')).status).toBe(404);
  expect(list.asked).toEqual([]);
  expect(await looks(id)).toEqual([]);
});

test.each([
  ['an error', { status: 'error' }, 400],
  ['something else', '<html>', 200],
  ['a wrong form', { status: 'ok', results: [{ score: 7 }] }, 200],
  ['too much', `{"status":"ok","results":[],"x":"${'x'.repeat(600_000)}"}`, 200],
  ['elsewhere', '', 302],
])('the list that answers %s is away, and the reviewer goes on', async (_, body, status) => {
  const { path } = await withMusic(server, school, [1, 9]);
  list.answer(body, status);
  const answer = await school.reviewer.post(path);
  expect(answer).toMatchObject({ status: 503, body: { code: 'LOOK_UP_UNAVAILABLE' } });
  expect(answer.headers.get('retry-after')).not.toBeNull();
});

test('what is too short for a print is not sent', async () => {
  const { id, path } = await withMusic(server, school, [2, 3]);
  expect((await school.reviewer.post(path)).status).toBe(404);
  expect(list.asked).toEqual([]);
  // Nobody was asked, so the log does not say so.
  expect(await looks(id)).toEqual([]);
});

test('without a key nothing is offered, asked or sent', async () => {
  const own = await startTestServer({ WORKER: 'false', ACOUSTID_URL: list.url });
  try {
    const quiet = await createSchool(own);
    const { path, looksUpAt } = await withMusic(own, quiet, [1, 9]);
    expect(looksUpAt).toBeNull();
    expect(await quiet.reviewer.post(path)).toMatchObject({
      status: 409,
      body: { reasons: [{ code: 'LOOK_UP_OFF' }] },
    });
    expect(list.asked).toEqual([]);
  } finally {
    await own.stop();
  }
});
