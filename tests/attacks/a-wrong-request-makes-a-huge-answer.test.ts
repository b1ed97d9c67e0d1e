import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { putPupils } from '../support/participants.ts';
import { createPermittedLesson, createSchool, inDays, type School } from '../support/school.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let school: School;
let lessonId: string;

beforeAll(async () => {
  server = await startTestServer({ WORKER: 'false' });
  school = await createSchool(server);
  lessonId = (await createPermittedLesson(school)).id;
});
afterAll(() => server?.stop());

const filled = (bytes: number, one: string) => `[${Array(Math.floor(bytes / (one.length + 1))).fill(one)}]`;

async function send(path: string, body: string, headers: Record<string, string> = school.teacher.headers) {
  const response = await fetch(server.url + path, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    body,
  });
  const text = await response.text();
  return { status: response.status, bytes: text.length, text };
}

describe('a wrong request of 200 KB has a small answer', () => {
  const lesson = (rest: string) =>
    `{"title":"x","reason":"x","plannedStart":"${inDays(1)}","plannedEnd":"${inDays(2)}","supervisorName":"x",${rest}}`;
  const permission = (rest: string) => `{"status":"granted",${rest}}`;
  const rows: [string, () => string, string][] = [
    ['participants that are numbers', () => '/api/lessons', lesson(`"participants":${filled(200_000, '1')}`)],
    ['participants that are empty', () => '/api/lessons', lesson(`"participants":${filled(200_000, '{}')}`)],
    ['500 empty participants', () => '/api/lessons', lesson(`"participants":[${Array(500).fill('{}')}]`)],
    [
      '500 participants of six wrong guardians',
      () => '/api/lessons',
      lesson(`"participants":[${Array(500).fill(`{"guardians":[${Array(6).fill('{}')}]}`)}]`),
    ],
    ['guardians', () => '/api/lessons', lesson(`"participants":[{"guardians":${filled(200_000, '{}')}}]`)],
    ['purposes', () => `/api/lessons/${lessonId}/permissions`, permission(`"purposes":${filled(200_000, '"x"')}`)],
    [
      'purposes again and again',
      () => `/api/lessons/${lessonId}/permissions`,
      permission(`"purposes":${filled(200_000, '"record"')}`),
    ],
    ['releaseTo', () => `/api/lessons/${lessonId}/permissions`, permission(`"releaseTo":${filled(200_000, '0')}`)],
    ['a long name', () => '/api/lessons', lesson(`"title":"${'x'.repeat(200_000)}"`)],
    ['many fields', () => '/api/lessons', `{${Array.from({ length: 15_000 }, (_, i) => `"field${i}":[]`)}}`],
    ['a deep list', () => '/api/lessons', `{"title":${'['.repeat(100_000)}${']'.repeat(100_000)}}`],
    ['deep objects', () => '/api/lessons', `${'{"a":'.repeat(30_000)}1${'}'.repeat(30_000)}`],
    ['scopes of a token', () => '/api/tokens', `{"name":"x","scopes":${filled(15_000, '"x"')}}`],
  ];
  test.each(rows)('%s', async (_, path, body) => {
    const answer = await send(path(), body);
    expect([400, 413]).toContain(answer.status);
    expect(answer.bytes).toBeLessThan(12_000);
  });

  const list = (text: string) => JSON.stringify({ text });
  test.each<[string, string]>([
    ['columns that nobody knows', Array(100_000).fill('x').join(',')],
    ['one long column', 'x'.repeat(900_000)],
    ['a column again and again, and many lines', `${Array(80_000).fill('title').join(',')}\n${'a\n'.repeat(9_999)}`],
    ['a long name of a file, twice', `file\n${'x'.repeat(400_000)}\n${'x'.repeat(400_000)}`],
    ['lines without a file', `file,title\n${',x\n'.repeat(9_999)}`],
    ['more lines than there may be', `file\n${'a\n'.repeat(300_000)}`],
  ])('a list of works with %s', async (_, text) => {
    const answer = await send('/api/works/list', list(text), school.reviewer.headers);
    expect(answer.status).toBe(400);
    expect(answer.bytes).toBeLessThan(12_000);
  });

  test('and a small entry on the log', async () => {
    await send('/api/lessons', lesson(`"participants":[${Array(500).fill('{}')}]`));
    const { rows: found } = await server.context.outside.database.read.$queryRaw<{ bytes: number }[]>`
      SELECT length(canonical) AS bytes FROM audit_arrival ORDER BY arrival DESC LIMIT 1`.then((rows) => ({ rows }));
    expect(found[0]!.bytes).toBeLessThan(4_000);
  });
});

test('twenty reasons are told, and how many more there are', async () => {
  const { text } = await send('/api/lessons', '{"participants":[{},{},{},{},{},{},{},{},{},{},{},{}]}');
  const { reasons, detail } = JSON.parse(text) as {
    reasons: { code: string; text: string }[];
    detail: string;
  };
  expect(reasons).toHaveLength(21);
  expect(reasons.at(-1)).toMatchObject({ code: 'MORE' });
  expect(reasons.at(-1)!.text).toMatch(/^(… and \d+ more|… ve \d+ neden daha)\.$/);
  expect(detail.length).toBeLessThan(4_000);
});

test('a gate that is closed by a whole school names everybody where it is asked, and twenty in a refusal', async () => {
  const { id } = await createPermittedLesson(school);
  const { database } = server.context.outside;
  await putPupils(database.read, id, 300);
  const gate = await school.teacher.get(`/api/lessons/${id}/gate`);
  expect(gate.body.reasons).toHaveLength(300);
  const refused = await school.teacher.upload(id, Buffer.from('RIFF'));
  expect(refused).toMatchObject({ status: 403, body: { code: 'PERMISSION_MISSING' } });
  expect(refused.body.reasons).toHaveLength(21);
  expect(refused.body.reasons.at(-1).text).toBe('… and 280 more.');
});

test('a lesson does not grow without end', async () => {
  const { id } = await createPermittedLesson(school);
  const { database } = server.context.outside;
  await putPupils(database.read, id, 498);
  const add = () =>
    school.teacher.post(`/api/lessons/${id}/participants`, { name: 'One more', kind: 'guest', isMinor: false });
  expect(await add()).toMatchObject({ status: 400, body: { reasons: [{ code: 'TOO_MANY' }] } });
});

describe('what a stranger sends is not parsed', () => {
  const broken = '{"title":';
  test('before it is known who asks', async () => {
    expect((await send('/api/lessons', broken, {})).status).toBe(401);
    expect((await send('/api/lessons', `[${'1,'.repeat(450_000)}1]`, {})).status).toBe(401);
    expect((await send('/api/lessons', broken)).status).toBe(400);
    expect((await send('/api/lessons/none/permissions', broken, {})).status).toBe(401);
    expect((await send('/api/nothing', broken, {})).status).toBe(404);
  });
  test('beyond what a sign-in or an invitation needs', async () => {
    const large = JSON.stringify({ email: 'a@school.example', password: 'x'.repeat(20_000) });
    expect((await send('/api/session', large, {})).status).toBe(413);
    expect((await send('/api/invitations/accept', large, {})).status).toBe(413);
  });
  test('nor a body that was made small for the way', async () => {
    const { gzipSync } = await import('node:zlib');
    const response = await fetch(`${server.url}/api/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' },
      body: gzipSync(Buffer.from(`{"email":"${'x'.repeat(20_000_000)}"}`)),
    });
    expect([400, 413]).toContain(response.status);
  });
});
