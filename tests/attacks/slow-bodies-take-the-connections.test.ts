import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { createPermittedLesson, createSchool, type School } from '../support/school.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let school: School;
beforeAll(async () => {
  server = await startTestServer({ WORKER: 'false', CONNECTIONS_PER_ADDRESS: '150' });
  school = await createSchool(server);
});
afterAll(() => server?.stop());

async function open(text: string): Promise<{ socket: Socket; said(): string; isOpen(): boolean }> {
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
  let [said, isOpen] = ['', true];
  socket.setEncoding('utf8').on('data', (piece: string) => {
    said += piece;
  });
  socket.on('error', () => {});
  socket.once('close', () => {
    isOpen = false;
  });
  await once(socket, 'connect');
  socket.write(text);
  return { socket, said: () => said, isOpen: () => isOpen };
}
const head = (line: string, headers: readonly string[]) =>
  `${line} HTTP/1.1\r\nhost: x\r\n${headers.join('\r\n')}\r\n\r\n`;
const jsonHead = (path: string) => head(`POST ${path}`, ['content-type: application/json', 'content-length: 20000']);

test('a hundred half-sent bodies of strangers are closed, whatever they ask, and a slow upload is not', async () => {
  const { id } = await createPermittedLesson(school);
  const begun = await school.teacher.request('POST', `/api/lessons/${id}/uploads`, undefined, {
    'tus-resumable': '1.0.0',
    'upload-length': '1000000',
  });
  const url = begun.headers.get('location')!;
  const slow = await open(
    head(`PATCH ${new URL(url, server.url).pathname}`, [
      `cookie: ${school.teacher.headers.cookie}`,
      'tus-resumable: 1.0.0',
      'upload-offset: 0',
      'content-type: application/offset+octet-stream',
      'content-length: 1000000',
    ]),
  );
  const trickle = setInterval(() => slow.socket.write('x'.repeat(1_000)), 1_000);
  const asked = [
    ...Array.from({ length: 40 }, () => jsonHead('/api/session')),
    ...Array.from({ length: 20 }, () => jsonHead('/api/invitations/accept')),
    // Nobody reads these bodies at all.
    ...Array.from({ length: 10 }, () => jsonHead('/api/lessons')),
    ...Array.from({ length: 10 }, () => head('GET /', ['content-length: 20000'])),
    ...Array.from({ length: 10 }, () => jsonHead('/no-such-page')),
    // Headers that never end, and nothing at all.
    ...Array.from({ length: 5 }, () => 'GET / HTTP/1.1\r\nhost: x\r\n'),
    ...Array.from({ length: 5 }, () => ''),
  ];
  const half = await Promise.all(asked.map((text) => open(text && `${text}{"email":"a`)));
  // Some send a little now and then, so that nothing is ever silent.
  const drip = setInterval(
    () => half.filter((one) => one.isOpen()).forEach(({ socket }) => void socket.write('a')),
    2_000,
  );
  expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
  await eventually(() => !half.some((one) => one.isOpen()), 'every half-sent body to be closed');
  clearInterval(drip);
  expect(half[0]!.said()).toContain('408');
  expect(half[0]!.said()).toContain('BODY_TOO_SLOW');
  expect(slow.isOpen()).toBe(true);
  clearInterval(trickle);
  slow.socket.destroy();
  await eventually(async () => {
    const { headers } = await school.teacher.request('HEAD', url, undefined, { 'tus-resumable': '1.0.0' });
    return Number(headers.get('upload-offset')) >= 10_000;
  }, 'what came slowly to be kept');
});

test('strangers send little, people send more', async () => {
  const send = (headers: Record<string, string>, path: string, bytes: number) =>
    fetch(server.url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ email: 'a@school.example', password: 'x'.repeat(bytes) }),
    }).then(({ status }) => status);
  expect(await send({}, '/api/session', 40_000)).toBe(413);
  expect(await send(school.teacher.headers, '/api/lessons', 40_000)).toBe(400);
  expect(await send(school.teacher.headers, '/api/lessons', 3_000_000)).toBe(413);
  // No body is read before it is known who sends it.
  expect(await send({}, '/api/lessons', 40_000)).toBe(401);
  expect(await send({ authorization: 'Bearer emt_made-up-token-of-a-stranger' }, '/api/lessons', 40_000)).toBe(401);
});

test('one address does not take all connections', async () => {
  const many = await Promise.all(Array.from({ length: 350 }, () => open('').catch(() => null)));
  const left = () => many.filter((one) => one?.isOpen()).length;
  await eventually(() => left() <= 150, 'the rest to be closed');
  // A few more are taken by what the tests before keep open.
  expect(left()).toBeGreaterThan(130);
  for (const one of many) one?.socket.destroy();
  const isServed = () =>
    fetch(`${server.url}/healthz`).then(
      ({ status }) => status === 200,
      () => false,
    );
  await eventually(isServed, 'the address to be served again');
});

test('headers are few and short', async () => {
  // The server closes without reading the rest, so the answer can be lost on its way: then it is asked again.
  await eventually(async () => {
    const long = await open(head('GET /healthz', [`x-long: ${'a'.repeat(20_000)}`]));
    await eventually(() => !long.isOpen(), 'the connection to end');
    expect(long.said()).toMatch(/^(HTTP\/1\.1 431 |$)/);
    return long.said() !== '';
  }, 'the answer to arrive');
});
