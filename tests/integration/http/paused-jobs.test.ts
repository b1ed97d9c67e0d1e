import { afterAll, beforeAll, expect, test } from 'vitest';
import { startWorker, type Worker } from '../../../src/adapters/graphile-worker/queue.ts';
import { type JobKind, jobKinds, pausableKinds } from '../../../src/domain/job-kind.ts';
import { createTasks } from '../../../src/jobs/tasks.ts';
import { eventually } from '../../support/eventually.ts';
import { createSchool, ok, type School } from '../../support/school.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';

let server: TestServer;
let school: School;
const ran: string[] = [];
let hold: Promise<void> | null = null;

beforeAll(async () => {
  server = await startTestServer({ WORKER: 'false' });
  school = await createSchool(server);
});
afterAll(() => server?.stop());

const recordingId = '00000000-0000-4000-8000-000000000000';
const enqueue = (kind: 'check-recording' | 'make-rendition') =>
  server.context.outside.database.transact({ actor: { kind: 'system', id: 'test' } }, (tx) =>
    tx.enqueue(kind, { recordingId }),
  );
/** One job at a time, the earliest first. */
const work = (): Promise<Worker> =>
  startWorker({
    url: server.database.url,
    tasks: {
      'check-recording': async () => {
        await hold;
        ran.push('check-recording');
      },
      'make-rendition': async () => void ran.push('make-rendition'),
    },
    concurrency: 1,
    onExhausted: async () => {},
    onFault: () => {},
  });
const pause = (kind: string, paused: boolean) => school.admin.put(`/api/jobs/kinds/${kind}`, { paused });
const ofKind = async (kind: JobKind) =>
  ok(await school.admin.get('/api/jobs')).kinds.find((one: { kind: string }) => one.kind === kind);
const entries = async () =>
  ok(await school.auditor.get('/api/audit'))
    .entries.map(({ entry }: { entry: { action: string; details?: object } }) => entry)
    .filter(({ action }: { action: string }) => action.startsWith('jobs.'));

test('a paused kind waits, also after a restart, and goes on when it is resumed; nothing is lost', async () => {
  ok(await pause('check-recording', true));
  ok(await pause('check-recording', true));
  await enqueue('check-recording');
  for (let restarts = 1; restarts <= 2; restarts++) {
    await enqueue('make-rendition');
    const worker = await work();
    await eventually(async () => ran.length === restarts, 'the job that is not paused');
    await worker.stop();
    expect(ran).toEqual(Array(restarts).fill('make-rendition'));
  }
  expect(await ofKind('check-recording')).toMatchObject({
    waiting: 1,
    running: 0,
    failed: 0,
    oldest: expect.any(String),
    pausable: true,
    pausedAt: expect.any(String),
  });
  expect(await ofKind('make-rendition')).toMatchObject({ waiting: 0, oldest: null, pausedAt: null });

  const worker = await work();
  ok(await pause('check-recording', false));
  await eventually(async () => ran.includes('check-recording'), 'the job that was paused');
  await worker.stop();
  expect(await ofKind('check-recording')).toMatchObject({ waiting: 0, pausedAt: null });
  expect(await entries()).toMatchObject([
    { action: 'jobs.resumed', details: { kind: 'check-recording' } },
    { action: 'jobs.paused', details: { kind: 'check-recording' } },
  ]);
});

test('what runs when its kind is paused goes on to its end', async () => {
  let letGo = () => {};
  hold = new Promise((resolve) => {
    letGo = resolve;
  });
  ran.length = 0;
  await enqueue('check-recording');
  const worker = await work();
  await eventually(async () => (await ofKind('check-recording')).running === 1, 'the job to run');
  ok(await pause('check-recording', true));
  letGo();
  await eventually(async () => ran.length === 1, 'the job to end');
  await worker.stop();
  ok(await pause('check-recording', false));
});

test.each(jobKinds.filter((kind) => !(pausableKinds as readonly string[]).includes(kind)))(
  '%s cannot be paused',
  async (kind) => {
    expect(await pause(kind, true)).toMatchObject({ status: 400, body: { code: 'INVALID_REQUEST' } });
    expect(await ofKind(kind)).toMatchObject({ pausable: false, pausedAt: null });
  },
);

test('only an administrator pauses', async () => {
  for (const by of [school.teacher, school.reviewer, school.auditor])
    expect((await by.put('/api/jobs/kinds/mail-signer', { paused: true })).status).toBe(403);
  expect((await ofKind('mail-signer')).pausedAt).toBeNull();
});

test('the kinds of jobs are those that somebody works', () => {
  const { outside, mailer } = server.context;
  expect(Object.keys(createTasks(outside, mailer)).toSorted()).toEqual(jobKinds.toSorted());
});
