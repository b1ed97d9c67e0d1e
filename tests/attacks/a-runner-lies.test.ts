import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { detectorsVersion } from '../../src/detection/detectors-version.ts';
import type { Measured } from '../../src/pipeline/review/measure-recording.ts';
import type { RunnerStatement } from '../../src/pipeline/runners/statement.ts';
import { generateVaultKey, parsePrivateKey } from '../../src/vault/keyring.ts';
import { openBeside } from '../support/another-school.ts';
import { Api } from '../support/api.ts';
import { eventually } from '../support/eventually.ts';
import { shortLesson } from '../support/media.ts';
import { bodyPath, handIn, nothingMeasured, packed, stateLease } from '../support/played-result.ts';
import { joinAsRunner, tokenForRunner } from '../support/runner.ts';
import { createPermittedLesson, createSchool, ok, type School, until } from '../support/school.ts';
import { arrivals, startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let school: School;
let recordingId: string;
let runner: Awaited<ReturnType<typeof joinAsRunner>>;
const wholeMs = 10_016;
const honest = packed(nothingMeasured(wholeMs));

beforeAll(async () => {
  server = await startTestServer({ READ_PAGES_PER_HOUR: '1', RUNNER_SPOT_CHECK: '0' });
  school = await createSchool(server);
});
beforeEach(async () => {
  for (const { id } of ok(await school.admin.get('/api/runners')).items)
    ok(await school.admin.delete(`/api/runners/${id}`));
  await db().runnerJob.deleteMany();
  runner = await joinAsRunner(server.url, school.admin);
  recordingId = await upload();
});
afterAll(() => server?.stop());

const db = () => server.context.outside.database.read;

async function upload(bytes?: number): Promise<string> {
  const lesson = await createPermittedLesson(school);
  return ok(await school.teacher.upload(lesson.id, shortLesson(bytes))).id;
}
// biome-ignore lint/suspicious/noExplicitAny: as the API answers it
const listed = async (): Promise<any> =>
  ok(await school.admin.get('/api/runners')).items.find((one: { id: string }) => one.id === runner.id);
const jobOf = (id: string) => db().runnerJob.findUnique({ where: { recordingId: id } });
const refusedFor = async (action = 'runner.result_refused') =>
  (await arrivals(server, action))
    .filter(({ details }) => details?.runner === runner.id)
    .map(({ details }) => details?.why);
const isChecked = ({ check }: { check: { state: string } }) => check.state === 'done';

/** It is disabled for that reason, the log says so, and the job waits for another one. */
async function expectDisbelieved(why: string) {
  expect(await listed()).toMatchObject({ disabledWhy: why, works: null });
  expect(await refusedFor()).toEqual([why]);
  expect(await runner.api.post('/api/v1/runner/leases', { detectors: detectorsVersion })).toMatchObject({
    status: 401,
  });
}

describe('a statement that is not so', () => {
  const lies: [string, string, (true_: RunnerStatement) => RunnerStatement | string][] = [
    ['another job', 'foreign_job', (one) => ({ ...one, job: randomUUID() })],
    ['another lease', 'foreign_job', (one) => ({ ...one, lease: randomUUID() })],
    ['another runner', 'foreign_job', (one) => ({ ...one, runner: randomUUID() })],
    [
      'another ciphertext',
      'foreign_job',
      (one) => ({ ...one, recording: { ...one.recording, bodySha256: '0'.repeat(64) } }),
    ],
    [
      'another length',
      'length',
      (one) => ({ ...one, recording: { ...one.recording, mediaBytes: one.recording.mediaBytes - 1 } }),
    ],
    ['another digest', 'digest', (one) => ({ ...one, recording: { ...one.recording, mediaSha256: '0'.repeat(64) } })],
    [
      'another digest of the result',
      'result',
      (one) => ({ ...one, result: { ...one.result, sha256: '0'.repeat(64) } }),
    ],
    ['a longer result', 'result', (one) => ({ ...one, result: { ...one.result, bytes: one.result.bytes + 1 } })],
    ['a shorter result', 'result', (one) => ({ ...one, result: { ...one.result, bytes: one.result.bytes - 1 } })],
    ['no canonical JSON', 'statement', (one) => JSON.stringify(one, null, 1)],
    ['no JSON', 'statement', () => 'I did it.'],
  ];
  test.each(lies)('%s', async (_, why, tell) => {
    const lease = await runner.lease();
    const statement = tell(await stateLease(runner, lease, honest));
    expect(await handIn(runner, lease.id, { statement, result: honest })).toMatchObject({
      status: 422,
      body: { code: 'RESULT_REFUSED' },
    });
    await expectDisbelieved(why);
    expect(await jobOf(recordingId)).toMatchObject({ state: 'waiting', runnerId: null, resultId: null });
    // Nothing of it is in the store.
    const keys = [];
    for await (const { key } of server.context.outside.objects.list(`recordings/${recordingId}/`)) keys.push(key);
    expect(keys).toHaveLength(2);
  });
});

test('a signature by another key, or of another text', async () => {
  const lease = await runner.lease();
  const statement = await stateLease(runner, lease, honest);
  const other = await parsePrivateKey((await generateVaultKey({ name: 'Other' })).privateKeyArmored);
  expect(await handIn(runner, lease.id, { statement, result: honest, signedBy: other })).toMatchObject({ status: 422 });
  await expectDisbelieved('signature');
});

describe('a result that cannot be', () => {
  const cannotBe: [string, Buffer][] = [
    ['no octets', Buffer.alloc(0)],
    ['noise', Buffer.alloc(5_000, 7)],
    ['a length that lies beyond it', Buffer.from([255, 255, 255, 255, 1])],
    ['JSON of something else', Buffer.concat([Buffer.from([2, 0, 0, 0]), Buffer.from('{}')])],
    ['octets behind the end', Buffer.concat([honest, Buffer.from('more')])],
    [
      'a million findings',
      packed({
        ...nothingMeasured(wholeMs),
        read: {
          notices: new Map([
            [
              0,
              Array.from({ length: 1_000_000 }, (_, at) => ({
                startMs: at,
                endMs: at,
                kind: 'rights_notice' as const,
                text: '',
                confidence: 1,
                place: { x: 0, y: 0, width: 1, height: 1 },
              })),
            ],
          ]),
          notAnalysed: [],
        },
      }),
    ],
    [
      'a stream that the file has not',
      packed({
        ...nothingMeasured(wholeMs),
        watched: { ...nothingMeasured(wholeMs).watched, music: new Map([[77, []]]) },
      }),
    ],
    [
      'sound of a day',
      packed({
        ...nothingMeasured(wholeMs),
        watched: {
          ...nothingMeasured(wholeMs).watched,
          sounds: new Map([[1, { frames: 2_700_000, salience: new Int8Array(96), peaks: [] }]]),
        },
      }),
    ],
  ];
  test.each(cannotBe)('%s', async (_, result) => {
    const lease = await runner.lease();
    const statement = await stateLease(runner, lease, result);
    expect(await handIn(runner, lease.id, { statement, result })).toMatchObject({ status: 204 });
    await eventually(async () => (await listed()).disabledWhy !== null, 'the runner is disabled');
    await expectDisbelieved('result');
    // The worker does it, since no other runner is there.
    await until(school.reviewer, recordingId, isChecked);
    expect(await db().recording.findUniqueOrThrow({ where: { id: recordingId } })).toMatchObject({ checkedById: null });
  });
});

const withMusic = (startMs: number, endMs: number): Measured => {
  const nothing = nothingMeasured(wholeMs);
  return { ...nothing, watched: { ...nothing.watched, music: new Map([[1, [{ startMs, endMs, confidence: 1 }]]]) } };
};
async function accepted(measured: Measured) {
  const lease = await runner.lease();
  const result = packed(measured);
  const statement = await stateLease(runner, lease, result);
  expect(await handIn(runner, lease.id, { statement, result })).toMatchObject({ status: 204 });
  return { lease, statement, result };
}

test('a finding outside of the recording is pointed at inside of it, and never counts as clean', async () => {
  await accepted(withMusic(36_000_000, 36_010_000));
  const { segments } = await until(school.reviewer, recordingId, isChecked);
  expect(segments).toHaveLength(1);
  expect(segments[0]).toMatchObject({ findings: [{ source: 'not_analysed' }] });
  expect(segments[0].endMs).toBeLessThanOrEqual(wholeMs);
});

test('a length that the file does not declare is measured again', async () => {
  await accepted(nothingMeasured(2_000_000_000));
  await eventually(async () => (await listed()).disabledWhy !== null, 'the runner is disabled', { withinMs: 120_000 });
  await expectDisbelieved('spot_check');
  const recording = await until(school.reviewer, recordingId, isChecked, 120_000);
  expect(recording.analysedDurationMs).toBeLessThan(20_000);
});

test('a result is taken once, and not after its lease', async () => {
  const { lease, ...given } = await accepted(nothingMeasured(wholeMs));
  expect(await handIn(runner, lease.id, given)).toMatchObject({ status: 410, body: { code: 'LEASE_OVER' } });
  await until(school.reviewer, recordingId, isChecked);
  expect(await handIn(runner, lease.id, given)).toMatchObject({ status: 410 });
  expect(await listed()).toMatchObject({ done: 1, disabledAt: null });

  recordingId = await upload();
  const second = await runner.lease();
  // An old result under a new lease states the old one.
  await db()
    .$executeRaw`UPDATE runner_job SET "leasedUntil" = now() - interval '1 second' WHERE "recordingId" = ${recordingId}::uuid`;
  const statement = await stateLease(runner, lease, honest).catch(() => given.statement);
  expect(await handIn(runner, second.id, { statement, result: honest })).toMatchObject({ status: 410 });
  expect(await runner.api.put(`/api/v1/runner/leases/${second.id}`, { doneMs: 1 })).toMatchObject({ status: 410 });
  expect(await runner.api.get(bodyPath(second.id))).toMatchObject({ status: 410 });
  expect(await listed()).toMatchObject({ disabledAt: null });
});

test('an old result does not pass under a new lease', async () => {
  const first = await runner.lease();
  const old = await stateLease(runner, first, honest);
  const second = await runner.lease();
  expect(second.id).not.toBe(first.id);
  expect(await handIn(runner, first.id, { statement: old, result: honest })).toMatchObject({ status: 410 });
  expect(await handIn(runner, second.id, { statement: old, result: honest })).toMatchObject({ status: 422 });
  await expectDisbelieved('foreign_job');
});

test('a lease is of no use to another runner, nor to one of another school', async () => {
  const lease = await runner.lease();
  const beside = await openBeside(server, 'Beside');
  const theirs = await createSchool(beside, ' Beside');
  const others = [
    await joinAsRunner(server.url, school.admin, { name: 'Other' }),
    await joinAsRunner(server.url, theirs.admin),
  ];
  for (const other of others) {
    expect(await other.api.get(bodyPath(lease.id))).toMatchObject({ status: 410 });
    expect(await other.api.put(`/api/v1/runner/leases/${lease.id}`, { doneMs: 1 })).toMatchObject({ status: 410 });
    expect(await other.api.delete(`/api/v1/runner/leases/${lease.id}`)).toMatchObject({ status: 410 });
    const statement = await stateLease(runner, lease, honest);
    expect(await handIn(other, lease.id, { statement, result: honest })).toMatchObject({ status: 410 });
    // There is nothing left for it, and of another school there never is.
    expect(ok(await other.api.post('/api/v1/runner/leases', { detectors: detectorsVersion })).lease).toBeNull();
  }
  expect(ok(await theirs.admin.get('/api/runners')).items).toHaveLength(1);
  expect(await theirs.admin.delete(`/api/runners/${runner.id}`)).toMatchObject({ status: 404 });
  expect(await jobOf(recordingId)).toMatchObject({ state: 'leased', runnerId: runner.id });
});

test('a session key that was sealed to one runner opens with no other key', async () => {
  const lease = await runner.lease();
  const other = await joinAsRunner(server.url, school.admin, { name: 'Other' });
  await expect(stateLease({ ...runner, key: other.key }, lease, honest)).rejects.toMatchObject({
    code: 'NOT_A_RECIPIENT',
  });
});

test('a disabled runner is nobody from that moment on, also in the middle of a body', async () => {
  recordingId = await upload(24 * 2 ** 20);
  const lease = await eventually(async () => {
    const one = await runner.lease();
    return one.sealed.mediaBytes > 2 ** 20 ? one : null;
  }, 'the large one is leased');
  const response = await fetch(server.url + bodyPath(lease.id), { headers: runner.api.headers });
  const reader = response.body!.getReader();
  await reader.read();
  ok(await school.admin.patch(`/api/runners/${runner.id}`, { disabled: true }));
  // A slow reader: it has not yet got all of it when the server breaks off.
  const readOn = async () => {
    for (let isDone = false; !isDone; ) {
      isDone = (await reader.read()).done;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  await expect(readOn()).rejects.toThrow();
  for (const [method, path, body] of [
    ['POST', '/api/v1/runner/leases', { detectors: detectorsVersion }],
    ['PUT', `/api/v1/runner/leases/${lease.id}`, { doneMs: 1 }],
    ['GET', bodyPath(lease.id), undefined],
    ['DELETE', `/api/v1/runner/leases/${lease.id}`, undefined],
  ] as const)
    expect(await runner.api.request(method, path, body)).toMatchObject({
      status: 401,
      body: { code: 'NOT_SIGNED_IN' },
    });
  // Enabled again, it has to ask for a job like everybody.
  ok(await school.admin.patch(`/api/runners/${runner.id}`, { disabled: false }));
  expect(await runner.api.put(`/api/v1/runner/leases/${lease.id}`, { doneMs: 1 })).toMatchObject({ status: 410 });
});

test('a token registers one runner, in its time, and nothing else', async () => {
  const token = await tokenForRunner(school.admin);
  await joinAsRunner(server.url, school.admin, { token });
  await expect(joinAsRunner(server.url, school.admin, { token })).rejects.toThrow(/404/);
  await expect(joinAsRunner(server.url, school.admin, { token: `emr_join_${'x'.repeat(43)}` })).rejects.toThrow(/404/);
  const late = await tokenForRunner(school.admin);
  await db().runnerInvitation.updateMany({
    where: { usedAt: null },
    data: { expiresAt: new Date(Date.now() - 1_000) },
  });
  await expect(joinAsRunner(server.url, school.admin, { token: late })).rejects.toThrow(/404/);
  for (const bad of [token, late])
    expect(
      await new Api(server.url, { authorization: `Bearer ${bad}` }).post('/api/v1/runner/leases', { detectors: 1 }),
    ).toMatchObject({ status: 401 });

  // A private key is sent by mistake, or a key that nothing can be sealed to.
  const { privateKeyArmored } = await generateVaultKey({ name: 'x' });
  const mine = await tokenForRunner(school.admin);
  for (const publicKey of [privateKeyArmored, 'no key'])
    expect(
      await school.nobody.post('/api/v1/runner/registrations', {
        token: mine,
        name: 'x',
        capabilities: ['analyse'],
        publicKey,
        detectors: 1,
      }),
    ).toMatchObject({ status: 400, body: { reasons: [{ code: 'RUNNER_KEY_UNUSABLE' }] } });
});

test('nobody but an administrator makes a token, disables or removes', async () => {
  for (const one of [school.teacher, school.reviewer, school.auditor, runner.api]) {
    expect([401, 403]).toContain((await one.post('/api/runners/invitations')).status);
    expect([401, 403]).toContain((await one.patch(`/api/runners/${runner.id}`, { disabled: true })).status);
    expect([401, 403]).toContain((await one.delete(`/api/runners/${runner.id}`)).status);
  }
  // A secret of a runner opens nothing of the school, and a session of the school is no runner.
  for (const path of ['/api/recordings', `/api/recordings/${recordingId}`, '/api/runners', '/api/audit'])
    expect(await runner.api.get(path)).toMatchObject({ status: 401 });
  expect(await school.admin.post('/api/v1/runner/leases', { detectors: detectorsVersion })).toMatchObject({
    status: 401,
  });
});

test('ranges beyond the ciphertext, and the ciphertext again and again', async () => {
  const lease = await runner.lease();
  const at = (range: string) => runner.api.get(bodyPath(lease.id), { range });
  const { bodyBytes } = lease.sealed;
  expect(await at(`bytes=${bodyBytes}-`)).toMatchObject({ status: 416 });
  expect((await at(`bytes=${bodyBytes}-`)).headers.get('content-range')).toBe(`bytes */${bodyBytes}`);
  expect((await at(`bytes=${bodyBytes - 1}-${bodyBytes + 100}`)).headers.get('content-length')).toBe('1');
  await db().$executeRaw`UPDATE runner_job SET "bodyBytes" = ${2 ** 40} WHERE "leaseId" = ${lease.id}::uuid`;
  await expect(runner.api.get(bodyPath(lease.id))).resolves.toMatchObject({ status: 429 });
});

test('two hundred requests at once give one lease and hold up nobody', async () => {
  const asked = await Promise.all(
    Array.from({ length: 200 }, () => runner.api.post('/api/v1/runner/leases', { detectors: detectorsVersion })),
  );
  expect(asked.filter(({ status }) => status !== 200)).toEqual([]);
  expect(await db().runnerJob.count({ where: { runnerId: runner.id, state: 'leased' } })).toBeLessThanOrEqual(1);
  await db().runnerJob.deleteMany();
  await upload();
  const lease = await runner.lease();
  const bodies = await Promise.all(Array.from({ length: 200 }, () => runner.api.get(bodyPath(lease.id))));
  expect(new Set(bodies.map(({ status }) => status)).isSubsetOf(new Set([200, 429]))).toBe(true);
  expect(await school.teacher.get('/api/recordings')).toMatchObject({ status: 200 });
});
