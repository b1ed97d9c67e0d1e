import { createHash } from 'node:crypto';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  type EmbeddedPostgres,
  startEmbeddedPostgres,
} from '../../src/adapters/embedded-postgres/embedded-postgres.ts';
import { type Context, createContext } from '../../src/assembly/context.ts';
import { prepare } from '../../src/assembly/first-start.ts';
import { sendResumable } from '../../src/client/send-resumable.ts';
import { loadConfig } from '../../src/config/env.ts';
import { sweepUploads } from '../../src/pipeline/intake/sweep-uploads.ts';
import { Api } from '../support/api.ts';
import { freePort, PersistentClient } from '../support/persistent-client.ts';
import { type ServerProcess, spawnServer } from '../support/process.ts';
import { controlS3Server, startS3Server, testS3Servers } from '../support/s3-servers.ts';
import { createPermittedLesson, createSchool, ok, type School } from '../support/school.ts';
import { madeKeys } from '../support/server.ts';
import { reused } from '../support/trace-ciphers.ts';
import { wavOf } from '../support/wav.ts';

const kills = Number(process.env.FAULT_KILLS ?? 25);
const fileBytes = Number(process.env.EMANET_FAULT_MIB ?? 256) * 2 ** 20;
const hasSwift = testS3Servers().some((server) => server.name === 'swift');
const random = (max: number) => Math.random() * max;

let home: string;
let storeFolder: string;
let trace: string;
let env: Record<string, string>;
let postgres: EmbeddedPostgres;
let server: ServerProcess;
let school: School;
let context: Context;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'emanet-faults-'));
  await cp(madeKeys(), home, { recursive: true });
  storeFolder = await mkdtemp(join(tmpdir(), 'emanet-faults-s3-'));
  trace = join(home, 'cipher-trace');
  env = { EMANET_HOME: home, RECEIVING_LEASE_SECONDS: '5', PORT: String(await freePort()), OUTAGE_SECONDS: '3' };
  if (hasSwift) {
    const s3 = await startS3Server('swift', storeFolder); // of its own: it is stopped and started
    Object.assign(env, {
      STORE: 's3',
      S3_ENDPOINT: s3.endpoint,
      S3_ACCESS_KEY_ID: s3.key,
      S3_SECRET_ACCESS_KEY: s3.secret,
      S3_REGION: s3.region,
      S3_BUCKET: 'emanet-faults',
    });
  }
  const prepared = await prepare(loadConfig(env));
  postgres = await startEmbeddedPostgres({ folder: join(home, 'postgres') }); // the one that runs already
  env.DATABASE_URL = prepared.config.DATABASE_URL!;
  env.EMANET_TEST_CIPHER_TRACE = trace;
  context = await createContext({ ...prepared.config, LOG_LEVEL: 'silent' });
  server = await start();
  school = await createSchool({ url: server.url, context } as never);
});
afterAll(async () => {
  await server?.kill9();
  await context?.close();
  await (await startEmbeddedPostgres({ folder: join(home, 'postgres') })).stop();
  if (hasSwift) await controlS3Server('stop', 'swift', storeFolder);
  await rm(home, { recursive: true, force: true });
  await rm(storeFolder, { recursive: true, force: true });
});

async function interruptStore(): Promise<void> {
  await controlS3Server('kill9', 'swift', storeFolder);
  await wait(random(1_500));
  await controlS3Server('start', 'swift', storeFolder);
}

async function interruptDatabase(): Promise<void> {
  await postgres.stop();
  await wait(random(1_500));
  postgres = await startEmbeddedPostgres({ folder: join(home, 'postgres') });
}

const start = () => spawnServer(env, ['--import', join(import.meta.dirname, '../support/trace-ciphers.ts')]);

test(`an upload of ${fileBytes / 2 ** 20} MiB while the server is killed ${kills} times and the ${hasSwift ? 'store and the ' : ''}database are stopped at random`, {
  timeout: 30 * 60_000,
}, async () => {
  const lesson = await createPermittedLesson(school);
  const file = wavOf(fileBytes);
  const created = await fetch(`${server.url}/api/lessons/${lesson.id}/uploads`, {
    method: 'POST',
    headers: { ...school.teacher.headers, 'tus-resumable': '1.0.0', 'upload-length': String(file.length) },
  });
  expect(created.status).toBe(201);
  const url = new URL(created.headers.get('location')!, server.url);
  const id = url.pathname.split('/').at(-1)!;
  const client = new PersistentClient(file, url, school.teacher.headers);
  let isSent = false;
  const sending = client.sendEverything().then(() => {
    isSent = true;
  });

  let killed = 0;
  let [storeStops, databaseStops] = [0, 0];
  const kill = async () => {
    await server.kill9();
    killed += 1;
    server = await start();
  };
  // Most of the kills while bytes arrive, the rest while they are sealed.
  const whileSending = Math.floor(kills * 0.9);
  while (!isSent) {
    const left = Math.max(1, whileSending - killed);
    const before = client.sentBytes;
    const untilBytes = random((2 * (fileBytes - Math.min(fileBytes, before))) / left / 1.5 + 12 * 2 ** 20);
    while (!isSent && client.sentBytes - before < untilBytes) await wait(5);
    if (isSent || killed >= whileSending) {
      await wait(20);
      continue;
    }
    const chance = Math.random();
    if (hasSwift && chance < 0.05) {
      storeStops += 1;
      await interruptStore();
    } else if (chance < 0.1) {
      databaseStops += 1;
      await interruptDatabase();
    }
    await kill();
  }
  await sending;
  const state = async () =>
    (await new Api(server.url, school.teacher.headers).get(`/api/uploads/${id}`).catch(() => null))?.body?.state;
  for (let i = 0; killed < kills && (await state()) !== 'sealed' && i < 400; i++) {
    await wait(random(2_000));
    if ((await state()) === 'sealing') await kill();
  }
  for (let i = 0; i < 1_200 && (await state()) !== 'sealed'; i++) await wait(250);
  expect(await state()).toBe('sealed');
  console.log(
    `killed ${killed} times, store stopped ${storeStops}, database stopped ${databaseStops}; at most ${(client.sentTwice / 2 ** 20).toFixed(1)} MiB sent twice after one kill`,
  );

  const recording = ok(await school.teacher.get(`/api/recordings/${id}`));
  expect(recording.mediaSha256).toBe(createHash('sha256').update(file).digest('hex'));
  const { objects, database } = context.outside;
  // What a crash left without a row goes with the sweep; nothing of the upload may stay.
  for (let i = 0; i < 100; i++) {
    await sweepUploads(context.outside, { orphanAgeMs: -60_000 });
    if ((await keysUnder('uploads/')).length === 0) break;
    await wait(250);
  }
  async function keysUnder(prefix: string): Promise<string[]> {
    const keys: string[] = [];
    for await (const { key } of objects.list(prefix)) keys.push(key);
    return keys;
  }
  expect(await keysUnder('uploads/')).toEqual([]);
  expect((await keysUnder(`recordings/${id}/`)).length).toBe(2); // body and envelope
  // What killed attempts at sealing left unfinished in the store is a job's to remove.
  const removing = async () =>
    database.read.$queryRaw<unknown[]>`SELECT 1 FROM graphile_worker.jobs WHERE task_identifier = 'remove-staged'`;
  for (let i = 0; i < 240 && (await removing()).length > 0; i++) await wait(250);
  expect(await removing()).toEqual([]);
  expect(await objects.abortUnfinished('', new Date(Date.now() + 60_000))).toBe(0);
  expect(await database.read.upload.count()).toBe(0);
  expect(ok(await school.auditor.get('/api/audit/check')).intact).toBe(true);

  const uses = (await readFile(trace, 'utf8')).trim().split('\n');
  expect(uses.length).toBeGreaterThan(fileBytes / (4 * 2 ** 20));
  expect(reused(uses)).toEqual([]);
});

test('tus-js-client goes on after server, store and database went away, one by one and all at once with itself', {
  timeout: 10 * 60_000,
}, async () => {
  const { id: lessonId } = await createPermittedLesson(school);
  const path = join(home, 'tus.wav');
  const file = wavOf(200 * 2 ** 20);
  await writeFile(path, file);
  const client = new AbortController();
  const restartServer = async () => {
    await server.kill9();
    server = await start();
  };
  const faults: (() => Promise<void>)[] = [
    restartServer,
    ...(hasSwift ? [interruptStore] : []),
    interruptDatabase,
    async () => {
      client.abort(new Error('the machine went down'));
      await server.kill9();
      if (hasSwift) await interruptStore();
      await interruptDatabase();
      server = await start();
    },
  ];
  const atBytes = faults.map((_, index) => ((index + 1) * file.length) / (faults.length + 1));
  let url: string | undefined;
  let running: Promise<void> = Promise.resolve();
  let isRunning = false;
  let begun = 0;
  const send = (signal?: AbortSignal) =>
    sendResumable(new URL(`/api/lessons/${lessonId}/uploads`, server.url), {
      headers: school.teacher.headers,
      path,
      bytes: file.length,
      metadata: { filename: 'tus.wav', filetype: 'audio/wav' },
      url,
      async onUrl(fresh) {
        url = fresh;
      },
      onProgress(sent) {
        if (isRunning || sent < (atBytes[begun] ?? Number.POSITIVE_INFINITY)) return;
        isRunning = true;
        running = faults[begun++]!();
        running.then(
          () => {
            isRunning = false;
          },
          () => client.abort(new Error('what should go away did not')),
        );
      },
      retryDelays: Array.from({ length: 300 }, () => 200),
      ...(signal ? { signal } : {}),
    });
  await expect(send(client.signal)).rejects.toThrow('the machine went down');
  await running;
  expect(begun).toBe(faults.length);
  await send();
  const id = url!.split('/').at(-1);
  const state = async () => ok(await school.teacher.get(`/api/uploads/${id}`)).state;
  for (let i = 0; i < 600 && (await state()) !== 'sealed'; i++) await wait(250);
  const recording = ok(await school.teacher.get(`/api/recordings/${id}`));
  expect(recording.mediaSha256).toBe(createHash('sha256').update(file).digest('hex'));
});
