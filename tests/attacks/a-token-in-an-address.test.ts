import { afterAll, beforeAll, expect, test } from 'vitest';
import { routes } from '../../src/contract/routes.ts';
import { WatchCookie } from '../../src/http/watch-cookie.ts';
import { Api, cookiesOf } from '../support/api.ts';
import { createPermittedLesson, createSchool, inDays, ok, type School } from '../support/school.ts';
import { createSealedRecording } from '../support/sealed-recording.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let school: School;
beforeAll(async () => {
  server = await startTestServer({ WORKER: 'false' });
  school = await createSchool(server);
});
afterAll(() => server?.stop());

async function released() {
  const lesson = await createPermittedLesson(school);
  const { id } = await createSealedRecording(server.context.outside, lesson.id, school.teacher.id, {
    mediaBytes: 1_000,
  });
  const db = server.context.outside.database.read;
  const rendition = await db.rendition.findFirstOrThrow({ where: { recordingId: id } });
  await db.recording.update({ where: { id }, data: { state: 'released' } });
  const release = await db.release.create({
    data: {
      recordingId: id,
      renditionId: rendition.id,
      audience: 'class',
      endsAt: new Date(inDays(7)),
      releasedById: school.admin.id,
    },
  });
  return ok(await school.teacher.post(`/api/releases/${release.id}/links`, { viewerName: 'Gül Example' })) as {
    id: string;
    token: string;
  };
}

test('no route takes a token in its path or query', () => {
  const named = Object.values(routes).filter(
    (route) =>
      /:token\b/.test(route.path) || ('query' in route && JSON.stringify(Object.keys(route.query)).includes('token')),
  );
  expect(named.map(({ path }) => path)).toEqual([]);
});

test('the token is sent in a body, and a cookie that no script reads carries it from then on', async () => {
  const link = await released();
  const viewer = new Api(server.url);
  expect((await viewer.get(`/media/${link.token}`)).status).toBe(400);
  const opened = await viewer.post('/api/watch', { token: link.token });
  expect(opened).toMatchObject({ status: 200, body: { linkId: link.id } });
  const [cookie] = opened.headers.getSetCookie();
  expect(cookie).toMatch(/; HttpOnly; SameSite=Strict$/);
  expect(cookie).toContain('Path=/;');
  const path = `/media/${link.id}`;
  expect(path).not.toContain(link.token);
  expect((await viewer.get(path, { cookie: cookiesOf(opened) })).status).toBe(200);
  expect((await viewer.get(path)).status).toBe(404);
});

test('the cookie of one link opens no other', async () => {
  const [one, two] = [await released(), await released()];
  const viewer = new Api(server.url);
  for (const [path, name, token] of [
    [two.id, one.id, one.token],
    [two.id, two.id, one.token],
    [one.id, one.id, two.token],
    [one.id, one.id, 'x'.repeat(43)],
    [one.id, one.id, ''],
  ])
    expect(await viewer.get(`/media/${path}`, { cookie: `emanet-watch-${name}=${token}` })).toMatchObject({
      status: 404,
      body: { code: 'LINK_NOT_VALID' },
    });
  // Both side by side, as two children of one family.
  const both = [one, two].map(({ id, token }) => `emanet-watch-${id}=${token}`).join('; ');
  for (const { id } of [one, two]) expect((await viewer.get(`/media/${id}`, { cookie: both })).status).toBe(200);
});

test('a link that is over is not opened, and its cookie opens nothing', async () => {
  const link = await released();
  const viewer = new Api(server.url);
  const cookie = cookiesOf(await viewer.post('/api/watch', { token: link.token }));
  ok(await school.admin.delete(`/api/links/${link.id}`));
  expect(await viewer.post('/api/watch', { token: link.token })).toMatchObject({ status: 404 });
  expect(await viewer.get(`/media/${link.id}`, { cookie })).toMatchObject({ status: 404 });
  expect(await viewer.post('/api/watch', { token: 'x'.repeat(43) })).toMatchObject({ status: 404 });
});

test('over https the cookie is tied to the host', () => {
  const written = new WatchCookie(true).write('019ac000-0000-7000-8000-000000000001', 'x'.repeat(43));
  expect(written).toMatch(/^__Host-emanet-watch-019ac000-0000-7000-8000-000000000001=x{43}; Path=\/; /);
  expect(written).toMatch(/; Secure$/);
  expect(written).not.toMatch(/Domain/i);
});
