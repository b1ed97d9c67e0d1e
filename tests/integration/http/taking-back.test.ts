import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { integrateLog } from '../../../src/pipeline/oversight/integrate-log.ts';
import { addFindings } from '../../../src/pipeline/review/add-findings.ts';
import { signedInStaff } from '../../support/api.ts';
import { createPermittedLesson, createSchool, ok, type School } from '../../support/school.ts';
import { createSealedRecording } from '../../support/sealed-recording.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';

let server: TestServer;
let school: School;

beforeAll(async () => {
  server = await startTestServer({ WORKER: 'false' });
  school = await createSchool(server);
});
afterAll(() => server?.stop());

/** A recording in review with one segment that waits. */
async function inReview(by: { readonly id: string } = school.teacher) {
  const lesson = await createPermittedLesson(school);
  const { id } = await createSealedRecording(server.context.outside, lesson.id, by.id, {
    renditionBytes: null,
  });
  const { segments } = ok(await school.reviewer.get(`/api/recordings/${id}`));
  const path = `/api/segments/${segments[0].id}/decisions`;
  return { id, segmentId: segments[0].id as string, path };
}
const permitted = { kind: 'permitted', ground: 'checked', note: 'a song of ours' };
async function onLog(id: string, action: string) {
  await integrateLog(server.context.outside);
  return ok(await school.auditor.get(`/api/audit?recording=${id}&action=${action}`)).entries;
}

test('a decision that is taken back no longer counts, stays on record and is on the log', async () => {
  const { id, segmentId, path } = await inReview();
  expect(ok(await school.reviewer.post(path, permitted))).toMatchObject({ openSegments: 0 });
  const recording = ok(await school.reviewer.delete(path));
  expect(recording).toMatchObject({ id, state: 'in_review', openSegments: 1, segments: [{ decision: null }] });
  expect(await school.reviewer.post(`/api/recordings/${id}/clear`)).toMatchObject({
    body: { code: 'SEGMENTS_OPEN' },
  });
  expect(await onLog(id, 'segment.decision_taken_back')).toMatchObject([
    { entry: { actor: { kind: 'staff' }, object: { id: segmentId }, details: { kind: 'permitted' } } },
  ]);
  const kept = await server.context.outside.database.read.decision.findMany({
    where: { segmentId },
    orderBy: { id: 'asc' },
    select: { kind: true, note: true },
  });
  expect(kept).toEqual([
    { kind: 'permitted', note: 'a song of ours' },
    { kind: null, note: null },
  ]);
  // And it is decided again.
  expect(ok(await school.reviewer.post(path, { kind: 'mute' }))).toMatchObject({
    openSegments: 0,
    segments: [{ decision: { kind: 'mute' } }],
  });
  ok(await school.reviewer.post(`/api/recordings/${id}/clear`));
});

test('where a segment waits already, nothing is written', async () => {
  const { id, segmentId, path } = await inReview();
  for (let time = 0; time < 2; time++)
    expect(ok(await school.reviewer.delete(path))).toMatchObject({ id, openSegments: 1 });
  expect(await server.context.outside.database.read.decision.count({ where: { segmentId } })).toBe(0);
  expect(await onLog(id, 'segment.decision_taken_back')).toEqual([]);
});

test('it can be taken back as long as the review is open', async () => {
  const { id, path } = await inReview();
  ok(await school.reviewer.post(path, permitted));
  ok(await school.reviewer.post(`/api/recordings/${id}/clear`));
  expect(await school.reviewer.delete(path)).toMatchObject({
    status: 409,
    body: { code: 'WRONG_STATE', reasons: [{ code: 'NOT_IN_REVIEW' }] },
  });
  const refused = await inReview();
  ok(await school.reviewer.post(refused.path, { kind: 'refuse' }));
  expect(await school.reviewer.delete(refused.path)).toMatchObject({ status: 409 });
});

test('the uploader cannot, and who took one back cannot approve', async () => {
  const both = await signedInStaff(server, 'Both Roles', ['administrator', 'reviewer']);
  const own = await inReview(both);
  ok(await school.reviewer.post(own.path, permitted));
  expect(await both.delete(own.path)).toMatchObject({
    status: 403,
    body: { code: 'SAME_PERSON', reasons: [{ code: 'REVIEWER_IS_UPLOADER' }] },
  });
  const other = await inReview();
  ok(await school.reviewer.post(other.path, permitted));
  ok(await both.delete(other.path));
  ok(await school.reviewer.post(other.path, permitted));
  ok(await school.reviewer.post(`/api/recordings/${other.id}/clear`));
  expect(await both.post(`/api/recordings/${other.id}/approve`)).toMatchObject({
    status: 403,
    body: { reasons: [{ code: 'APPROVER_IS_REVIEWER' }] },
  });
});

test('a segment whose decision was taken back takes new findings in, as one that was never decided', async () => {
  const { id, segmentId, path } = await inReview();
  const finding = (key: string, startMs: number) =>
    ({ key, source: 'subtitle', startMs, endMs: startMs + 5, confidence: 1, evidence: {} }) as const;
  const add = (key: string, startMs: number) =>
    server.context.outside.database.transact({ actor: { kind: 'system', id: 'test' } }, (tx) =>
      addFindings(tx, id, [finding(key, startMs)], { gapMs: 100, wholeMs: 60_000 }),
    );
  const segments = async () => ok(await school.reviewer.get(`/api/recordings/${id}`)).segments;
  ok(await school.reviewer.post(path, permitted));
  await add('while-decided', 12);
  expect(await segments()).toHaveLength(2);
  ok(await school.reviewer.delete(path));
  await add('while-open', 20);
  const touched = (await segments()).filter((one: { findings: unknown[] }) => one.findings.length === 2);
  expect(touched).toHaveLength(1);
  expect(touched[0].id).toBe(segmentId);
});

test('the evidence about a recording says that a decision was taken back', async () => {
  const { id, path } = await inReview();
  ok(await school.reviewer.post(path, permitted));
  ok(await school.reviewer.delete(path));
  const pack = await fetch(`${server.url}/api/audit/evidence/recording/${id}`, { headers: school.auditor.headers });
  expect(pack.status).toBe(200);
  const read =
    'import io,sys,zipfile; print(zipfile.ZipFile(io.BytesIO(sys.stdin.buffer.read())).read("record.json").decode())';
  const listed = spawnSync('python3', ['-c', read], { input: Buffer.from(await pack.arrayBuffer()), encoding: 'utf8' });
  expect(listed.stderr).toBe('');
  const by = { decidedBy: 'Rana Reviewer' };
  expect(JSON.parse(listed.stdout).recordings[0].segments[0].decisions).toMatchObject([
    { kind: 'permitted', ...by },
    { kind: null, ...by },
  ]);
});
