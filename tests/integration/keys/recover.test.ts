import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { run } from '../../../src/cli/run.ts';
import type { Terminal } from '../../../src/cli/terminal.ts';
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
async function emanet(...args: string[]) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const terminal = { stdin: new PassThrough(), stdout, stderr, env: { LANG: 'en' } } as unknown as Terminal;
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

test.each([[['--to', 'x']], [['--key', 'nowhere.asc', '--to', 'x']]])('wrong usage ends with 2: %j', async (more) => {
  expect((await emanet('recover', ...place(), ...more)).status).toBe(2);
});

test('without the passphrase nothing is read', async () => {
  const { status, err } = await emanet('recover', '--key', key()[1]!, ...place(), '--to', join(folder, 'none'));
  expect(status).toBe(2);
  expect(err).toMatch(/locked/);
});
