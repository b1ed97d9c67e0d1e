import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { createPermittedLesson, createSchool, eraseBy, ok, type School, until } from '../../support/school.ts';
import { createSealedRecording, keysUnder, readRecording } from '../../support/sealed-recording.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';

let server: TestServer;
let school: School;

beforeAll(async () => {
  server = await startTestServer();
  school = await createSchool(server);
});
afterAll(() => server?.stop());

test('the worker seals again, scrubs, and erases what it is asked to', async () => {
  const { outside } = server.context;
  const { id: lessonId } = await createPermittedLesson(school);
  const { id, media } = await createSealedRecording(outside, lessonId, school.teacher.id);
  ok(await school.admin.post(`/api/recordings/${id}/re-seal`, { why: 'a laptop was stolen' }));
  await until(school.admin, id, ({ reSeal }) => reSeal?.state === 'done');
  expect((await readRecording(outside, id)).equals(media)).toBe(true);

  expect((await school.admin.post('/api/integrity/scrub')).status).toBe(202);
  await eventually(async () => {
    const { scrub } = ok(await school.admin.get('/api/integrity'));
    return scrub?.finishedAt && scrub.objects > 0;
  }, 'the pass to end');
  expect(ok(await school.admin.get('/api/integrity')).faults).toEqual([]);

  ok(await eraseBy(school, id, { note: 'asked' }));
  await until(school.admin, id, ({ erasure }) => erasure?.state === 'done');
  expect(await keysUnder(outside, `recordings/${id}/`)).toEqual([]);
  expect(JSON.parse(ok(await school.auditor.get(`/api/recordings/${id}/certificate`)).certificate)).toMatchObject({
    recordingId: id,
  });
});
