import { afterAll, beforeAll, expect, test } from 'vitest';
import { recordingText } from '../../../src/cli/show-recording.ts';
import { integrateLog } from '../../../src/pipeline/oversight/integrate-log.ts';
import { signedInStaff } from '../../support/api.ts';
import { createPermittedLesson, createSchool, eraseBy, ok, type School } from '../../support/school.ts';
import { createSealedRecording } from '../../support/sealed-recording.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';

let server: TestServer;
let school: School;

beforeAll(async () => {
  server = await startTestServer({ WORKER: 'false' });
  school = await createSchool(server);
});
afterAll(() => server?.stop());

const rows = () => server.context.outside.database.read;
async function inReview({ lengthMs = 60_000 as number | null, by = school.teacher as { readonly id: string } } = {}) {
  const lesson = await createPermittedLesson(school);
  const { id } = await createSealedRecording(server.context.outside, lesson.id, by.id, { renditionBytes: null });
  await rows().recording.update({ where: { id }, data: { analysedDurationMs: lengthMs } });
  return { id, lesson, path: `/api/recordings/${id}/coverage` };
}
const played = (...pairs: [number, number][]) => ({
  intervals: pairs.map(([startMs, endMs]) => ({ startMs, endMs })),
});

test('what is played adds up, by reviewer, inside the recording; reviewer and administrator see it, the teacher not', async () => {
  const { id, path } = await inReview();
  const other = await signedInStaff(server, 'Zeki Reviewer', ['reviewer']);
  expect(ok(await school.reviewer.put(path, played([10_000, 20_000])))).toMatchObject({ playedMs: 10_000 });
  expect(ok(await other.put(path, played([0, 60_000])))).toMatchObject({ playedMs: 60_000, missing: [] });
  const mine = ok(await school.reviewer.put(path, played([15_000, 30_000], [50_000, 2_000_000_000])));
  const missing = [
    { startMs: 0, endMs: 10_000 },
    { startMs: 30_000, endMs: 50_000 },
  ];
  expect(mine).toEqual({ reviewerId: school.reviewer.id, reviewerName: 'Rana Reviewer', playedMs: 30_000, missing });
  for (const by of [school.reviewer, school.admin]) {
    const { coverage } = ok(await by.get(`/api/recordings/${id}`));
    expect(coverage).toMatchObject([mine, { reviewerName: 'Zeki Reviewer', playedMs: 60_000, missing: [] }]);
  }
  expect(ok(await school.teacher.get(`/api/recordings/${id}`)).coverage).toEqual([]);
  const declared = await school.teacher.post(`/api/recordings/${id}/segments`, { title: 'x', startMs: 0, endMs: 9 });
  expect(ok(declared).coverage).toEqual([]);
  expect(recordingText(ok(await school.admin.get(`/api/recordings/${id}`)), 'en')).toMatch(
    /Played: +Rana Reviewer 50%, Zeki Reviewer 100%\n/,
  );
});

test('it is no event on the log; clearing writes the share that reviewers played together', async () => {
  const { id, path } = await inReview();
  const { segments } = ok(await school.reviewer.get(`/api/recordings/${id}`));
  ok(await school.reviewer.post(`/api/segments/${segments[0].id}/decisions`, { kind: 'mute' }));
  const entries = async () => {
    await integrateLog(server.context.outside);
    return ok(await school.auditor.get(`/api/audit?recording=${id}`)).entries;
  };
  const before = (await entries()).length;
  const other = await signedInStaff(server, 'Suna Reviewer', ['reviewer']);
  ok(await school.reviewer.put(path, played([0, 20_000])));
  ok(await other.put(path, played([10_000, 30_100])));
  // One entry more: the auditor's own question.
  expect(
    (await entries()).filter(({ entry }: { entry: { action: string } }) => entry.action !== 'audit.read').length,
  ).toBe(before);
  ok(await school.reviewer.post(`/api/recordings/${id}/clear`));
  const [cleared] = (await entries()).filter(
    ({ entry }: { entry: { action: string } }) => entry.action === 'recording.cleared',
  );
  expect(cleared.entry.details).toMatchObject({ playedPercent: 50 });
});

test('only of what may be played, and never by who uploaded it', async () => {
  const uploader = await signedInStaff(server, 'Uploading Reviewer', ['reviewer', 'teacher']);
  const own = await inReview({ by: uploader });
  expect(await uploader.put(own.path, played([0, 1]))).toMatchObject({
    status: 403,
    body: { code: 'SAME_PERSON', reasons: [{ code: 'REVIEWER_IS_UPLOADER' }] },
  });
  const { id, path, lesson } = await inReview();
  for (const by of [school.teacher, school.admin, school.auditor])
    expect(await by.put(path, played([0, 1]))).toMatchObject({ status: 403, body: { code: 'NOT_ALLOWED' } });
  ok(await school.teacher.post(`/api/permissions/${lesson.permissions.minor}/withdraw`));
  expect(await school.reviewer.put(path, played([0, 1]))).toMatchObject({
    status: 409,
    body: { reasons: [{ code: 'NOT_PLAYABLE' }] },
  });
  expect(await rows().coverage.count({ where: { recordingId: id } })).toBe(0);
  const unchecked = await inReview({ lengthMs: null });
  expect(await school.reviewer.put(unchecked.path, played([0, 1]))).toMatchObject({
    status: 409,
    body: { reasons: [{ code: 'CHECK_NOT_DONE' }] },
  });
});

test('of two requests of one reviewer at the same instant none is lost', async () => {
  const { path } = await inReview();
  const parts = Array.from({ length: 6 }, (_, n): [number, number] => [n * 10_000, (n + 1) * 10_000]);
  await Promise.all(parts.map(async (part) => ok(await school.reviewer.put(path, played(part)))));
  expect(ok(await school.reviewer.put(path, played()))).toMatchObject({ playedMs: 60_000, missing: [] });
});

test('a request is bounded', async () => {
  const { path } = await inReview();
  const many = Array.from({ length: 1_001 }, (_, n): [number, number] => [n * 2, n * 2 + 1]);
  expect(ok(await school.reviewer.put(path, played(...many.slice(1)))).playedMs).toBe(1_000);
  expect(await school.reviewer.put(path, played(...many))).toMatchObject({ status: 400 });
  for (const pair of [
    [5, 5],
    [6, 5],
    [-1, 5],
    [0, 2_000_000_001],
    [0.5, 2],
  ] as [number, number][])
    expect(await school.reviewer.put(path, played(pair))).toMatchObject({ status: 400 });
});

test('it goes with the recording', async () => {
  const { id, path } = await inReview();
  ok(await school.reviewer.put(path, played([0, 1])));
  ok(await eraseBy(school, id));
  expect(await rows().coverage.count({ where: { recordingId: id } })).toBe(0);
  expect(await school.reviewer.put(path, played([0, 1]))).toMatchObject({ status: 409 });
});
