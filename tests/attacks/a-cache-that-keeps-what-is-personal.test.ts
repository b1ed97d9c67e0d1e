import { randomUUID } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Route } from '../../src/contract/route.ts';
import { type RouteId, routes } from '../../src/contract/routes.ts';
import { staffRoles } from '../../src/domain/ids.ts';
import { type Api, signedInStaff } from '../support/api.ts';
import { createPermittedLesson, createSchool, ok, type School } from '../support/school.ts';
import { createSealedRecording } from '../support/sealed-recording.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let school: School;
let everything: Api;
let objects: Record<string, string>;
beforeAll(async () => {
  server = await startTestServer({ WORKER: 'false' });
  school = await createSchool(server);
  everything = await signedInStaff(server, 'Every Role', [...staffRoles]);
  const lesson = await createPermittedLesson(school);
  const { id } = await createSealedRecording(server.context.outside, lesson.id, school.teacher.id, {
    mediaBytes: 10_000,
  });
  objects = {
    lessonId: lesson.id,
    permissionId: lesson.permissions.minor,
    recordingId: id,
    about: 'recording',
    subjectId: id,
    jobId: '999999',
    track: '0',
    token: 'x'.repeat(43),
  };
});
afterAll(() => server?.stop());

/** This one would end the session that the walk uses. */
const all = (Object.entries(routes) as [RouteId, Route][]).filter(([id]) => id !== 'signOut');
const ask = (api: Api, route: Route) =>
  api.request(
    route.method.toUpperCase(),
    route.path.replace(/:(\w+)/g, (_, name: string) => objects[name] ?? randomUUID()),
    ['get', 'head', 'options', 'delete'].includes(route.method) || route.form ? undefined : {},
    route.path.includes('/uploads') ? { 'tus-resumable': '1.0.0' } : {},
  );

describe('no answer of the API may be kept', () => {
  test.each(all)('%s', async (_, route) => {
    for (const api of [everything, school.nobody]) {
      const { headers } = await ask(api, route);
      expect(headers.get('cache-control')).toMatch(/\bno-store\b/);
      expect(headers.get('cache-control')).not.toMatch(/public|max-age|immutable/);
      // Media is told apart by what it is for a player; nothing else is.
      if (!/\/(media|rendition)/.test(route.path)) expect(headers.get('etag')).toBeNull();
    }
  });

  test('what is there to be had: lists, media, exports, packs, the log', async () => {
    // One that the walk has not touched.
    const { id: recordingId } = await createSealedRecording(
      server.context.outside,
      objects.lessonId!,
      school.teacher.id,
      { mediaBytes: 10_000 },
    );
    for (const answer of [
      await everything.get('/api/session'),
      await everything.get('/api/staff'),
      await everything.get(`/api/recordings/${recordingId}/media`),
      await everything.get(`/api/recordings/${recordingId}/rendition`),
      await everything.post(`/api/recordings/${recordingId}/export`, { format: 'media' }),
      await everything.get('/api/audit'),
      await everything.get('/api/audit/export'),
      await everything.get(`/api/audit/evidence/recording/${recordingId}`),
    ]) {
      ok(answer);
      expect(answer.headers.get('cache-control')).toBe('private, no-store');
    }
  });

  test('nor what is not there, what is broken, and what operators ask', async () => {
    for (const path of ['/api/no-such-thing', '/no-such-page', '/healthz', '/readyz', '/metrics', '/log/tile/0/000'])
      expect((await school.nobody.get(path)).headers.get('cache-control'), path).toBe('private, no-store');
    const broken = await fetch(`${server.url}/api/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{',
    });
    expect([broken.status, broken.headers.get('cache-control')]).toEqual([400, 'private, no-store']);
  });
});

test('files of the pages are kept for good, the page itself by nobody, and the rest is asked for again', async () => {
  const [script] = readdirSync(join(import.meta.dirname, '../../dist/web/assets')).filter((name) =>
    name.endsWith('.js'),
  );
  for (const [path, kept] of [
    ['/', 'no-store'],
    ['/watch', 'no-store'],
    ['/courses/new', 'no-store'],
    [`/assets/${script}`, 'public, max-age=31536000, immutable'],
    ['/api/docs', 'private, no-store'],
  ]) {
    const answer = await fetch(server.url + path, { headers: { accept: 'text/html' } });
    expect([path, answer.status, answer.headers.get('cache-control')]).toEqual([path, 200, kept]);
  }
});
