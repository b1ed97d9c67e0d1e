import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { holdGate } from '../../../src/pipeline/core/gate-record.ts';
import { mirrorPrefix } from '../../../src/pipeline/oversight/publish-log.ts';
import { eventually } from '../../support/eventually.ts';
import { createPermittedLesson, createSchool, ok, pseudonymIn, type School, until } from '../../support/school.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';

let server: TestServer;
let school: School;
let lesson: Awaited<ReturnType<typeof createPermittedLesson>>;
const fixture = join(import.meta.dirname, '../../../src/demo/assets/zoom-ruby-gem-walkthrough.mp4');
let media: Buffer;

beforeAll(async () => {
  server = await startTestServer({ WORKER: 'false', MAX_RECORDING_BYTES: String(8 * 2 ** 20) });
  school = await createSchool(server);
  media = await readFile(fixture);
});
beforeEach(async () => {
  lesson = await createPermittedLesson(school);
});
afterAll(() => server?.stop());

/** What is left of an upload that was not accepted: rows and objects, both of which have to be none. */
async function leftovers() {
  const { database, objects } = server.context.outside;
  const rows = await database.read.recording.findMany({ where: { lessonId: lesson.id } });
  const keys: string[] = [];
  for await (const { key } of objects.list('')) {
    const known = await database.read.sealedObject.findFirst({ where: { bodyKey: key.replace(/envelope$/, 'body') } });
    if (!known && !key.startsWith(mirrorPrefix)) keys.push(key);
  }
  return { rows: rows.length, keys };
}
const lastEntry = async (action: string) => {
  const { entries } = ok(await school.auditor.get(`/api/audit?lesson=${lesson.id}&action=${action}&limit=1`));
  return entries[0]?.entry;
};

/** A raw HTTP/1.1 connection, to stop, stall and lie as browsers cannot. */
async function rawUpload(headers: Record<string, string>, body: Buffer, end: 'destroy' | 'keep') {
  const { hostname, port } = new URL(server.url);
  const socket = createConnection(Number(port), hostname);
  await once(socket, 'connect');
  let answer = '';
  socket.on('data', (piece) => {
    answer += piece.toString('latin1');
  });
  socket.on('error', () => {});
  const lines = Object.entries({
    host: `${hostname}:${port}`,
    cookie: school.teacher.headers.cookie!,
    'accept-language': 'en',
    ...headers,
  });
  socket.write(
    `POST /api/lessons/${lesson.id}/recordings HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`,
  );
  if (body.length > 0) socket.write(body);
  if (end === 'destroy') {
    await new Promise((resolve) => setTimeout(resolve, 300));
    socket.destroy();
  }
  return { socket, answer: () => answer };
}
const boundary = 'x-boundary';
const formHead = (fields: Record<string, string> = {}, type = 'video/mp4') =>
  Buffer.from(
    `${Object.entries(fields)
      .map(([name, value]) => `--${boundary}\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`)
      .join(
        '',
      )}--${boundary}\r\ncontent-disposition: form-data; name="file"; filename="a.mp4"\r\ncontent-type: ${type}\r\n\r\n`,
  );
const formHeaders = (bytes: number) => ({
  'content-type': `multipart/form-data; boundary=${boundary}`,
  'content-length': String(bytes),
});

test('an accepted upload is sealed, byte for byte, and nothing of it is readable in the store', async () => {
  const recording = ok(await school.teacher.upload(lesson.id, media));
  expect(recording).toMatchObject({ state: 'sealed', bytes: media.length, fileName: 'lesson.mp4' });
  const { objects, database } = server.context.outside;
  const row = await database.read.sealedObject.findFirstOrThrow({ where: { recording: { id: recording.id } } });
  const stored: Buffer[] = [];
  for await (const piece of await objects.get(row.bodyKey)) stored.push(Buffer.from(piece));
  const body = Buffer.concat(stored);
  for (let at = 0; at < media.length; at += 64 * 1024) expect(body.includes(media.subarray(at, at + 32))).toBe(false);
});

describe('the gate is asked before a byte is read', () => {
  test('a client that asks first is told no and never sends its file', async () => {
    ok(await school.teacher.post(`/api/permissions/${lesson.permissions.minor}/withdraw`));
    const { socket, answer } = await rawUpload(
      { ...formHeaders(1e9), expect: '100-continue' },
      Buffer.alloc(0),
      'keep',
    );
    await eventually(() => answer().includes('\r\n\r\n{'), 'an answer');
    socket.destroy();
    expect(answer()).toMatch(/^HTTP\/1\.1 (403|413)/);
    expect(answer()).not.toContain('100 Continue');
  });
  test('the refusal names everybody who is missing, and is on the log', async () => {
    ok(
      await school.teacher.post(`/api/lessons/${lesson.id}/participants`, {
        name: 'Ege Late',
        kind: 'pupil',
        isMinor: true,
        guardians: [{ name: 'Nur Late', contact: 'x' }],
      }),
    );
    const refused = await school.teacher.upload(lesson.id, media);
    expect(refused).toMatchObject({ status: 403, body: { code: 'PERMISSION_MISSING' } });
    expect(refused.headers.get('content-type')).toContain('application/problem+json');
    expect(refused.body.reasons).toMatchObject([
      { code: 'PERMISSION_MISSING', subject: { kind: 'participant', name: 'Ege Late' } },
    ]);
    expect(refused.body.detail).toBe('Ege Late: there is no permission.');
    expect(await leftovers()).toEqual({ rows: 0, keys: [] });
    const entry = await lastEntry('gate.refused');
    expect(entry.details.reasons).toMatchObject([
      {
        code: 'PERMISSION_MISSING',
        subject: await pseudonymIn(server, 'participant', refused.body.reasons[0].subject.id),
      },
    ]);
    expect(JSON.stringify(entry)).not.toContain('Ege');
  });
  test('in Turkish for whoever reads Turkish', async () => {
    ok(await school.teacher.post(`/api/permissions/${lesson.permissions.minor}/withdraw`));
    const form = new FormData();
    form.set('file', new Blob(['x']), 'a.mp4');
    const refused = await school.teacher.post(`/api/lessons/${lesson.id}/recordings`, form, {
      'accept-language': 'tr',
    });
    expect(refused.body.detail).toBe('Ada Example: İzin geri çekildi.');
  });
});

describe('leaves nothing and says why', () => {
  const rows: [string, Buffer, { type?: string; fields?: Record<string, string> }, number, string][] = [
    ['an empty file', Buffer.alloc(0), {}, 422, 'NOT_MEDIA'],
    ['a text file named .mp4', Buffer.from('Dear all, the lesson is at nine.\n'), {}, 422, 'NOT_MEDIA'],
    ['an ffconcat script named .mp4', Buffer.from("ffconcat version 1.0\nfile '/etc/passwd'\n"), {}, 422, 'NOT_MEDIA'],
    [
      'an HLS playlist named .mp4',
      Buffer.from('#EXTM3U\n#EXTINF:10,\nhttp://127.0.0.1:18080/x.ts\n'),
      {},
      422,
      'NOT_MEDIA',
    ],
    ['noise', Buffer.from(Array.from({ length: 4096 }, (_, i) => (i * 7919) % 251)), {}, 422, 'NOT_MEDIA'],
    ['a declared type that is no recording', Buffer.from('x'), { type: 'application/pdf' }, 415, 'MEDIA_NOT_ALLOWED'],
    ['fewer bytes than declared', Buffer.from('x'), { fields: { bytes: '2' } }, 422, 'SIZE_MISMATCH'],
    ['more bytes than declared', Buffer.from('xyz'), { fields: { bytes: '2' } }, 422, 'SIZE_MISMATCH'],
    ['a declared size over the limit', Buffer.from('x'), { fields: { bytes: '99999999' } }, 413, 'TOO_LARGE'],
    ['a declared size that is no number', Buffer.from('x'), { fields: { bytes: 'many' } }, 400, 'INVALID_REQUEST'],
    ['another digest than declared', Buffer.from('x'), { fields: { sha256: '0'.repeat(64) } }, 422, 'SIZE_MISMATCH'],
    ['more bytes than the limit', Buffer.alloc(9 * 2 ** 20), { fields: {} }, 413, 'TOO_LARGE'],
  ];
  test.each(rows)('%s', async (_, bytes, options, status, code) => {
    const refused = await school.teacher.upload(lesson.id, bytes, options);
    expect(refused).toMatchObject({ status, body: { code } });
    if (code !== 'TOO_LARGE' || options.fields?.bytes) expect(refused.body.reasons.length).toBeGreaterThan(0);
    expect(await leftovers()).toEqual({ rows: 0, keys: [] });
  });

  test('a file cut short', async () => {
    const refused = await school.teacher.upload(lesson.id, media.subarray(0, media.length / 2));
    expect([201, 422]).toContain(refused.status);
    if (refused.status === 422) expect(await leftovers()).toEqual({ rows: 0, keys: [] });
  });

  test('a form without a file', async () => {
    const form = new FormData();
    form.set('bytes', '3');
    expect(await school.teacher.post(`/api/lessons/${lesson.id}/recordings`, form)).toMatchObject({
      status: 400,
      body: { code: 'NO_FILE' },
    });
    expect(await leftovers()).toEqual({ rows: 0, keys: [] });
  });

  test('two files in one form', async () => {
    const form = new FormData();
    form.append('file', new Blob([media]), 'a.mp4');
    form.append('file', new Blob([media]), 'b.mp4');
    expect(await school.teacher.post(`/api/lessons/${lesson.id}/recordings`, form)).toMatchObject({
      status: 400,
      body: { code: 'INVALID_REQUEST' },
    });
    expect(await leftovers()).toEqual({ rows: 0, keys: [] });
  });

  test('JSON in place of a form', async () => {
    expect(await school.teacher.post(`/api/lessons/${lesson.id}/recordings`, { file: 'x' })).toMatchObject({
      status: 400,
      body: { code: 'INVALID_REQUEST' },
    });
    expect(await leftovers()).toEqual({ rows: 0, keys: [] });
  });

  test.each([
    [
      'in the middle of the file',
      () => Buffer.concat([formHead({ bytes: String(media.length) }), media.subarray(0, media.length / 2)]),
    ],
    ['before the file', () => Buffer.from(`--${boundary}\r\n`)],
    [
      'after the last byte of the file, before the end of the form',
      () => Buffer.concat([formHead({ bytes: String(media.length) }), media]),
    ],
  ])('a client that vanishes %s', async (_, body) => {
    await rawUpload(formHeaders(media.length + 10_000), body(), 'destroy');
    await eventually(async () => (await lastEntry('recording.upload_failed')) !== undefined, 'an entry on the log');
    expect(await lastEntry('recording.upload_failed')).toMatchObject({
      outcome: 'failed',
      details: { code: 'UPLOAD_INCOMPLETE' },
    });
    expect(await leftovers()).toEqual({ rows: 0, keys: [] });
  });
});

test('nobody sees a recording while it arrives', async () => {
  const body = Buffer.concat([formHead({ bytes: String(media.length) }), media.subarray(0, media.length / 2)]);
  const { socket } = await rawUpload(formHeaders(media.length + 10_000), body, 'keep');
  const { database } = server.context.outside;
  await eventually(
    async () => (await database.read.recording.count({ where: { lessonId: lesson.id, state: 'receiving' } })) === 1,
    'an upload on its way',
  );
  const row = await database.read.recording.findFirstOrThrow({ where: { lessonId: lesson.id } });
  expect(ok(await school.teacher.get(`/api/recordings?lessonId=${lesson.id}`)).items).toEqual([]);
  expect(
    ok(await school.teacher.get('/api/recordings?state=receiving')).items.filter(
      (r: { id: string }) => r.id === row.id,
    ),
  ).toEqual([]);
  for (const api of [school.teacher, school.reviewer, school.admin])
    expect((await api.get(`/api/recordings/${row.id}`)).status).toBe(404);
  expect((await school.reviewer.get(`/api/recordings/${row.id}/media`)).status).toBe(404);
  socket.destroy();
  await eventually(async () => (await leftovers()).rows === 0, 'the row to go');
});

test('a permission withdrawn while the file is on its way refuses the seal', async () => {
  const whole = Buffer.concat([
    formHead({ bytes: String(media.length) }),
    media,
    Buffer.from(`\r\n--${boundary}--\r\n`),
  ]);
  const { socket, answer } = await rawUpload(formHeaders(whole.length), whole.subarray(0, 100_000), 'keep');
  const { database } = server.context.outside;
  await eventually(
    async () => (await database.read.recording.count({ where: { lessonId: lesson.id } })) === 1,
    'an upload on its way',
  );
  ok(await school.teacher.post(`/api/permissions/${lesson.permissions.adult}/withdraw`));
  socket.write(whole.subarray(100_000));
  await eventually(() => answer().includes('PERMISSION_MISSING'), 'a refusal');
  socket.destroy();
  expect(await leftovers()).toEqual({ rows: 0, keys: [] });
});

test('uploads into one lesson do not wait for each other; a withdrawal waits for whoever has asked the gate', async () => {
  const { database } = server.context.outside;
  const committed = Promise.withResolvers<void>();
  const asked = Promise.withResolvers<void>();
  const asking = database.transact({ actor: { kind: 'system', id: 'test' } }, async (tx) => {
    await holdGate(tx.db, lesson.id, new Date());
    asked.resolve();
    await committed.promise;
  });
  await asked.promise;
  const uploads = await Promise.all(Array.from({ length: 12 }, () => school.teacher.upload(lesson.id, media)));
  expect(uploads.map(({ status }) => status)).toEqual(uploads.map(() => 201));
  let isWithdrawn = false;
  const withdrawal = school.teacher.post(`/api/permissions/${lesson.permissions.adult}/withdraw`).then((answer) => {
    isWithdrawn = true;
    return answer;
  });
  await eventually(async () => {
    const rows = await database.read.$queryRaw<unknown[]>`
      SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%FROM course%FOR UPDATE%'`;
    return rows.length > 0;
  }, 'the withdrawal to wait');
  expect(isWithdrawn).toBe(false);
  committed.resolve();
  await asking;
  ok(await withdrawal);
});

test('names from the outside are shown as text, never used as a path', async () => {
  const recording = ok(await school.teacher.upload(lesson.id, media, { name: '../../etc/\u202Epasswd.mp4' }));
  expect(recording.fileName).toBe('passwd.mp4');
});

test('a check that was never made leaves the recording sealed', async () => {
  const recording = ok(await school.teacher.upload(lesson.id, media));
  await until(school.teacher, recording.id, (r) => r.state === 'sealed' && r.check.state === 'waiting');
  expect(await school.reviewer.post(`/api/recordings/${recording.id}/clear`)).toMatchObject({
    status: 409,
    body: { code: 'WRONG_STATE' },
  });
});
