import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Access, Route } from '../../../src/contract/route.ts';
import { type RouteId, routes } from '../../../src/contract/routes.ts';
import type { StaffRole } from '../../../src/domain/ids.ts';
import { Api, signedInStaff } from '../../support/api.ts';
import { sendReport, zoomReport } from '../../support/attendance-reports.ts';
import { handIn, pagesOf } from '../../support/paper.ts';
import { inked, pdfOf } from '../../support/pdf.ts';
import { createPermittedLesson, createSchool, ok, type School } from '../../support/school.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';

let server: TestServer;
let school: School;
/** Real objects of one teacher, by the name of the route parameter. */
let objects: Record<string, string>;
let uploadOfAdministrator: string;
/** One person of each role, and no more roles than that. */
let people: Readonly<Record<StaffRole, Api>>;

beforeAll(async () => {
  server = await startTestServer({ WORKER: 'false' });
  school = await createSchool(server);
  const { teacher, reviewer, admin: administrator, auditor } = school;
  const authority = await signedInStaff(server, 'Only Authority', ['authority']);
  people = { teacher, reviewer, administrator, auditor, authority };
  const lesson = await createPermittedLesson(school);
  objects = {
    lessonId: lesson.id,
    courseId: lesson.lesson.courseId,
    participantId: lesson.lesson.participants[1].id,
    scanPageId: await createScanPage(),
    reportId: ok(
      await sendReport(school.teacher, lesson.id, zoomReport(lesson.lesson.plannedStart, [['Tuna Teacher', 0, 40]])),
    ).id,
    permissionId: lesson.permissions.minor,
    ...(await createRows(lesson.id)),
    language: 'tr',
    channelId: randomUUID(),
    userId: randomUUID(),
    tokenId: randomUUID(),
    sessionId: randomUUID(),
    invitationId: randomUUID(),
    policyId: randomUUID(),
    holdId: randomUUID(),
    personId: randomUUID(),
    guardianshipId: randomUUID(),
    taskId: randomUUID(),
    jobId: '999999',
    runnerId: randomUUID(),
    leaseId: randomUUID(),
    schoolId: randomUUID(),
    jobKind: 'check-recording',
    token: 'x'.repeat(43),
  };
});
afterAll(() => server?.stop());

/** A page of a scan that nobody has assigned. */
async function createScanPage(): Promise<string> {
  ok(await handIn(school.teacher, await pdfOf([inked(1)])));
  const [page] = await pagesOf(school.teacher);
  return page.id;
}

/** Objects that belong to the lesson, written straight into the tables: this test is about doors, not about rooms. */
async function createRows(lessonId: string): Promise<Record<string, string>> {
  const db = server.context.outside.database.read;
  const sealed = () => ({
    create: {
      bodyKey: randomUUID(),
      envelope: new Uint8Array(),
      salt: new Uint8Array(),
      chunkOctet: 14,
      framing: 'definite' as const,
      bodyBytes: 1,
      bodySha256: '',
      envelopeSha256: '',
      mediaBytes: 1,
      mediaSha256: '',
      commitment: '',
    },
  });
  const recording = await db.recording.create({
    data: { lesson: { connect: { id: lessonId } }, uploaderId: school.teacher.id, state: 'erased', sealed: sealed() },
  });
  const segment = await db.segment.create({
    data: {
      recordingId: recording.id,
      startMs: 0,
      endMs: 1,
      findings: {
        create: {
          recordingId: recording.id,
          key: 'x',
          source: 'declared',
          startMs: 0,
          endMs: 1,
          confidence: 1,
          evidence: {},
        },
      },
    },
  });
  const rendition = await db.rendition.create({ data: { recordingId: recording.id, state: 'ready', edits: [] } });
  const release = await db.release.create({
    data: {
      recordingId: recording.id,
      renditionId: rendition.id,
      audience: 'class',
      endsAt: new Date(),
      endedAt: new Date(),
      releasedById: school.admin.id,
    },
  });
  const link = await db.viewerLink.create({
    data: {
      releaseId: release.id,
      viewerName: 'x',
      tokenDigest: 'x',
      createdById: school.teacher.id,
      expiresAt: new Date(),
    },
  });
  const uploadOf = (uploaderId: string) =>
    db.upload.create({
      data: {
        id: randomUUID(),
        lessonId,
        uploaderId,
        state: 'failed',
        bytes: 1,
        metadata: {},
        expiresAt: new Date(Date.now() + 1e9),
      },
    });
  const upload = await uploadOf(school.teacher.id);
  uploadOfAdministrator = (await uploadOf(school.admin.id)).id;
  return {
    uploadId: upload.id,
    recordingId: recording.id,
    segmentId: segment.id,
    releaseId: release.id,
    linkId: link.id,
  };
}

const ask = (api: Api, route: Route, replace: Record<string, string> = {}) =>
  api.request(
    route.method.toUpperCase(),
    route.path.replace(/:(\w+)/g, (_, name: string) => ({ ...objects, ...replace })[name]!),
    ['get', 'head', 'options', 'delete'].includes(route.method) || route.form ? undefined : {},
    route.path.includes('/uploads') ? { 'tus-resumable': '1.0.0' } : {},
  );
/** An answer to HEAD has no body: its status has to do. */
const isDenied = (answer: { status: number; body: { code?: string } | '' }) =>
  answer.body === ''
    ? [401, 403].includes(answer.status)
    : answer.body?.code === 'NOT_ALLOWED' ||
      answer.body?.code === 'NOT_SIGNED_IN' ||
      answer.body?.code === 'SECOND_FACTOR_REQUIRED';
const mayAsk = (access: Access, role: StaffRole) =>
  access.to === 'everybody' || access.to === 'staff' || (access.to !== 'runner' && access.to[role] !== undefined);
/** These would end the session that the walk uses. */
const ending: RouteId[] = ['signOut'];
const all = (Object.entries(routes) as [RouteId, Route][]).filter(([id]) => !ending.includes(id));

describe('every route × every role', () => {
  test.each(all)('%s', async (_, route) => {
    const anonymous = await ask(school.nobody, route);
    expect(isDenied(anonymous)).toBe(route.access.to !== 'everybody');
    if (route.access.to !== 'everybody') expect(anonymous.status).toBe(401);
    for (const [role, person] of Object.entries(people) as [StaffRole, Api][]) {
      // Only who began an upload goes on with it, whatever their role.
      const own = role === 'administrator' ? { uploadId: uploadOfAdministrator } : {};
      const answer = await ask(person, route, own);
      expect({ role, denied: isDenied(answer) }).toEqual({ role, denied: !mayAsk(route.access, role) });
      expect(answer.status).not.toBe(500);
    }
  });
});

const notFound = ({ method }: Route) => ({ status: 404, code: method === 'head' ? undefined : 'NOT_FOUND' });

describe('another teacher’s objects are not found', () => {
  const own = all.filter(
    ([, { access, params }]) => typeof access.to === 'object' && access.to.teacher === 'own' && params,
  );
  test.each(own)('%s', async (_, route) => {
    const answer = await ask(school.otherTeacher, route);
    expect({ status: answer.status, code: answer.body.code }).toEqual(notFound(route));
    const unknown = Object.fromEntries(Object.keys(objects).map((name) => [name, randomUUID()]));
    const nowhere = await ask(school.otherTeacher, route, unknown);
    expect({ status: nowhere.status, code: nowhere.body.code }).toEqual(notFound(route));
  });
});

test('a teacher’s lists show only what is theirs', async () => {
  expect(ok(await school.otherTeacher.get('/api/lessons')).items).toEqual([]);
  expect(ok(await school.otherTeacher.get('/api/recordings')).items).toEqual([]);
  expect(ok(await school.otherTeacher.get('/api/courses')).items).toEqual([]);
  expect(ok(await school.teacher.get('/api/lessons')).items).toHaveLength(1);
});

test('a token opens only what its scopes name, and nothing once it is revoked', async () => {
  const token = ok(await school.admin.post('/api/tokens', { name: 'reader', scopes: ['read'] }));
  const reader = new Api(server.url, { authorization: `Bearer ${token.token}` });
  expect((await reader.get('/api/staff')).status).toBe(200);
  expect(await reader.post('/api/channels', { name: 'x' })).toMatchObject({
    status: 403,
    body: { code: 'NOT_ALLOWED' },
  });
  expect(await reader.post('/api/tokens', { name: 'more' })).toMatchObject({ status: 403 });
  ok(await school.admin.delete(`/api/tokens/${token.id}`));
  expect(await reader.get('/api/staff')).toMatchObject({ status: 401 });
});

test('a cookie does not count for a request from another site', async () => {
  const body = { name: 'From elsewhere' };
  expect(await school.admin.post('/api/channels', body, { origin: 'https://elsewhere.example' })).toMatchObject({
    status: 403,
  });
  expect(await school.admin.post('/api/channels', body, { 'sec-fetch-site': 'cross-site' })).toMatchObject({
    status: 403,
  });
  expect(
    await school.admin.post('/api/channels', body, { origin: server.url, 'sec-fetch-site': 'same-origin' }),
  ).toMatchObject({ status: 201 });
});

test('denied requests are on the log, without the path that was asked for', async () => {
  // Of somebody who has not been refused before: further refusals of a minute are counted.
  const fresh = await signedInStaff(server, 'Fresh Teacher', ['teacher']);
  await fresh.get('/api/audit');
  const { entries } = ok(await school.auditor.get(`/api/audit?actor=${fresh.id}&action=request.denied`));
  expect(entries[0].entry).toMatchObject({
    outcome: 'refused',
    details: { code: 'NOT_ALLOWED', route: 'GET /api/audit' },
  });
});
