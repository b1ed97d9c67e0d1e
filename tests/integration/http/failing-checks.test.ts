import { afterAll, beforeAll, expect, test } from 'vitest';
import { Refusal } from '../../../src/domain/errors.ts';
import { createTasks } from '../../../src/jobs/tasks.ts';
import type { MediaFeatures, MediaTools } from '../../../src/pipeline/ports/media.ts';
import { createPermittedLesson, createSchool, ok, type School } from '../../support/school.ts';
import { createSealedRecording } from '../../support/sealed-recording.ts';
import { arrivals, startTestServer, type TestServer } from '../../support/server.ts';

let server: TestServer;
let school: School;
beforeAll(async () => {
  server = await startTestServer();
  school = await createSchool(server);
});
afterAll(() => server?.stop());

const noMail = { send: () => Promise.reject(new Error('no mail')), hand: () => Promise.reject(new Error('no mail')) };

/** A sealed recording of 68 s whose check ran for the last time, with this for what the decoder says. */
async function checkedWith(analyse: MediaTools['analyse'], declaredDurationMs: number | null = 68_000) {
  const { outside } = server.context;
  const lesson = await createPermittedLesson(school);
  const { id } = await createSealedRecording(outside, lesson.id, school.teacher.id, { renditionBytes: null });
  await outside.database.read.finding.deleteMany({ where: { recordingId: id } });
  await outside.database.read.segment.deleteMany({ where: { recordingId: id } });
  await outside.database.read.recording.update({
    where: { id },
    data: { state: 'sealed', checkState: 'waiting', declaredDurationMs },
  });
  const tasks = createTasks({ ...outside, media: { ...outside.media, analyse } }, noMail);
  const attempt = { signal: new AbortController().signal, isLast: true, job: '1.0' };
  const failure: unknown = await tasks['check-recording']({ recordingId: id }, attempt).then(
    () => null,
    (error) => error,
  );
  const recording = () => school.reviewer.get(`/api/recordings/${id}`).then(ok);
  return { id, failure, recording };
}

const features = (changes: Partial<MediaFeatures>): MediaFeatures => ({
  analysedDurationMs: 68_000,
  fingerprints: [],
  subtitles: [],
  notAnalysed: [],
  ...changes,
});

test('times from outside of a recording do not stop its check: they are not analysed', async () => {
  const line = { stream: 3, text: '© Somebody' };
  const { recording } = await checkedWith(async () =>
    features({
      subtitles: [
        { ...line, startMs: -5_000, endMs: 1_000 },
        { ...line, startMs: 136_000, endMs: 130_000 },
      ],
      notAnalysed: [{ stream: 0, startMs: 90_000, endMs: 68_000, why: 'DAMAGED' }],
    }),
  );
  const { state, check, segments } = await recording();
  expect({ state, check: check.state }).toEqual({ state: 'in_review', check: 'done' });
  const found = segments.flatMap((segment: { findings: object[] }) => segment.findings);
  expect(found).toMatchObject([
    { source: 'subtitle', startMs: 0, endMs: 1_000 },
    { source: 'not_analysed', endMs: 68_000, evidence: { why: 'OUT_OF_RANGE', of: 'subtitle', count: 1 } },
    { source: 'not_analysed', startMs: 68_000, endMs: 68_000 },
  ]);
});

test('a check that fails every time ends with a review of the whole recording, and no raw message', async () => {
  const raw = 'new row for relation "segment" violates check constraint "segment_range"';
  const { id, failure, recording } = await checkedWith(() => Promise.reject(new Error(raw)));
  expect(failure).toBeInstanceOf(Error); // for the operator's log
  const { state, check, segments } = await recording();
  expect(state).toBe('in_review');
  expect(check.state).toBe('failed');
  expect(check.error).toMatch(/\w+ \w+/);
  expect(check.error).not.toMatch(/segment|constraint|Error/);
  expect(segments).toMatchObject([
    { startMs: 0, endMs: 68_000, findings: [{ source: 'not_analysed', evidence: { why: 'CHECK_FAILED' } }] },
  ]);
  const refused = await school.reviewer.post(`/api/recordings/${id}/clear`);
  expect(refused).toMatchObject({ status: 409, body: { code: 'SEGMENTS_OPEN' } });
  ok(
    await school.reviewer.post(`/api/segments/${segments[0].id}/decisions`, { kind: 'permitted', ground: 'own_work' }),
  );
  ok(await school.reviewer.post(`/api/recordings/${id}/clear`));
});

test('a machine, a database or a store that was away says nothing of the file: it stays sealed, to be checked again', async () => {
  const { recording } = await checkedWith(() => Promise.reject(new Refusal('DATABASE_UNAVAILABLE')));
  const { state, check, segments } = await recording();
  expect({ state, check: check.state, segments }).toEqual({ state: 'sealed', check: 'failed', segments: [] });
  expect(check.error).toMatch(/try again|yeniden deneyin/);
});

test('the length is that of what was decoded, and what goes beyond the declared one is a finding', async () => {
  const { recording } = await checkedWith(
    async () => features({ notAnalysed: [{ stream: null, startMs: 3, endMs: 68_000, why: 'LONGER_THAN_DECLARED' }] }),
    3,
  );
  const { durationMs, segments } = await recording();
  expect(durationMs).toBe(68_000);
  expect(segments).toMatchObject([{ startMs: 3, endMs: 68_000 }]);
});

test('two workers at one job, of which one was cut off meanwhile: the check is written down once', async () => {
  const { id } = await checkedWith(async () => features({}));
  const checks = async () =>
    (await arrivals(server, 'recording.checked')).filter(({ object }) => object?.id === id).length;
  expect(await checks()).toBe(1);
  const both = Promise.withResolvers<void>();
  let decoding = 0;
  const analyse: MediaTools['analyse'] = async () => {
    decoding += 1;
    if (decoding === 2) both.resolve();
    await both.promise;
    return features({});
  };
  const { outside } = server.context;
  const tasks = createTasks({ ...outside, media: { ...outside.media, analyse } }, noMail);
  const attempt = { signal: new AbortController().signal, isLast: false, job: '2.0' };
  await Promise.all([1, 2].map(() => tasks['check-recording']({ recordingId: id }, attempt)));
  expect(await checks()).toBe(2);
  // Whose end was not written down is tried again, and has nothing left to do.
  await tasks['check-recording']({ recordingId: id }, attempt);
  expect({ checks: await checks(), decoding }).toEqual({ checks: 2, decoding: 2 });
  expect(ok(await school.reviewer.get(`/api/recordings/${id}`)).check.state).toBe('done');
});
