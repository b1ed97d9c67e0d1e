import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { Route } from '../../src/contract/route.ts';
import { routes } from '../../src/contract/routes.ts';
import type { Api } from '../support/api.ts';
import { signedInAuthority } from '../support/authority.ts';
import { joinAsRunner } from '../support/runner.ts';
import { createPermittedLesson, createSchool, type School } from '../support/school.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let school: School;
let runner: Api;
let authority: Api;
let lesson: Awaited<ReturnType<typeof createPermittedLesson>>;

beforeAll(async () => {
  server = await startTestServer({ WORKER: 'false' });
  school = await createSchool(server);
  runner = (await joinAsRunner(server.url, school.admin)).api;
  authority = await signedInAuthority(server);
  lesson = await createPermittedLesson(school);
});
afterAll(() => server?.stop());

/** Each is put where something else belongs. */
const odd = [
  '\0',
  'a\0b',
  '00000000-0000-4000-8000-00000000000\0',
  '9223372036854775808',
  '9'.repeat(19),
  '9'.repeat(400),
  '-1',
  '1e308',
  'NaN',
  '../../etc/passwd',
  '__proto__',
  "'; DROP TABLE lesson; --",
  '\ud800',
  '\u202e',
  '%',
  '{}',
];
const escaped = (text: string) => encodeURIComponent(text.isWellFormed() ? text : text.toWellFormed());

async function ask(by: Api, method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
  const response = await fetch(server.url + path, {
    method: method.toUpperCase(),
    headers: { ...by.headers, ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  await response.body?.cancel();
  return response.status;
}
/** Somebody who may ask, as far as roles go. */
function allowed({ access }: Route): Api[] {
  if (access.to === 'everybody') return [school.nobody];
  if (access.to === 'runner') return [runner];
  if (access.to === 'staff') return [school.teacher];
  const by: Record<string, Api> = {
    administrator: school.admin,
    authority,
    auditor: school.auditor,
    reviewer: school.reviewer,
    teacher: school.teacher,
  };
  return Object.keys(access.to).map((role) => by[role]!);
}
/** Ends nothing that the other tests need. */
const untouched = new Set(['signOut', 'setLanguage']);
const all = (Object.entries(routes) as [string, Route][]).filter(([id]) => !untouched.has(id));

describe('in the path', () => {
  test.each(all.filter(([, route]) => route.params))('%s', async (_, route) => {
    const names = [...route.path.matchAll(/:(\w+)/g)].map(([, name]) => name!);
    for (const value of odd)
      for (const by of allowed(route)) {
        const path = names.reduce((path, name) => path.replace(`:${name}`, escaped(value)), route.path);
        const status = await ask(by, route.method, path);
        expect(status, `${route.method} ${path}`).toBeGreaterThanOrEqual(400);
        expect(status, `${route.method} ${path}`).toBeLessThan(500);
      }
  });
});

describe('in the query', () => {
  const fieldsOf = (schema: z.ZodType): string[] =>
    schema instanceof z.ZodObject
      ? Object.keys(schema.shape)
      : schema instanceof z.ZodPipe
        ? fieldsOf(schema.in as z.ZodType)
        : [];
  test.each(all.filter(([, route]) => route.query))('%s', async (_, route) => {
    const path = route.path.replace(':lessonId', lesson.id);
    for (const field of fieldsOf(route.query!))
      for (const value of odd) {
        const status = await ask(allowed(route)[0]!, route.method, `${path}?${field}=${escaped(value)}`);
        expect(status, `${path}?${field}=${escaped(value)}`).toBeLessThan(500);
      }
  });
});

describe('in the body', () => {
  const bodies = [
    '{"title":"a\\u0000b","name":"\\u0000","note":"\\u0000","why":"\\u0000","reason":"\\u0000"}',
    '{"nobody":{"knows":["this","\\u0000"]}}',
    '{"title":"\\ud800"}',
    '{"__proto__":{"x":1},"constructor":{"prototype":{}}}',
    '"\\u0000"',
    '[]',
    'null',
    '7',
    '',
    '{"id":1e400}',
  ];
  test.each(all.filter(([, route]) => route.body))('%s', async (_, route) => {
    const path = route.path.replaceAll(/:\w+/g, lesson.id);
    for (const body of bodies) {
      const status = await ask(allowed(route)[0]!, route.method, path, body);
      expect(status, `${route.method} ${path} ${body}`).toBeLessThan(500);
    }
  });
  test('text that a database cannot hold is refused wherever it stands', async () => {
    const status = await ask(school.teacher, 'POST', `/api/permissions/${lesson.permissions.adult}/withdraw`, {
      note: 'a\0b',
    });
    expect(status).toBe(400);
    const unknown = { unknown: { deep: ['\0'] } };
    expect(await ask(school.teacher, 'PATCH', `/api/lessons/${lesson.id}`, unknown)).toBe(400);
  });
});

describe('in what tus takes', () => {
  const b64 = (text: string) => Buffer.from(text).toString('base64');
  const begin = (headers: Record<string, string>) =>
    ask(school.teacher, 'POST', `/api/lessons/${lesson.id}/uploads`, undefined, {
      'tus-resumable': '1.0.0',
      'upload-length': '10',
      ...headers,
    });
  test.each([
    ['a file name with a NUL', `filename ${b64('a\0.mp4')}`],
    ['a type with a NUL', `filetype ${b64('video/\0mp4')}`],
    ['anything with a NUL', `filename ${b64('a.mp4')},whatever ${b64('\0')}`],
    ['a long value', `filename ${b64('x'.repeat(5_000))}`],
    ['many values', Array.from({ length: 60 }, (_, i) => `k${i} ${b64('x')}`).join(',')],
    ['a long name', `${'k'.repeat(300)} ${b64('x')}`],
  ])('%s', async (_, metadata) => {
    expect(await begin({ 'upload-metadata': metadata })).toBe(400);
  });
  test('octets that are no text are taken for what can be read of them', async () => {
    const octets = Buffer.from([0xff, 0xfe, 0xed, 0xa0, 0x80]).toString('base64');
    expect(await begin({ 'upload-metadata': `filename ${octets}` })).toBe(201);
  });
  test.each(['9'.repeat(19), '9'.repeat(400), '-1', '1.5', '1e3', 'x', '0x10', ' '])(
    'a length of %s',
    async (length) => {
      const status = await begin({ 'upload-length': length });
      expect(status).toBeGreaterThanOrEqual(400);
      expect(status).toBeLessThan(500);
    },
  );
});

test('in a form', async () => {
  const boundary = 'x';
  const send = (name: string, value: string, type = 'video/mp4') =>
    fetch(`${server.url}/api/lessons/${lesson.id}/recordings`, {
      method: 'POST',
      headers: { ...school.teacher.headers, 'content-type': `multipart/form-data; boundary=${boundary}` },
      body: `--x\r\nContent-Disposition: form-data; name="bytes"\r\n\r\n${value}\r\n--x\r\nContent-Disposition: form-data; name="file"; filename="${name}"\r\nContent-Type: ${type}\r\n\r\nRIFF\r\n--x--\r\n`,
    });
  for (const response of await Promise.all([
    send('a\0.mp4', '4'),
    send('a.mp4', '\0'),
    send('a.mp4', '9'.repeat(400)),
    send('a.mp4', '4', 'video/\0'),
    send('%00.mp4', '4', 'x'.repeat(3_000)),
  ])) {
    await response.body?.cancel();
    expect(response.status).toBeGreaterThanOrEqual(400);
    expect(response.status).toBeLessThan(500);
  }
});

test.each([
  '/log/tile/0/999',
  `/log/tile/0/${'x999/'.repeat(30)}999`,
  `/log/tile/${'9'.repeat(30)}/000`,
  '/log/tile/0/%00',
  '/log/checkpoint%00',
  '/assets/%00',
  '/assets/..%2f..%2fpackage.json',
  '/api/%00',
  '/%ff',
  '/%00',
])('%s', async (path) => {
  const status = await ask(school.nobody, 'GET', path);
  expect(status).toBeGreaterThanOrEqual(400);
  expect(status).toBeLessThan(500);
});
