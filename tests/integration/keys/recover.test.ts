import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { generateKey } from 'openpgp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { run } from '../../../src/cli/run.ts';
import type { Terminal } from '../../../src/cli/terminal.ts';
import { putTombstone } from '../../../src/pipeline/retention/put-tombstone.ts';
import { testS3Servers } from '../../support/s3-servers.ts';
import { createPermittedLesson, createSchool } from '../../support/school.ts';
import { createSealedRecording } from '../../support/sealed-recording.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';

let server: TestServer;
let folder: string;
let first: Awaited<ReturnType<typeof createSealedRecording>>;
let second: typeof first;

beforeAll(async () => {
  server = await startTestServer({ WORKER: 'false' });
  folder = await mkdtemp(join(tmpdir(), 'emanet-recover-'));
  const school = await createSchool(server);
  const { id } = await createPermittedLesson(school);
  first = await createSealedRecording(server.context.outside, id, school.teacher.id);
  second = await createSealedRecording(server.context.outside, id, school.teacher.id, { renditionBytes: null });
});
afterAll(async () => {
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** The command without database and server: it is told of neither. */
const emanet = (...args: string[]) => emanetWith({}, ...args);
async function emanetWith(env: Record<string, string>, ...args: string[]) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const terminal = { stdin: new PassThrough(), stdout, stderr, env: { LANG: 'en', ...env } } as unknown as Terminal;
  const status = await run(['--json', ...args], terminal);
  return { status, out: String(stdout.read() ?? ''), err: String(stderr.read() ?? '') };
}
const place = () => ['--from', join(server.home, 'objects')];
const key = () => [
  ...['--key', join(server.home, 'keys/recovery.private.asc')],
  ...['--passphrase-file', join(server.home, 'keys/recovery.passphrase.txt')],
];

test('lists what the store holds', async () => {
  const { status, out } = await emanet('recover', ...place(), '--list');
  expect(status).toBe(0);
  expect(JSON.parse(out).items).toHaveLength(3);
});

test('brings every recording back with the recovery key and the sheet of its passphrase', async () => {
  const to = join(folder, 'all');
  const { status, out } = await emanet('recover', ...key(), ...place(), '--to', to);
  expect(status).toBe(0);
  const { items } = JSON.parse(out) as { items: { ownerId: string; file: string }[] };
  const restored = await Promise.all(items.map(async ({ file }) => readFile(file)));
  for (const { media } of [first, second]) expect(restored.some((bytes) => bytes.equals(media))).toBe(true);
  expect(await readdir(to)).toHaveLength(3);
});

test('brings one back', async () => {
  const { status, out } = await emanet(
    'recover',
    ...key(),
    ...place(),
    '--to',
    join(folder, 'one'),
    '--only',
    second.id,
  );
  expect(status).toBe(0);
  const [only] = JSON.parse(out).items;
  expect((await readFile(only.file)).equals(second.media)).toBe(true);
});

test('says which failed and why, leaves no file of it, and goes on with the others', async () => {
  const path = join(server.home, 'objects', `${first.bodyKey}~`);
  const body = await readFile(path);
  await writeFile(path, body.subarray(0, -1));
  const to = join(folder, 'some');
  const { status, out } = await emanet('recover', ...key(), ...place(), '--to', to);
  await writeFile(path, body);
  expect(status).toBe(1);
  const { items } = JSON.parse(out) as { items: { ownerId: string; why: string | null }[] };
  expect(items.filter(({ why }) => why !== null)).toMatchObject([{ ownerId: first.id }]);
  expect(await readdir(to)).toHaveLength(2);
});

test.each([
  ['damaged', 'ENVELOPE'],
  ['missing', 'ENVELOPE_MISSING'],
])('an envelope that is %s is said, though its body is whole', async (what, code) => {
  const path = join(server.home, 'objects', `${first.bodyKey.replace(/body$/, 'envelope')}~`);
  const envelope = await readFile(path);
  if (what === 'missing') await rm(path);
  else await writeFile(path, envelope.subarray(0, 40));
  const to = join(folder, what);
  const { status, out } = await emanet('recover', ...key(), ...place(), '--to', to);
  const listed = await emanet('recover', ...place(), '--list');
  await writeFile(path, envelope);
  expect(status).toBe(1);
  const { items } = JSON.parse(out) as { items: { ownerId: string; why: string | null }[] };
  expect(items.filter(({ why }) => why !== null)).toMatchObject([
    { ownerId: first.id, file: null, why: expect.stringMatching(new RegExp(`^${code}:`)) },
  ]);
  expect(await readdir(to)).toHaveLength(2);
  const missing = JSON.parse(listed.out).items.filter((one: { hasEnvelope: boolean }) => !one.hasEnvelope);
  expect(missing).toHaveLength(what === 'missing' ? 1 : 0);
});

test('brings nothing back that has a tombstone, and says how to if nobody erased it', async () => {
  const { objects } = server.context.outside;
  await putTombstone(server.context.outside, { recordingId: second.id, why: 'request', startedAt: new Date() });
  const to = join(folder, 'erased');
  const { status, out } = await emanet('recover', ...key(), ...place(), '--to', to);
  await objects.delete(`tombstones/${second.id}`);
  expect(status).toBe(1);
  const { items } = JSON.parse(out) as { items: { ownerId: string; why: string | null }[] };
  expect(items.filter(({ why }) => why !== null)).toMatchObject([
    { ownerId: second.id, file: null, why: expect.stringContaining(`delete tombstones/${second.id}`) },
  ]);
  expect(await readdir(to)).toHaveLength(2);
});

describe.skipIf(testS3Servers().length === 0)('from an S3 server', () => {
  test.each(testS3Servers())(
    '$name: every byte comes back from the bucket alone, what is missing or erased is named',
    async (s3) => {
      const access = {
        S3_ENDPOINT: s3.endpoint,
        S3_REGION: s3.region,
        S3_ACCESS_KEY_ID: s3.key,
        S3_SECRET_ACCESS_KEY: s3.secret,
      };
      const bucket = `emanet-recover-${Date.now()}`;
      const other = await startTestServer({ WORKER: 'false', STORE: 's3', S3_BUCKET: bucket, ...access });
      try {
        const { outside } = other.context;
        const school = await createSchool(other);
        const { id: lessonId } = await createPermittedLesson(school);
        const seal = () => createSealedRecording(outside, lessonId, school.teacher.id, { renditionBytes: null });
        const [whole, bodiless, shut, erased] = [await seal(), await seal(), await seal(), await seal()];
        await outside.objects.delete(bodiless.bodyKey);
        await outside.objects.delete(shut.bodyKey.replace(/body$/, 'envelope'));
        await putTombstone(outside, { recordingId: erased.id, why: 'request', startedAt: new Date() });
        const to = join(folder, bucket);
        const args = ['--key', join(other.home, 'keys/recovery.private.asc'), '--from', `s3://${bucket}`, '--to', to];
        const sheet = ['--passphrase-file', join(other.home, 'keys/recovery.passphrase.txt')];
        const { status, out } = await emanetWith(access, 'recover', ...args, ...sheet);
        expect(status).toBe(1);
        const { items } = JSON.parse(out) as { items: { ownerId: string; file: string; why: string | null }[] };
        const of = (id: string) => items.find(({ ownerId }) => ownerId === id)!;
        expect((await readFile(of(whole.id).file)).equals(whole.media)).toBe(true);
        expect(of(bodiless.id)).toMatchObject({ file: null, why: 'BODY_MISSING' });
        expect(of(shut.id)).toMatchObject({ file: null, why: expect.stringMatching(/^ENVELOPE_MISSING/) });
        expect(of(erased.id)).toMatchObject({ file: null, why: expect.stringMatching(/^ERASED/) });
        expect(await readdir(to)).toHaveLength(1);
        expect((await emanetWith({}, 'recover', '--from', `s3://${bucket}`, '--list')).err).toContain(
          'S3_ACCESS_KEY_ID',
        );
        const list = (env: object, from: string) =>
          emanetWith({ ...access, ...env }, 'recover', '--from', from, '--list');
        const noBucket = await list({}, 's3://emanet-no-such-bucket');
        expect(noBucket.status).toBe(2);
        expect(noBucket.err).toContain('NoSuchBucket');
        const wrongSecret = await list({ S3_SECRET_ACCESS_KEY: 'wrong' }, `s3://${bucket}`);
        expect(wrongSecret.status).toBe(2);
        expect(wrongSecret.err).toContain('SignatureDoesNotMatch');
        const away = await list({ S3_ENDPOINT: 'http://127.0.0.1:9' }, `s3://${bucket}`);
        expect(away.status).toBe(3);
        expect(JSON.parse(away.err).error.code).toBe('STORE_UNAVAILABLE');
      } finally {
        await other.stop();
      }
    },
  );
});

test('a key that no envelope names opens nothing and leaves no file', async () => {
  const to = join(folder, 'wrong');
  const path = join(folder, 'wrong.asc');
  const { privateKey } = await generateKey({
    type: 'curve25519',
    userIDs: [{ name: 'TEST ONLY' }],
    config: { aeadProtect: true },
  });
  await writeFile(path, privateKey);
  const { status, out } = await emanet('recover', '--key', path, ...place(), '--to', to);
  expect(status).toBe(1);
  const { items } = JSON.parse(out) as { items: { why: string | null }[] };
  expect(items.map(({ why }) => why)).toEqual(items.map(() => expect.stringContaining('NOT_A_RECIPIENT')));
  expect(await readdir(to)).toEqual([]);
});

test.each([[['--to', 'x']], [['--key', 'nowhere.asc', '--to', 'x']]])('wrong usage ends with 2: %j', async (more) => {
  expect((await emanet('recover', ...place(), ...more)).status).toBe(2);
});

test('without the passphrase nothing is read', async () => {
  const { status, err } = await emanet('recover', '--key', key()[1]!, ...place(), '--to', join(folder, 'none'));
  expect(status).toBe(2);
  expect(err).toMatch(/locked/);
});
