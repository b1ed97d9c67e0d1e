import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Route } from '../../src/contract/route.ts';
import { type RouteId, routes } from '../../src/contract/routes.ts';
import { type Scope, scopes, staffRoles } from '../../src/domain/ids.ts';
import { Api, signedInStaff } from '../support/api.ts';
import { createPermittedLesson, createSchool, ok, type School } from '../support/school.ts';
import { createSealedRecording } from '../support/sealed-recording.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let school: School;
/** Tokens of somebody who has every role: whatever is refused is refused because it is a token. */
let stolen: Record<Scope, Api>;

beforeAll(async () => {
  server = await startTestServer({ WORKER: 'false' });
  school = await createSchool(server);
  const everything = await signedInStaff(server, 'Every Role', [...staffRoles]);
  const token = async (scope: Scope) => {
    const issued = ok(await everything.post('/api/tokens', { name: scope, scopes: [scope], days: 90 }));
    return new Api(server.url, { authorization: `Bearer ${issued.token}` });
  };
  stolen = { read: await token('read'), write: await token('write'), audit: await token('audit') };
});
afterAll(() => server?.stop());

const guarded = (Object.entries(routes) as [RouteId, Route][]).filter(([, { access }]) => access.to !== 'everybody');
const openTo = (scope: Scope) => guarded.filter(([, route]) => route.scope === scope).map(([id]) => id);

/**
 * What whoever has stolen a token can do. A route is added here on purpose or not at all: nothing that takes media or
 * papers out, decides, releases, erases, administers, or writes to families.
 */
const openToWrite: RouteId[] = [
  'setLanguage',
  'revokeToken',
  'createLesson',
  'changeLesson',
  'announce',
  'addSite',
  'addParticipant',
  'createCourse',
  'changeCourse',
  'addPeople',
  'removeParticipant',
  'addLesson',
  'markSeat',
  'recordPermission',
  'answerPermission',
  'withdrawPermission',
  'putDocument',
  'uploadRecording',
  'beginUpload',
  'findUploadOffset',
  'appendToUpload',
  'cancelUpload',
  'takeCaptions',
  'attachCaptions',
  'takeAttendanceReport',
  'declareSegment',
  'checkAgain',
  'registerWork',
  'importWorks',
];

test('the routes that a token of scope “write” opens are these and no others', () => {
  expect(openTo('write').toSorted()).toEqual(openToWrite.toSorted());
});

describe('every route × every scope', () => {
  test.each(guarded)('%s', async (_, route) => {
    for (const scope of scopes) {
      const path = route.path.replace(/:(\w+)/g, (_match, name: string) =>
        name === 'jobId' ? '999999' : randomUUID(),
      );
      const hasBody = !['get', 'head', 'options', 'delete'].includes(route.method) && !route.form;
      const answer = await stolen[scope].request(route.method.toUpperCase(), path, hasBody ? {} : undefined, {
        ...(route.path.includes('/uploads') ? { 'tus-resumable': '1.0.0' } : {}),
      });
      const isOpen = ![401, 403].includes(answer.status);
      expect({ scope, isOpen }).toEqual({ scope, isOpen: route.scope === scope });
      // To a route of runners, no member of staff is anybody.
      const code = route.access.to === 'runner' ? 'NOT_SIGNED_IN' : 'NOT_ALLOWED';
      if (!isOpen && route.method !== 'head') expect(answer.body.code).toBe(code);
    }
  });
});

test('an original does not leave, and a document does not', async () => {
  const lesson = await createPermittedLesson(school);
  const { id } = await createSealedRecording(server.context.outside, lesson.id, school.teacher.id);
  for (const api of Object.values(stolen)) {
    for (const format of ['media', 'openpgp'])
      expect(await api.post(`/api/recordings/${id}/export`, { format })).toMatchObject({ status: 403 });
    for (const path of [
      `/api/recordings/${id}/media`,
      `/api/recordings/${id}/rendition`,
      `/api/permissions/${lesson.permissions.minor}/document`,
    ])
      expect(await api.get(path)).toMatchObject({ status: 403, body: { code: 'NOT_ALLOWED' } });
  }
});

test('nobody becomes an administrator', async () => {
  const invitation = { email: 'thief@elsewhere.example', name: 'Thief', roles: ['administrator'], days: 1 };
  for (const api of Object.values(stolen)) {
    expect(await api.post('/api/invitations', invitation)).toMatchObject({ status: 403 });
    expect(await api.patch(`/api/staff/${school.teacher.id}`, { roles: ['administrator'] })).toMatchObject({
      status: 403,
    });
    expect(await api.post('/api/tokens', { name: 'more', scopes: ['audit'], days: 1 })).toMatchObject({ status: 403 });
  }
});
