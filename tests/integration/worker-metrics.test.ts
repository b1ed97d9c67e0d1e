import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createContext } from '../../src/assembly/context.ts';
import { loadConfig } from '../../src/config/env.ts';
import { eventually } from '../support/eventually.ts';
import { shortLesson } from '../support/media.ts';
import { metricOf } from '../support/metrics.ts';
import { spawnServer, spawnWorker, type WorkerProcess } from '../support/process.ts';
import { createPermittedLesson, createSchool, ok, type School, until } from '../support/school.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const token = 'test only, long enough';
const bearer = { authorization: `Bearer ${token}` };

let server: TestServer;
let school: School;
let worker: WorkerProcess;
let url: string;

beforeAll(async () => {
  server = await startTestServer({ WORKER: 'false', METRICS_TOKEN: token });
  school = await createSchool(server);
  worker = await spawnWorker({
    EMANET_HOME: server.home,
    DATABASE_URL: server.database.workerUrl,
    METRICS_PORT: '0',
    METRICS_TOKEN: token,
    READ_PAGES_PER_HOUR: '1',
  });
  url = worker.metricsUrl;
});
afterAll(async () => {
  worker?.child.kill('SIGKILL');
  await server?.stop();
});

const read = async (): Promise<string> => {
  const answer = await fetch(url, { headers: bearer });
  expect(answer.status).toBe(200);
  return answer.text();
};

describe('a worker of its own', () => {
  test('counts its jobs, the media that it analysed, and how long the store takes', async () => {
    const lesson = await createPermittedLesson(school);
    const { id } = ok(await school.teacher.upload(lesson.id, shortLesson()));
    await until(school.reviewer, id, (recording) => recording.state === 'in_review');
    const done = (text: string, kind: string) =>
      metricOf(text, `emanet_job_seconds_count{kind="${kind}",outcome="done"}`);
    await eventually(async () => done(await read(), 'check-recording') === 1, 'the check to be counted');
    const text = await read();
    expect(metricOf(text, 'emanet_media_analysed_seconds_total')).toBeGreaterThan(9);
    expect(metricOf(text, 'emanet_media_analysed_seconds_total')).toBeLessThan(12);
    expect(metricOf(text, 'emanet_job_seconds_sum{kind="check-recording",outcome="done"}')).toBeGreaterThan(0);
    expect(metricOf(text, 'emanet_store_request_seconds_count{operation="get",outcome="done"}')).toBeGreaterThan(0);
    expect(metricOf(text, 'emanet_store_seconds')).toBeGreaterThanOrEqual(0);
    expect(metricOf(text, 'process_start_time_seconds')).toBeGreaterThan(0);
  });

  test('holds nothing of the recording that it checked, and nothing of another process', async () => {
    const text = await read();
    expect(text).not.toMatch(/[0-9a-f]{8}-[0-9a-f]{4}/);
    expect(text).not.toContain('emanet_http');
    const ofWeb = (await school.nobody.get('/metrics', bearer)).body;
    expect(metricOf(ofWeb, 'emanet_media_analysed_seconds_total')).toBe(0);
    expect(ofWeb).not.toContain('emanet_job_seconds_count{');
  });

  test.each([
    ['GET', '/metrics', {}],
    ['GET', '/metrics', { authorization: 'Bearer ' }],
    ['GET', '/metrics', { authorization: 'Bearer undefined' }],
    ['GET', '/metrics', { authorization: `Bearer ${token.slice(0, -1)}` }],
    ['GET', '/metrics', { authorization: `Basic ${btoa(`x:${token}`)}` }],
    ['POST', '/metrics', bearer],
    ['DELETE', '/metrics', bearer],
    ['GET', '/metrics/', bearer],
    ['GET', `/metrics?token=${encodeURIComponent(token)}`, {}],
    ['GET', '/', bearer],
    ['GET', '/readyz', bearer],
    ['GET', '/api/session', bearer],
  ])('answers nothing else: %s %s %o', async (method, path, headers) => {
    const answer = await fetch(new URL(path, url), { method, headers });
    expect([answer.status, await answer.text()]).toEqual([404, '']);
  });

  test('is reached from this machine alone, and bounds what connects to it', async () => {
    const { hostname, port } = new URL(url);
    expect(hostname).toBe('127.0.0.1');
    const silent: Socket[] = [];
    let closed = 0;
    for (let index = 0; index < 64; index++) {
      const socket = connect(Number(port), hostname).on('error', () => {});
      socket.once('close', () => closed++);
      silent.push(socket);
    }
    await eventually(() => closed >= 40, 'what is too much to be closed');
    for (const socket of silent) socket.destroy();
    await eventually(
      () =>
        read().then(
          () => true,
          () => false,
        ),
      'the next reading to be answered',
    );
  });

  test('goes on after 20 kB of headers', async () => {
    await fetch(url, { headers: { ...bearer, 'x-more': 'x'.repeat(20_000) } }).catch(() => null);
    expect(await read()).toContain('emanet_store_seconds');
  });
});

test('without a token the setting is refused', async () => {
  const config = loadConfig({ EMANET_HOME: server.home, DATABASE_URL: server.database.url, METRICS_PORT: '0' });
  await expect(createContext(config, { kind: 'worker' })).rejects.toThrow('METRICS_PORT needs METRICS_TOKEN.');
});

test('a web process tells what the worker beside it has done', async () => {
  worker.child.kill('SIGTERM');
  await once(worker.child, 'exit');
  const env = { EMANET_HOME: server.home, DATABASE_URL: server.database.url, METRICS_TOKEN: token };
  const beside = await spawnServer(env);
  try {
    const { database } = server.context.outside;
    await database.transact({ actor: { kind: 'system', id: 'test' } }, (tx) => tx.enqueue('reconcile-objects', {}));
    const counted = await eventually(async () => {
      const text = await (await fetch(`${beside.url}/metrics`, { headers: bearer })).text();
      const done = metricOf(text, 'emanet_job_seconds_count{kind="reconcile-objects",outcome="done"}');
      return done > 0 ? text : null;
    }, 'the job to be counted');
    for (const name of ['emanet_job_seconds', 'emanet_store_request_seconds'])
      expect(counted.match(new RegExp(`^# TYPE ${name} `, 'gm'))).toHaveLength(1);
    expect(counted).toContain('emanet_http_requests_total');
  } finally {
    await beside.stop();
  }
});
