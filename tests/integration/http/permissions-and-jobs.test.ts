import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { shortLesson } from '../../support/media.ts';
import { inked, pdfOf } from '../../support/pdf.ts';
import { createPermittedLesson, createSchool, ok, type School, until } from '../../support/school.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';

/** What `startTestServer` is given. */
const metricsToken = { authorization: 'Bearer test only, long enough' };
let server: TestServer;
let school: School;

beforeAll(async () => {
  server = await startTestServer({ METRICS_TOKEN: 'test only, long enough', SMTP_URL: 'smtp://127.0.0.1:9' }); // nobody listens there
  school = await createSchool(server);
});
afterAll(() => server?.stop());

const form = (bytes: Buffer) => {
  const data = new FormData();
  data.set('file', new Blob([Uint8Array.from(bytes)], { type: 'application/pdf' }), 'permission.pdf');
  return data;
};

test('a signed document is sealed, given back byte for byte, and cannot be replaced', async () => {
  const lesson = await createPermittedLesson(school);
  const path = `/api/permissions/${lesson.permissions.minor}/document`;
  const document = await pdfOf([inked(1), inked(2)]);
  const permission = ok(await school.teacher.request('PUT', path, form(document)));
  expect(permission.documentSha256).toMatch(/^[0-9a-f]{64}$/);
  const given = await fetch(server.url + path, { headers: school.teacher.headers });
  expect(Buffer.from(await given.arrayBuffer()).equals(document)).toBe(true);
  expect(given.headers.get('content-disposition')).toContain('attachment');
  expect(await school.teacher.request('PUT', path, form(document))).toMatchObject({
    status: 409,
    body: { code: 'ALREADY_EXISTS' },
  });
  expect(
    await school.teacher.request(
      'PUT',
      `/api/permissions/${lesson.permissions.site}/document`,
      form(Buffer.alloc(26 * 2 ** 20)),
    ),
  ).toMatchObject({
    status: 413,
    body: { code: 'TOO_LARGE' },
  });
  const { entries } = ok(
    await school.auditor.get(`/api/audit?object=${lesson.permissions.minor}&action=permission.document_read`),
  );
  expect(entries).toHaveLength(1);
});

test('a permission is asked for, answered once, withdrawn, and every change is an event', async () => {
  const lesson = await createPermittedLesson(school);
  const participantId = lesson.lesson.participants[0].id;
  const asked = ok(
    await school.teacher.post(`/api/lessons/${lesson.id}/permissions`, { participantId, status: 'requested' }),
  );
  const answer = {
    status: 'granted',
    route: 'email',
    signerName: 'Tuna Teacher',
    signerCapacity: 'self',
    signedAt: new Date(0).toISOString(),
  };
  ok(await school.teacher.post(`/api/permissions/${asked.id}/answer`, answer));
  expect(await school.teacher.post(`/api/permissions/${asked.id}/answer`, answer)).toMatchObject({
    status: 409,
    body: { code: 'STATE_CHANGED' },
  });
  const withdrawn = ok(
    await school.teacher.post(`/api/permissions/${asked.id}/withdraw`, { note: 'changed their mind' }),
  );
  expect(withdrawn.events.map((event: { status: string }) => event.status)).toEqual([
    'requested',
    'granted',
    'withdrawn',
  ]);
});

test('a permission cannot be recorded for somebody of another lesson, nor signed by a stranger', async () => {
  const [one, other] = [await createPermittedLesson(school), await createPermittedLesson(school)];
  const body = {
    status: 'granted',
    route: 'paper',
    signerName: 'X',
    signerCapacity: 'self',
    signedAt: new Date(0).toISOString(),
  };
  const path = `/api/lessons/${one.id}/permissions`;
  const stranger = other.lesson.participants[1];
  expect(await school.teacher.post(path, { ...body, participantId: stranger.id })).toMatchObject({
    status: 400,
    body: { reasons: [{ code: 'PARTICIPANT_NOT_OF_LESSON' }] },
  });
  const pupil = one.lesson.participants[1];
  expect(
    await school.teacher.post(path, {
      ...body,
      participantId: pupil.id,
      signerCapacity: 'guardian',
      guardianId: stranger.guardians[0].id,
    }),
  ).toMatchObject({ status: 400, body: { reasons: [{ subject: { id: 'guardianId' } }] } });
});

test('a participant added after the upload puts the recording into quarantine at once', async () => {
  const lesson = await createPermittedLesson(school);
  const { id } = ok(await school.teacher.upload(lesson.id, shortLesson()));
  await until(school.reviewer, id, (r) => r.state === 'in_review');
  ok(
    await school.teacher.post(`/api/lessons/${lesson.id}/participants`, {
      name: 'Ege Late',
      kind: 'guest',
      isMinor: false,
    }),
  );
  expect(ok(await school.admin.get(`/api/recordings/${id}`))).toMatchObject({
    state: 'quarantined',
    stateCodes: ['PERMISSION_MISSING'],
    stateNote: null,
  });
});

test('a job that keeps failing is visible to administrators, on the log, and can be tried again', async () => {
  const { database } = server.context.outside;
  // With one try only: the six of a real one take minutes.
  const mail = JSON.stringify({
    to: 'mail@school.example',
    language: 'en',
    mail: { kind: 'invitation', url: '#invitation=secret' },
  });
  await database.read.$executeRaw`SELECT graphile_worker.add_job('send-mail', ${mail}::json, max_attempts => 1,
    flags => ARRAY['school ' || current_school()])`;
  const failedJob = async () =>
    ok(await school.admin.get('/api/jobs')).items.find(
      (job: { task: string; failed: boolean }) => job.task === 'send-mail' && job.failed,
    );
  const job = await eventually(failedJob, 'the job to fail');
  expect(job).toMatchObject({ attempts: 1, maxAttempts: 1 });
  expect(JSON.stringify(job)).not.toContain('invitation=');
  // The queue gives the job up first; the entry follows.
  const isLogged = async () => ok(await school.auditor.get('/api/audit?action=job.failed')).entries.length > 0;
  await eventually(isLogged, 'the entry that says so');
  expect((await school.admin.post(`/api/jobs/${job.id}/retry`)).status).toBe(202);
  expect((await school.admin.post('/api/jobs/999999999/retry')).status).toBe(404);
});

test('the description of the API names every route, and the pages are served', async () => {
  const document = ok(await school.nobody.get('/api/openapi.json'));
  expect(document.openapi).toBe('3.1.0');
  expect(
    document.paths['/api/lessons/{lessonId}/recordings'].post.requestBody.content['multipart/form-data'],
  ).toBeDefined();
  for (const path of ['/', '/watch', '/api/docs']) expect((await fetch(server.url + path)).status).toBe(200);
  const metrics = await school.nobody.get('/metrics', metricsToken);
  expect(metrics.body).toMatch(/^emanet_recordings\{school="[0-9a-f-]{36}",state="quarantined"\} 1$/m);
  expect((await school.nobody.get('/metrics/../assets/%2e%2e/staff.html')).status).toBe(404);
});
