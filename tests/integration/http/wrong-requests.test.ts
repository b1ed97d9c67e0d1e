import { afterAll, beforeAll, expect, test } from 'vitest';
import { createPermittedLesson, createSchool, inDays, type School } from '../../support/school.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';

let server: TestServer;
let school: School;
let lessonId: string;
let recordingPath: string;

beforeAll(async () => {
  server = await startTestServer({ WORKER: 'false' });
  school = await createSchool(server);
  lessonId = (await createPermittedLesson(school)).id;
  recordingPath = `/api/recordings/${lessonId}`;
});
afterAll(() => server?.stop());

const lesson = (change: Record<string, unknown>) => ({
  title: 'x',
  reason: 'x',
  plannedStart: inDays(1),
  plannedEnd: inDays(2),
  supervisorName: 'x',
  channelId: school.channelId,
  ...change,
});

test.each<[string, () => Promise<{ status: number; body: { code: string; reasons: unknown[] } }>]>([
  ['a title with a NUL', () => school.teacher.post('/api/lessons', lesson({ title: 'a\0b' }))],
  ['a reason with half a character', () => school.teacher.post('/api/lessons', lesson({ reason: 'a\ud800' }))],
  ['a reason of spaces', () => school.teacher.post('/api/lessons', lesson({ reason: '   ' }))],
  ['a lesson that ends before it begins', () => school.teacher.post('/api/lessons', lesson({ plannedEnd: inDays(0) }))],
  ['the year 0', () => school.teacher.post('/api/lessons', lesson({ plannedStart: '0000-01-01T00:00:00Z' }))],
  ['no time at all', () => school.teacher.post('/api/lessons', lesson({ plannedStart: 'tomorrow' }))],
  ['a channel that is not there', () => school.teacher.post('/api/lessons', lesson({ channelId: lessonId }))],
  ['a list in place of an object', () => school.teacher.post('/api/lessons', [])],
  ['an identifier that is none', () => school.teacher.get('/api/lessons/%00')],
  ['a query with a NUL', () => school.auditor.get('/api/audit?actor=%00')],
  ['a cursor that was made up', () => school.auditor.get('/api/audit?cursor=zzz')],
  ['an unknown action', () => school.auditor.get('/api/audit?action=nothing.happened')],
  ['a page of a million', () => school.auditor.get('/api/audit?limit=1000000')],
])('%s is refused with the field that is wrong', async (_, ask) => {
  const { status, body } = await ask();
  expect({ status, code: body.code }).toEqual({ status: 400, code: 'INVALID_REQUEST' });
});

test('malformed JSON and far too much of it', async () => {
  const send = (body: string) =>
    fetch(`${server.url}/api/lessons`, {
      method: 'POST',
      headers: { ...school.teacher.headers, 'content-type': 'application/json' },
      body,
    });
  expect((await send('{"title":')).status).toBe(400);
  expect((await send(JSON.stringify({ title: 'x'.repeat(2 ** 21) }))).status).toBe(413);
});

test('what does not exist is a problem too', async () => {
  expect(await school.admin.get(recordingPath)).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } });
  expect(await school.nobody.get('/api/nothing')).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } });
  expect(await school.nobody.get('/media/short-and-no-id')).toMatchObject({ status: 400 });
});

test('a post without a body is the same as one with an empty one', async () => {
  const id = (await createPermittedLesson(school)).permissions.adult;
  const answer = await fetch(`${server.url}/api/permissions/${id}/withdraw`, {
    method: 'POST',
    headers: school.teacher.headers,
  });
  expect(answer.status).toBe(200);
});
