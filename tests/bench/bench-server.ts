import { cp, readFile, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { startEmbeddedPostgres } from '../../src/adapters/embedded-postgres/embedded-postgres.ts';
import { createContext } from '../../src/assembly/context.ts';
import { prepare } from '../../src/assembly/first-start.ts';
import { loadConfig } from '../../src/config/env.ts';
import { createTestDatabase } from '../support/database.ts';
import { spawnServer } from '../support/process.ts';
import { createPermittedLesson, createSchool } from '../support/school.ts';
import { madeKeys } from '../support/server.ts';
import { wavHeader } from '../support/wav.ts';
import { mib } from './measure.ts';

export interface BenchServer {
  /** Uploads a WAV of so many bytes as the recording of one of its lessons. Ends when the server says that it is sealed. */
  upload(bytes: number, lesson?: number): Promise<void>;
  /** The most memory that the server's process has had so far, in MiB. */
  peakMib(): Promise<number>;
  stop(): Promise<void>;
}

/** The real server in a process of its own, with its database, a school and lessons; it works no queue. */
export async function startBenchServer(
  home: string,
  settings: Record<string, string> = {},
  lessons = 1,
): Promise<BenchServer> {
  const wanted = { EMANET_HOME: home, WORKER: 'false', LOG_LEVEL: 'info', DATABASE_CONNECTIONS: '40', ...settings };
  const { config, env, stop: stopDatabase } = await preparedHome(wanted);
  const context = await createContext({ ...config, LOG_LEVEL: 'silent' });
  const server = await spawnServer(env);
  const school = await createSchool({ url: server.url, context } as never);
  const ids: string[] = [];
  while (ids.length < lessons) ids.push((await createPermittedLesson(school)).id);
  await context.close();
  const addressOf = (lesson: number) => `${server.url}/api/lessons/${ids[lesson]}/recordings`;
  return {
    upload: (bytes, lesson = 0) => sendForm(addressOf(lesson), bytes, school.teacher.headers),
    peakMib: () => peakMib(server.child.pid!),
    async stop() {
      await server.stop();
      await stopDatabase();
      await rm(home, { recursive: true, force: true });
    },
  };
}

/**
 * A home with its keys and a database: a PostgreSQL of its own, as a school gets it, but what the tests share when they ask
 * only whether a benchmark works. `env` is for the server.
 */
export async function preparedHome(env: { EMANET_HOME: string; [name: string]: string }) {
  const home = env.EMANET_HOME;
  if (process.env.EMANET_TEST_POSTGRES) {
    const database = await createTestDatabase();
    await cp(madeKeys(), home, { recursive: true });
    const withDatabase = { ...env, DATABASE_URL: database.url };
    const { config } = await prepare(loadConfig(withDatabase));
    return { config, env: withDatabase, stop: database.drop };
  }
  const { config } = await prepare(loadConfig(env));
  const stop = async () => (await startEmbeddedPostgres({ folder: join(home, 'postgres') })).stop();
  return { config, env: { ...env, DATABASE_URL: config.DATABASE_URL! }, stop };
}

const block = Buffer.alloc(mib, 'not silence ');

/** A form with one file, as a browser sends it, from memory and without a queue in between. */
export async function sendForm(url: string, bytes: number, headers: Record<string, string>): Promise<void> {
  const text = (name: string, value: string) =>
    `--bench\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
  const head = Buffer.from(
    `${text('bytes', String(bytes))}--bench\r\ncontent-disposition: form-data; name="file"; filename="a.wav"\r\ncontent-type: audio/wav\r\n\r\n`,
  );
  const tail = Buffer.from('\r\n--bench--\r\n');
  const body = function* () {
    yield head;
    const start = wavHeader(bytes - 44);
    yield start;
    for (let at = start.length; at < bytes; at += block.length)
      yield block.subarray(0, Math.min(block.length, bytes - at));
    yield tail;
  };
  const sending = request(url, {
    method: 'POST',
    headers: {
      ...headers,
      'content-type': 'multipart/form-data; boundary=bench',
      'content-length': head.length + bytes + tail.length,
    },
  });
  const answer = new Promise<{ status: number; text: string }>((resolve, reject) => {
    sending.on('error', reject);
    sending.on('response', async (response) => {
      let text = '';
      for await (const piece of response) text += piece;
      resolve({ status: response.statusCode!, text });
    });
  });
  // A server that refuses answers before it has read everything: what it says is worth more than the broken connection.
  const sent = pipeline(Readable.from(body()), sending).catch((error: unknown) => error);
  const { status, text: said } = await answer;
  await sent;
  if (status >= 300) throw new Error(`the upload was answered with ${status}: ${said}`);
}

/** The most memory that a process has had so far, in MiB. */
export async function peakMib(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/VmHWM:\s+(\d+) kB/.exec(status)![1]) / 1024;
}
