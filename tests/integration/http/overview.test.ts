import { afterAll, beforeAll, expect, test } from 'vitest';
import { integrateLog } from '../../../src/pipeline/oversight/integrate-log.ts';
import { shortLesson } from '../../support/media.ts';
import { createPermittedLesson, createSchool, ok, type School } from '../../support/school.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';

let server: TestServer;
let school: School;

beforeAll(async () => {
  server = await startTestServer({ WORKER: 'false' });
  school = await createSchool(server);
});
afterAll(() => server?.stop());

test('a reviewer has waveform and thumbnails of an original, each on the log, and nothing is kept', async () => {
  const lesson = await createPermittedLesson(school);
  const { id } = ok(await school.teacher.upload(lesson.id, shortLesson()));
  const objects = await server.context.outside.database.read.sealedObject.count();
  const { durationMs, stepMs, peaks } = ok(await school.reviewer.get(`/api/recordings/${id}/waveform`));
  expect(Math.abs(durationMs - 10_000)).toBeLessThan(500);
  expect(peaks).toHaveLength(Math.ceil(durationMs / stepMs));
  expect(Math.max(...peaks)).toBeGreaterThan(0);
  const shown = await school.reviewer.get(`/api/recordings/${id}/thumbnails`);
  expect(shown.status).toBe(200);
  expect(shown.headers.get('content-type')).toBe('image/jpeg');
  expect(shown.headers.get('cache-control')).toBe('private, no-store');
  expect(shown.headers.get('emanet-thumbnails')).toMatch(
    /^step-ms=1000, count=1[01], columns=10, rows=10, width=160, height=90$/,
  );
  expect(await server.context.outside.database.read.sealedObject.count()).toBe(objects);
  await integrateLog(server.context.outside);
  const { entries } = ok(await school.auditor.get(`/api/audit?recording=${id}&action=recording.overview_shown`));
  expect(entries.map(({ entry }: { entry: { details: { what: string } } }) => entry.details.what).sort()).toEqual([
    'thumbnails',
    'waveform',
  ]);
  for (const by of [school.teacher, school.admin, school.auditor])
    for (const what of ['waveform', 'thumbnails'])
      expect(await by.get(`/api/recordings/${id}/${what}`)).toMatchObject({ status: 403 });
});
