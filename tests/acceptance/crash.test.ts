import { createHash } from 'node:crypto';
import { cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type EmbeddedPostgres,
  startEmbeddedPostgres,
} from '../../src/adapters/embedded-postgres/embedded-postgres.ts';
import { createContext } from '../../src/assembly/context.ts';
import { prepare } from '../../src/assembly/first-start.ts';
import { loadConfig } from '../../src/config/env.ts';
import { Api } from '../support/api.ts';
import { eventually } from '../support/eventually.ts';
import { shortLesson } from '../support/media.ts';
import { type ServerProcess, spawnServer } from '../support/process.ts';
import { createPermittedLesson, createSchool, ok, type School } from '../support/school.ts';
import { madeKeys } from '../support/server.ts';

let home: string;
let env: Record<string, string>;
let server: ServerProcess;
let school: School;
const media = shortLesson(4 * 2 ** 20);
let postgres: EmbeddedPostgres;
const clientAddress = '203.0.113.77';

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'emanet-crash-'));
  await cp(madeKeys(), home, { recursive: true });
  env = {
    EMANET_HOME: home,
    RECEIVING_LEASE_SECONDS: '5',
    DRAIN_SECONDS: '60', // longer than a busy machine needs for what is under way
    TRUST_PROXY: '1',
    READ_PAGES_PER_HOUR: '1', // reading text is not the point, and takes longest
    TMPDIR: await mkdtemp(join(tmpdir(), 'emanet-scratch-')),
  };
  const prepared = await prepare(loadConfig(env));
  postgres = await startEmbeddedPostgres({ folder: join(home, 'postgres') }); // the one that runs already
  const context = await createContext({ ...prepared.config, LOG_LEVEL: 'silent' });
  server = await spawnServer(env);
  school = await createSchool({ url: server.url, context } as never);
  await context.close();
});
afterAll(async () => {
  await server?.kill9();
  await (await startEmbeddedPostgres({ folder: join(home, 'postgres') })).stop();
  await rm(home, { recursive: true, force: true });
  await rm(env.TMPDIR!, { recursive: true, force: true });
});

/** Everybody's sessions go on at the new address of a restarted server. */
function moveTo(url: string) {
  for (const api of Object.values(school)) if (api instanceof Api) (api as { url: string }).url = url;
}
/** What is in the store, but for the mirror of the log, which grows whatever happens. */
const objects = async () =>
  (await readdir(join(home, 'objects'), { recursive: true, withFileTypes: true }).catch(() => [])).filter(
    (e) => e.isFile() && !e.parentPath.startsWith(join(home, 'objects/log')),
  );

/** Sends a part of a file and holds the connection. */
function beginUpload(lessonId: string, bytes: Buffer, total: number) {
  const boundary = 'x';
  const head = Buffer.from(
    `--${boundary}\r\ncontent-disposition: form-data; name="file"; filename="a.mp4"\r\ncontent-type: video/mp4\r\n\r\n`,
  );
  const tail = Buffer.from(`\r\n--${boundary}--\r\n`);
  const req = request(`${server.url}/api/lessons/${lessonId}/recordings`, {
    method: 'POST',
    headers: {
      ...school.teacher.headers,
      'content-type': `multipart/form-data; boundary=${boundary}`,
      'content-length': head.length + total + tail.length,
    },
  });
  const answer = new Promise<{ status: number; body: Record<string, unknown> }>((resolve, reject) => {
    req.on('error', reject);
    req.on('response', async (res) => {
      const pieces: Buffer[] = [];
      for await (const piece of res) pieces.push(piece);
      resolve({ status: res.statusCode!, body: JSON.parse(Buffer.concat(pieces).toString()) });
    });
  });
  answer.catch(() => {}); // a killed server is the point
  req.write(head);
  req.write(bytes);
  return { answer, finish: (rest: Buffer) => req.end(Buffer.concat([rest, tail])), destroy: () => req.destroy() };
}

describe('kill -9 in the middle of an upload', () => {
  test('leaves no half recording, nothing in the store after the sweep, and an entry on the log', async () => {
    const lesson = await createPermittedLesson(school);
    for (let round = 0; round < 4; round++) {
      const before = (await objects()).length;
      beginUpload(lesson.id, media.subarray(0, Math.floor((media.length * (round + 1)) / 4.5)), media.length);
      // Killed at another moment each round, but never before the server has begun to receive.
      await eventually(async () => {
        const { entries } = ok(await school.auditor.get(`/api/audit?lesson=${lesson.id}&action=recording.receiving`));
        return entries.length === round + 1;
      }, 'an upload on its way');
      await new Promise((resolve) => setTimeout(resolve, round * 40));
      await server.kill9();
      server = await spawnServer(env);
      moveTo(server.url);
      expect(ok(await school.teacher.get('/api/recordings')).items).toEqual([]);
      await eventually(async () => (await objects()).length === before, 'the store to be swept', { withinMs: 90_000 });
    }
    await eventually(async () => {
      const { entries } = ok(
        await school.auditor.get(`/api/audit?lesson=${lesson.id}&action=recording.upload_abandoned`),
      );
      return entries.length === 4;
    }, 'four abandoned uploads on the log');
    expect(ok(await school.auditor.get('/api/audit/check')).intact).toBe(true);
    const recording = ok(await school.teacher.upload(lesson.id, media));
    expect(recording.mediaSha256).toBe(createHash('sha256').update(media).digest('hex'));
  });
});

describe('PostgreSQL away for ten seconds', () => {
  test('in the middle of an upload: the upload ends well, other requests say when to come again', async () => {
    const lesson = await createPermittedLesson(school);
    const upload = beginUpload(lesson.id, media.subarray(0, 1_000_000), media.length);
    await untilReceiving(lesson.id);
    await postgres.stop();
    const meanwhile = await school.teacher.get('/api/lessons');
    expect(meanwhile).toMatchObject({ status: 503, body: { code: 'DATABASE_UNAVAILABLE' } });
    expect(meanwhile.headers.get('retry-after')).toBe('5');
    expect((await fetch(`${server.url}/readyz`)).status).toBe(503);
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
    upload.finish(media.subarray(1_000_000));
    await new Promise((resolve) => setTimeout(resolve, 10_000));
    postgres = await startEmbeddedPostgres({ folder: join(home, 'postgres') });
    const answer = await upload.answer;
    expect(answer).toMatchObject({ status: 201, body: { state: 'sealed', bytes: media.length } });
    await eventually(
      async () => (await school.teacher.get(`/api/recordings/${answer.body.id}`)).body.state === 'in_review',
      'the queue to go on',
      { withinMs: 120_000 },
    );
  }, 240_000);
});

/** The gate was passed and the bytes are being stored. */
const untilReceiving = (lessonId: string) =>
  eventually(async () => {
    const { entries } = ok(await school.auditor.get(`/api/audit?lesson=${lessonId}&action=recording.receiving`));
    return entries.length === 1;
  }, 'an upload on its way');

test('SIGTERM lets a running upload finish, takes no new one, and exits with 0', async () => {
  const lesson = await createPermittedLesson(school);
  const upload = beginUpload(lesson.id, media.subarray(0, 1_000_000), media.length);
  await untilReceiving(lesson.id);
  const stopped = server.stop();
  try {
    await eventually(
      () =>
        fetch(`${server.url}/healthz`).then(
          () => false,
          () => true,
        ),
      'nothing new to be taken',
    );
    upload.finish(media.subarray(1_000_000));
    const answer = await upload.answer.catch((error) => error);
    expect(answer, server.log.slice(-12).join('\n')).toMatchObject({ status: 201 });
    expect(await stopped, server.log.slice(-8).join('\n')).toBe(0);
  } finally {
    await stopped;
    server = await spawnServer(env);
    postgres = await startEmbeddedPostgres({ folder: join(home, 'postgres') });
    moveTo(server.url);
  }
});

test('no file on the disk holds a readable piece of the recording, and no log line holds a name, address or token', async () => {
  const needles = [media.subarray(2_000_000, 2_000_024), media.subarray(100_000, 100_024)];
  for (const folder of [home, env.TMPDIR!]) {
    for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const bytes = await readFile(join(entry.parentPath, entry.name)).catch(() => Buffer.alloc(0));
      for (const needle of needles) expect(bytes.includes(needle)).toBe(false);
    }
  }
  const seen = await school.teacher.get('/api/lessons', { 'x-forwarded-for': clientAddress });
  expect(seen.status).toBe(200);
  await school.teacher.get('/api/audit', { 'x-forwarded-for': clientAddress });
  const denied = ok(await school.auditor.get('/api/audit?action=request.denied&limit=1'));
  expect(denied.entries[0].address).toBe(clientAddress);
  const log = server.log.join('\n');
  for (const secret of [
    'Ada Example',
    'Tuna',
    clientAddress,
    '@school.example',
    school.teacher.headers.cookie!.split('=')[1]!.slice(0, 20),
  ])
    expect(log.includes(secret)).toBe(false);
});
