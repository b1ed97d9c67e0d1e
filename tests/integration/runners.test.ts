import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { shortLesson } from '../support/media.ts';
import { type RunnerProcess, spawnRunner, tokenForRunner } from '../support/runner.ts';
import { verifyFromLog } from '../support/runner-log.ts';
import { createPermittedLesson, createSchool, ok, type School, until } from '../support/school.ts';
import { arrivals, startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let school: School;
const runners: RunnerProcess[] = [];

beforeAll(async () => {
  server = await startTestServer({ READ_PAGES_PER_HOUR: '1', RUNNER_LEASE_SECONDS: '3', RUNNER_SPOT_CHECK: '0' });
  school = await createSchool(server);
});
afterEach(async () => {
  for (const runner of runners.splice(0)) await runner.stop();
  for (const { id } of ok(await school.admin.get('/api/runners')).items)
    ok(await school.admin.delete(`/api/runners/${id}`));
});
afterAll(() => server?.stop());

async function startRunner(name: string, more: Parameters<typeof spawnRunner>[0] = {}): Promise<RunnerProcess> {
  const token = await tokenForRunner(school.admin);
  const runner = await spawnRunner({ server: server.url, token, name, ...more });
  runners.push(runner);
  await runner.says('Nothing to do now');
  return runner;
}

async function upload(bytes: Buffer = shortLesson()): Promise<string> {
  const lesson = await createPermittedLesson(school);
  return ok(await school.teacher.upload(lesson.id, bytes)).id;
}

const isChecked = ({ check }: { check: { state: string } }) => check.state === 'done';
const found = async (id: string) =>
  ok(await school.reviewer.get(`/api/recordings/${id}`)).segments.map(
    ({ startMs, endMs, source, findings }: Record<string, unknown> & { findings: { source: string }[] }) => [
      startMs,
      endMs,
      source,
      findings.map((one) => one.source),
    ],
  );
const onLog = async (action: string, recordingId: string) =>
  (await arrivals(server, action)).filter(
    (entry) => (entry as { object?: { recordingId?: string } }).object?.recordingId === recordingId,
  );

test('a runner checks a recording, finds what the worker finds, and everything is on the log', async () => {
  const here = await upload();
  await until(school.reviewer, here, isChecked);
  expect(await onLog('runner.', here)).toEqual([]);

  const runner = await startRunner('Attic');
  const there = await upload();
  await until(school.reviewer, there, isChecked);
  await runner.says('handed in');
  expect(await found(there)).toEqual(await found(here));
  const actions = (await onLog('runner.', there)).map(({ action }) => action);
  expect(actions).toEqual(['runner.key_sealed', 'runner.body_begun', 'runner.result_accepted']);
  expect(await verifyFromLog(server, there)).toBe(true);

  const [listed] = ok(await school.admin.get('/api/runners')).items;
  expect(listed).toMatchObject({ name: 'Attic', done: 1, failed: 0, works: null, disabledAt: null, isOutdated: false });
  // What it handed in is used up, and nothing is left of it.
  const { read } = server.context.outside.database;
  expect(await read.runnerJob.count()).toBe(0);
  expect(await read.recording.findUniqueOrThrow({ where: { id: there } })).toMatchObject({ checkedById: listed.id });
  const objects = [];
  for await (const { key } of server.context.outside.objects.list(`recordings/${there}/`)) objects.push(key);
  expect(objects).toHaveLength(2);

  // Its key and secret are for its owner alone, and no ciphertext is left.
  for (const name of ['key.asc', 'runner.json']) expect((await stat(join(runner.home, name))).mode & 0o777).toBe(0o600);
  expect((await stat(runner.home)).mode & 0o777).toBe(0o700);
  expect(await readdir(join(runner.home, 'work'))).toEqual([]);
  const kept = JSON.parse(await readFile(join(runner.home, 'runner.json'), 'utf8'));
  expect((await read.runner.findFirstOrThrow()).secretDigest).not.toContain(kept.secret);
});

test('what a killed runner had under way goes to another one', async () => {
  const first = await startRunner('First');
  const id = await upload();
  await first.says('begun');
  await first.kill9();
  const second = await startRunner('Second');
  await until(school.reviewer, id, isChecked);
  await second.says('handed in');
  const lost = (await onLog('runner.lease_lost', id)).map(({ details }) => details?.why);
  expect(lost).toEqual(['expired']);
  const items = ok(await school.admin.get('/api/runners')).items as { name: string; done: number; failed: number }[];
  expect(items).toMatchObject([
    { name: 'First', done: 0, failed: 1 },
    { name: 'Second', done: 1, failed: 0 },
  ]);
});

test('a runner that is stopped gives its job back at once, and goes on with its key', async () => {
  const runner = await startRunner('Polite');
  const id = await upload();
  await runner.says('begun');
  runner.child.kill('SIGTERM');
  await runner.says('Stopped');
  await eventually(async () => (await onLog('runner.lease_lost', id)).length === 1, 'the lease is given back');
  expect((await onLog('runner.lease_lost', id))[0]?.details).toMatchObject({ why: 'given_back' });
  const again = await spawnRunner({ home: runner.home });
  runners.push(again);
  await until(school.reviewer, id, isChecked);
  await again.says('handed in');
  expect(ok(await school.admin.get('/api/runners')).items).toMatchObject([{ name: 'Polite', done: 1, failed: 0 }]);
});

test('a runner that is disabled loses its job at once, and the worker does it where there is no other', async () => {
  const runner = await startRunner('Banned');
  const id = await upload();
  await runner.says('begun');
  const [{ id: runnerId }] = ok(await school.admin.get('/api/runners')).items;
  ok(await school.admin.patch(`/api/runners/${runnerId}`, { disabled: true }));
  await until(school.reviewer, id, isChecked);
  expect(ok(await school.admin.get('/api/runners')).items).toMatchObject([{ done: 0, disabledWhy: 'by_hand' }]);
  expect((await onLog('runner.', id)).map(({ action }) => action)).not.toContain('runner.result_accepted');
});
