import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Api, cookiesOf } from '../support/api.ts';
import { wholeLessonFile } from '../support/media.ts';
import { createPermittedLesson, createSchool, inDays, ok, type School, until } from '../support/school.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let school: School;

beforeAll(async () => {
  server = await startTestServer({ READ_PAGES_PER_HOUR: '1' });
  school = await createSchool(server);
});
afterAll(() => server?.stop());

test('a real recording goes from upload to a viewer and out of reach again, and the auditor sees who did what', async () => {
  const { teacher, reviewer, admin, auditor, nobody } = school;
  const media = await readFile(wholeLessonFile);
  const lesson = await createPermittedLesson(school);

  const uploaded = ok(await teacher.upload(lesson.id, media));
  expect(uploaded).toMatchObject({ state: 'sealed', mediaType: 'video/mp4', bytes: media.length });
  ok(
    await teacher.post(`/api/recordings/${uploaded.id}/segments`, {
      title: 'A song',
      startMs: 10_000,
      endMs: 12_000,
      rightsHolder: 'A band',
    }),
  );

  const inReview = await until(reviewer, uploaded.id, (r) => r.state === 'in_review');
  expect(inReview.openSegments).toBeGreaterThan(0);
  const early = await reviewer.post(`/api/recordings/${uploaded.id}/clear`);
  expect(early).toMatchObject({ status: 409, body: { code: 'SEGMENTS_OPEN' } });
  for (const segment of inReview.segments)
    ok(
      await reviewer.post(
        `/api/segments/${segment.id}/decisions`,
        segment.source === 'declared' ? { kind: 'mute' } : { kind: 'permitted', ground: 'own_work' },
      ),
    );
  ok(await reviewer.post(`/api/recordings/${uploaded.id}/clear`));

  ok(await admin.post(`/api/recordings/${uploaded.id}/approve`));
  await until(admin, uploaded.id, (r) => r.rendition?.state === 'ready', 120_000);
  expect(
    await admin.post(`/api/recordings/${uploaded.id}/releases`, { audience: 'school', endsAt: inDays(7) }),
  ).toMatchObject({
    status: 403,
    body: { code: 'PERMISSION_MISSING' },
  });
  const release = ok(
    await admin.post(`/api/recordings/${uploaded.id}/releases`, { audience: 'class', endsAt: inDays(7) }),
  );
  const link = ok(await teacher.post(`/api/releases/${release.id}/links`, { viewerName: 'Ada' }));

  const opened = await nobody.post('/api/watch', { token: link.token });
  const path = `/media/${ok(opened).linkId}`;
  const viewer = { cookie: cookiesOf(opened) };
  const whole = await fetch(server.url + path, { headers: viewer });
  expect(whole.status).toBe(200);
  const bytes = Buffer.from(await whole.arrayBuffer());
  const part = await fetch(server.url + path, { headers: { ...viewer, range: 'bytes=1000-1999' } });
  expect(part.status).toBe(206);
  expect(part.headers.get('content-range')).toBe(`bytes 1000-1999/${bytes.length}`);
  expect(Buffer.from(await part.arrayBuffer()).equals(bytes.subarray(1000, 2000))).toBe(true);
  const beyond = await fetch(server.url + path, { headers: { ...viewer, range: `bytes=${bytes.length}-` } });
  expect(beyond.status).toBe(416);

  ok(await teacher.post(`/api/permissions/${lesson.permissions.minor}/withdraw`, {}));
  expect(await nobody.get(path, viewer)).toMatchObject({ status: 404, body: { code: 'LINK_NOT_VALID' } });
  expect(ok(await admin.get(`/api/recordings/${uploaded.id}`)).state).toBe('quarantined');

  const log = ok(await auditor.get(`/api/audit?recording=${uploaded.id}&limit=200`));
  const actions = log.entries.map((row: { entry: { action: string } }) => row.entry.action).reverse();
  expect(actions.slice(0, 3)).toEqual(['gate.held', 'recording.receiving', 'recording.sealed']);
  for (const action of [
    'segment.declared',
    'recording.checked',
    'segment.decided',
    'recording.cleared',
    'rendition.made',
    'recording.approved',
    'gate.refused',
    'recording.released',
    'link.created',
    'media.opened',
    'media.served',
    'recording.quarantined',
  ])
    expect(actions).toContain(action);
  expect(ok(await auditor.get('/api/audit/check'))).toMatchObject({ intact: true, faults: [] });
  expect(await new Api(server.url).get('/api/audit')).toMatchObject({ status: 401 });
});
