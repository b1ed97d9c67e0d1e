import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Route } from '../../src/contract/route.ts';
import { routes } from '../../src/contract/routes.ts';
import { StoreUnavailable } from '../../src/pipeline/ports/object-store.ts';
import type { Api } from '../support/api.ts';
import { signedInAuthority } from '../support/authority.ts';
import { breakQueries } from '../support/broken-queries.ts';
import { joinAsRunner } from '../support/runner.ts';
import { createPermittedLesson, createSchool, ok, type School } from '../support/school.ts';
import { createSealedRecording } from '../support/sealed-recording.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

/** With the database or the store away, every kind of route answers 503 and says when to try again; none answers 500. */
let server: TestServer;
let school: School;
let runner: Api;
let authority: Api;
let lessonId: string;
let recordingId: string;
const queries = breakQueries();

beforeAll(async () => {
  server = await startTestServer({ WORKER: 'false', OUTAGE_SECONDS: '0' });
  school = await createSchool(server);
  runner = (await joinAsRunner(server.url, school.admin)).api;
  authority = await signedInAuthority(server);
  lessonId = (await createPermittedLesson(school)).id;
  recordingId = (await createSealedRecording(server.context.outside, lessonId, school.teacher.id)).id;
});
afterAll(async () => {
  queries[Symbol.dispose]();
  await server?.stop();
});

const byRole = (): Record<string, Api> => ({
  administrator: school.admin,
  authority,
  auditor: school.auditor,
  reviewer: school.reviewer,
  teacher: school.teacher,
});
function allowed({ access }: Route): Api {
  if (access.to === 'everybody') return school.nobody;
  if (access.to === 'runner') return runner;
  if (access.to === 'staff') return school.teacher;
  return byRole()[Object.keys(access.to)[0]!]!;
}
const ids = () => ({ lessonId, recordingId }) as Record<string, string>;
const pathOf = ({ path }: Route) =>
  path.replaceAll(/:(\w+)/g, (_, name: string) => ids()[name] ?? '00000000-0000-4000-8000-000000000000');

async function ask(route: Route): Promise<{ status: number; retryAfter: string | null; text: string }> {
  const hasBody = route.body !== undefined;
  const response = await fetch(server.url + pathOf(route), {
    method: route.method.toUpperCase(),
    headers: { ...allowed(route).headers, ...(hasBody ? { 'content-type': 'application/json' } : {}) },
    ...(hasBody ? { body: '{}' } : {}),
  });
  const text = await response.text();
  return { status: response.status, retryAfter: response.headers.get('retry-after'), text };
}
const all = Object.entries(routes) as [string, Route][];
const asked = all.filter(([, { access }]) => access.to !== 'everybody');

describe('with the database away', () => {
  test.each(asked)('%s', async (_, route) => {
    queries.arm(() => 'unsent');
    const { status, retryAfter, text } = await ask(route).finally(() => queries.arm(() => 'runs'));
    expect(status, text).toBe(503);
    expect(Number(retryAfter)).toBeGreaterThan(0);
  });

  test.each(all.filter(([id]) => !asked.some(([other]) => other === id)))('%s, open to everybody', async (_, route) => {
    queries.arm(() => 'unsent');
    const { status, text } = await ask(route).finally(() => queries.arm(() => 'runs'));
    expect(status, text).not.toBe(500);
  });

  test.each(['/answer', '/signer/home', '/log/checkpoint', '/readyz', '/'])('%s', async (path) => {
    queries.arm(() => 'unsent');
    const response = await fetch(server.url + path, { headers: { cookie: 'emanet_signer=x' } });
    queries.arm(() => 'runs');
    await response.body?.cancel();
    expect(response.status).not.toBe(500);
  });
});

describe('whatever the database says when it cannot', () => {
  const fault = (message: string, code?: string) => Object.assign(new Error(message), code ? { code } : {});
  test.each([
    fault('connect ECONNREFUSED 127.0.0.1:5432', 'ECONNREFUSED'),
    fault('', 'ECONNREFUSED'), // of every address of a host
    fault('getaddrinfo EAI_AGAIN db', 'EAI_AGAIN'),
    fault('getaddrinfo ENOTFOUND db', 'ENOTFOUND'),
    fault('connect EHOSTUNREACH 10.0.0.1:5432', 'EHOSTUNREACH'),
    fault('connect ENETUNREACH 10.0.0.1:5432', 'ENETUNREACH'),
    fault('read ETIMEDOUT', 'ETIMEDOUT'),
    fault('write EPIPE', 'EPIPE'),
    fault('Client has encountered a connection error and is not queryable'),
    fault('Client was closed and is not queryable'),
    fault('timeout exceeded when trying to connect'),
    fault('timeout expired'),
    fault('Query read timeout'),
    fault('sorry, too many clients already', '53300'),
    fault('out of shared memory', '53200'),
    fault('could not extend file: No space left on device', '53100'),
    fault('the database system is in recovery mode', '57P03'),
    fault('terminating connection due to administrator command', '57P01'),
    fault('cannot execute INSERT in a read-only transaction', '25006'),
    fault('canceling statement due to statement timeout', '57014'),
  ])('%s', async (error) => {
    queries.arm(
      () => 'unsent',
      () => error,
    );
    const { status, text } = await ask(routes.listLessons).finally(() => queries.arm(() => 'runs'));
    expect(status, text).toBe(503);
    // In a transaction, and where it begins.
    for (const at of [0, 1, 2, 3, 4, 5, 6, 7, 8]) {
      queries.arm(
        (_, index) => (index >= at ? 'unsent' : 'runs'),
        () => error,
      );
      const other = await ask(routes.checkAgain).finally(() => queries.arm(() => 'runs'));
      expect(other.status, other.text).not.toBe(500);
    }
  });
});

describe('when the database goes in the middle of', () => {
  const reads = asked.filter(([, { method, answer }]) => method === 'get' && answer !== undefined);
  test.each(reads)('%s', async (_, route) => {
    let count = 0;
    queries.arm(() => {
      count++;
      return 'runs';
    });
    await ask(route);
    for (let at = 1; at < Math.min(count, 12); at++) {
      queries.arm((_, index) => (index === at ? 'unsent' : 'runs'));
      const { status, text } = await ask(route).finally(() => queries.arm(() => 'runs'));
      expect(status, `query ${at} of ${count}: ${text}`).not.toBe(500);
    }
  });
});

test('with the store away', async () => {
  const { objects } = server.context.outside;
  const away = () => {
    throw new StoreUnavailable('no answer');
  };
  Object.assign(server.context.outside, { objects: new Proxy(objects, { get: () => away }) });
  try {
    const { status, text } = await ask(routes.getOriginal);
    expect(status, text).toBe(503);
    const answer = await school.teacher.upload(lessonId, Buffer.from('x'));
    expect(answer).toMatchObject({ status: 503, body: { code: 'STORE_UNAVAILABLE' } });
  } finally {
    Object.assign(server.context.outside, { objects });
  }
  ok(await school.reviewer.get(`/api/recordings/${recordingId}`));
});
