import { connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createPermittedLesson, createSchool, ok, type School } from '../support/school.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let school: School;
let own: string;
let theirs: string;

const tus = { 'tus-resumable': '1.0.0' };
const octets = { ...tus, 'content-type': 'application/offset+octet-stream' };

beforeAll(async () => {
  server = await startTestServer();
  school = await createSchool(server);
  own = await begin(school.otherTeacher, (await createPermittedLesson(school, school.otherTeacher)).id);
  theirs = await begin(school.teacher, (await createPermittedLesson(school)).id);
});
afterAll(() => server?.stop());

async function begin(by: School['teacher'], lessonId: string): Promise<string> {
  const answer = await by.request('POST', `/api/lessons/${lessonId}/uploads`, undefined, {
    ...tus,
    'upload-length': '5000000',
  });
  expect(answer.status).toBe(201);
  return answer.headers.get('location')!.split('/').at(-1)!;
}

/** A request whose target is sent as it stands, without what a client would do to it. */
function raw(method: string, target: string, headers: Record<string, string> = {}, body = ''): Promise<number> {
  const { hostname, port } = new URL(server.url);
  const lines = {
    host: `${hostname}:${port}`,
    ...school.otherTeacher.headers,
    ...octets,
    'content-length': String(body.length),
    connection: 'close',
    ...headers,
  };
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname);
    let answer = '';
    socket.on('data', (data) => {
      answer += data.toString('latin1');
    });
    socket.on('error', reject);
    socket.on('close', () => resolve(Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1])));
    const head = Object.entries(lines).map(([name, value]) => `${name}: ${value}`);
    socket.write(`${method} ${target} HTTP/1.1\r\n${head.join('\r\n')}\r\n\r\n${body}`);
  });
}

const rowOf = async (id: string) => {
  const row = await server.context.outside.database.read.upload.findUnique({ where: { id } });
  return row && { offset: Number(row.offset), state: row.state, fence: row.fence };
};

test('no way of writing the address reaches an upload that was not authorised', async () => {
  const before = await rowOf(theirs);
  const targets = [
    `/api/uploads/${own}?x=/${theirs}`,
    `/api/uploads/${own}?/${theirs}`,
    `/api/uploads/${own}?/${theirs}/`,
    `/api/uploads/${own}?${theirs}`,
    `/api/uploads/${own}/?x=/${theirs}`,
    `/api/uploads/${own};/${theirs}`,
    `/api/uploads/${own}/${theirs}`,
    `/api/uploads/${own}//${theirs}`,
    `/api/uploads/${own}%2F${theirs}`,
    `/api/uploads/${own}%5C${theirs}`,
    `/api/uploads/${own}%00/${theirs}`,
    `/api/uploads/${own}%3Fx=%2F${theirs}`,
    `/api/uploads/../uploads/${theirs}`,
    `//api/uploads/${theirs}`,
    `http://evil.example/api/uploads/${own}?x=/${theirs}`,
    `http://evil.example/${theirs}?/api/uploads/${own}`,
  ];
  for (const target of targets) {
    const head = await raw('HEAD', target);
    const patched = await raw('PATCH', target, { 'upload-offset': '0' }, 'stolen');
    const removed = await raw('DELETE', target);
    expect(Math.min(head, patched, removed), target).toBeGreaterThanOrEqual(400);
    expect(await rowOf(theirs), target).toEqual(before);
    expect(await rowOf(own), target).toMatchObject({ offset: 0, state: 'receiving' });
  }
});

test('a method of another name, a concatenation or a length given later changes nothing', async () => {
  const before = await rowOf(theirs);
  const lesson = await createPermittedLesson(school, school.otherTeacher);
  const post = `/api/lessons/${lesson.id}/uploads`;
  for (const method of ['PATCH', 'DELETE', 'HEAD'])
    for (const header of ['x-http-method-override', 'x-http-method', 'x-method-override']) {
      await raw('GET', `/api/uploads/${own}`, { [header]: method, 'upload-offset': '0' });
      await raw('POST', `${post}`, { [header]: method, 'upload-offset': '0', 'upload-length': '5' });
      expect(await raw('POST', `/api/uploads/${theirs}`, { [header]: method })).toBe(404);
    }
  const concatenations = [`final;/api/uploads/${theirs}`, 'partial', 'final;'];
  for (const concat of concatenations)
    expect(await raw('POST', post, { 'upload-concat': concat, 'upload-length': '5' })).toBe(400);
  expect(await raw('POST', post, { 'upload-defer-length': '1' })).toBe(400);
  expect(await raw('PATCH', `/api/uploads/${own}`, { 'upload-offset': '0', 'upload-length': '1' }, 'x')).toBe(400);
  expect(await rowOf(theirs)).toEqual(before);
  expect(await rowOf(own)).toMatchObject({ offset: 0, state: 'receiving' });
});

test('the address as it should be works, in capitals too, and nobody else’s does', async () => {
  expect(await raw('HEAD', `/api/uploads/${own}`)).toBe(200);
  expect(await raw('HEAD', `/api/uploads/${own.toUpperCase()}`)).toBe(200);
  expect(await raw('HEAD', `/api/uploads/${theirs}`)).toBe(404);
  expect(await raw('PATCH', `/api/uploads/${own}`, { 'upload-offset': '0' }, 'mine')).toBe(204);
  expect(await rowOf(own)).toMatchObject({ offset: 4 });
  ok(await school.teacher.get(`/api/uploads/${theirs}`));
});
