import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, expect, test } from 'vitest';
import { createClient } from '../../../src/client/api-client.ts';
import { ApiProblem, ServerUnreachable, UnexpectedAnswer } from '../../../src/client/errors.ts';

let server: Server;
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

async function serve(answer: (req: IncomingMessage, res: ServerResponse) => void): Promise<string> {
  server = createServer(answer);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function json(res: ServerResponse, status: number, body: unknown, type = 'application/json'): void {
  res.writeHead(status, { 'Content-Type': type });
  res.end(JSON.stringify(body));
}

const person = {
  id: 'u1',
  name: 'Ada',
  email: 'ada@school.example',
  roles: ['teacher'],
  secondFactor: false,
  language: 'tr',
  disabledAt: null,
  ofProvider: false,
  rolesOfProvider: false,
  isEmergency: false,
};
const session = {
  person,
  secondFactorMissing: false,
  codeBesideProvider: false,
  scopes: null,
  school: null,
  schools: [],
};

test('parameters go into the path, the query leaves out what is undefined', async () => {
  const asked: string[] = [];
  const url = await serve((req, res) => {
    asked.push(`${req.method} ${req.url}`);
    json(res, 200, { items: [], next: null });
  });
  const client = createClient({ baseUrl: `${url}/` });
  await client.call('listRecordings', { query: { state: 'sealed', lessonId: undefined } });
  await client.call('listLinks', { params: { releaseId: 'a/b' } });
  expect(asked).toEqual(['GET /api/recordings?state=sealed', 'GET /api/releases/a%2Fb/links']);
});

test('a problem is thrown with its code, its reasons and the number of the request', async () => {
  const problem = {
    type: 'x',
    title: 'Önce oturum açın.',
    status: 401,
    code: 'NOT_SIGNED_IN',
    reasons: [],
    requestId: 'r7',
  };
  const url = await serve((_req, res) => json(res, 401, problem, 'application/problem+json; charset=utf-8'));
  const attempt = createClient({ baseUrl: url, language: 'tr' }).call('getSchool');
  await expect(attempt).rejects.toBeInstanceOf(ApiProblem);
  await expect(attempt).rejects.toMatchObject({
    code: 'NOT_SIGNED_IN',
    title: 'Önce oturum açın.',
    status: 401,
    requestId: 'r7',
    detail: null,
  });
});

test.each([
  ['a page of some other server', 200, 'text/html', '<html>'],
  ['a proxy’s error page', 502, 'text/html', 'Bad Gateway'],
  ['JSON of another shape', 200, 'application/json', '{"hello":1}'],
])('%s is not taken for an answer', async (_what, status, type, body) => {
  const url = await serve((_req, res) => {
    res.writeHead(status, { 'Content-Type': type });
    res.end(body);
  });
  await expect(createClient({ baseUrl: url }).call('getSchool')).rejects.toBeInstanceOf(UnexpectedAnswer);
});

test('the cookies of a sign-in come with the next call, and a removed cookie does not', async () => {
  const cookies: (string | undefined)[] = [];
  const url = await serve((req, res) => {
    cookies.push(req.headers.cookie);
    if (req.method === 'POST') res.setHeader('Set-Cookie', ['s=a=b; HttpOnly; Path=/', 'gone=1', 'gone=; Max-Age=0']);
    json(res, 200, session);
  });
  const client = createClient({ baseUrl: url });
  const { cookie } = await client.signIn({ email: 'ada@school.example', password: 'x' });
  await client.call('getSession');
  expect(cookie).toBe('s=a=b');
  expect(cookies).toEqual([undefined, 's=a=b']);
});

test('a download streams, and one that breaks off is an error and no short file', async () => {
  let isBreaking = false;
  const url = await serve((_req, res) => {
    res.writeHead(200, { 'Content-Type': 'application/jsonl' });
    res.write('{"seq":1}\n');
    if (isBreaking) setTimeout(() => res.destroy(), 50);
    else res.end('{"seq":2}\n');
  });
  const client = createClient({ baseUrl: url });
  expect(await text((await client.download('exportAudit', {})).stream)).toBe('{"seq":1}\n{"seq":2}\n');
  isBreaking = true;
  const { stream } = await client.download('exportAudit', {});
  await expect(text(stream)).rejects.toBeInstanceOf(ServerUnreachable);
});
