import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Context, createContext } from '../../../src/assembly/context.ts';
import { type RunningWorker, runWorker } from '../../../src/assembly/run-worker.ts';
import { createChores } from '../../../src/jobs/tasks.ts';
import { fillSchool } from '../../support/full-school.ts';
import { createSchool, eraseBy, ok, type School, until } from '../../support/school.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';

let server: TestServer;
let worker: Context;
let queue: RunningWorker;
let school: School;

beforeAll(async () => {
  server = await startTestServer({ WORKER: 'false' }, { role: 'web' });
  const config = { ...server.context.config, DATABASE_URL: server.database.workerUrl, BASE_URL: server.url };
  worker = await createContext(config, { kind: 'worker' });
  Object.assign(worker.outside, { textReader: server.context.outside.textReader });
  queue = await runWorker(worker);
  school = await createSchool(server);
});
afterAll(async () => {
  await queue?.stop();
  await worker?.close();
  await server?.stop();
});

test('a web process and a worker do all their work, each with a role that may do no more', async () => {
  const { releasedId } = await fillSchool(server, school);
  expect((await eraseBy(school, releasedId)).status).toBe(202);
  await until(school.admin, releasedId, ({ state }) => state === 'erased', 60_000);
  // No kind of job was beyond the role of the worker.
  const jobs = ok(await school.admin.get('/api/jobs')).items as { task: string; lastError: string | null }[];
  expect(jobs.filter(({ lastError }) => lastError !== null)).toEqual([]);
});

test('every chore of the clock is within the role of the worker', async () => {
  const chores = createChores(worker.outside, { addressDays: 30, bounces: null, noteFlaw: () => {} });
  for (const [name, chore] of Object.entries(chores))
    await expect(
      chore.run().then(() => name),
      name,
    ).resolves.toBe(name);
});
