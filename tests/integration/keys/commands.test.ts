import { mkdtemp, readFile, rm, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { run } from '../../../src/cli/run.ts';
import type { Terminal } from '../../../src/cli/terminal.ts';
import { createPermittedLesson, createSchool, ok, type School } from '../../support/school.ts';
import { createSealedRecording, readRecording } from '../../support/sealed-recording.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';

let server: TestServer;
let school: School;

// With its worker: the commands only queue the walk.
beforeAll(async () => {
  server = await startTestServer();
  school = await createSchool(server);
});
afterAll(() => server?.stop());

async function emanet(home: string, ...args: string[]) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const env = { LANG: 'en', EMANET_HOME: home, DATABASE_URL: server.database.url };
  const terminal = { stdin: new PassThrough(), stdout, stderr, env } as unknown as Terminal;
  const status = await run(['--json', 'keys', ...args], terminal);
  return { status, out: String(stdout.read() ?? ''), err: String(stderr.read() ?? '') };
}

test('generate, rotate and retire beside a running server, which follows without a restart', async () => {
  const { outside } = server.context;
  const lesson = await createPermittedLesson(school);
  const before = await createSealedRecording(outside, lesson.id, school.teacher.id, { mediaBytes: 100 });
  const old = outside.keyring.recipients[0]!.fingerprint;
  expect((await emanet(server.home, 'rotate')).status).toBe(1);
  expect((await emanet(server.home, 'generate', '--v6')).status).toBe(0);
  const { status, out } = await emanet(server.home, 'rotate', '--wait');
  expect(status).toBe(0);
  expect(JSON.parse(out)).toMatchObject({ left: 0, run: { failed: 0 } });
  expect(outside.keyring.recipients[0]!.fingerprint).toBe(JSON.parse(out).current[0]);
  expect((await readRecording(outside, before.id)).equals(before.media)).toBe(true);

  const early = await emanet(server.home, 'retire', old);
  expect(early.status).toBe(1);
  expect(early.err).toContain('TOO_EARLY');
  const longAgo = new Date(Date.now() - 3_600_000);
  await utimes(join(server.home, `keys/former/${old}.private.asc`), longAgo, longAgo);
  expect((await emanet(server.home, 'retire', old)).status).toBe(0);

  const { items } = JSON.parse((await emanet(server.home, 'list')).out) as {
    items: { fingerprint: string; state: string }[];
  };
  expect(items.find(({ fingerprint }) => fingerprint === old)?.state).toBe('retired');
  const overHttp = ok(await school.admin.get('/api/keys'));
  expect(overHttp.rotation.left).toBe(0);
  expect((await school.teacher.get('/api/keys')).status).toBe(403);
  const log = ok(await school.auditor.get('/api/audit?limit=200')).entries as { entry: { action: string } }[];
  const actions = log.map(({ entry }) => entry.action);
  for (const action of ['keys.generated', 'keys.rotated', 'keys.rewrapped', 'keys.retired'])
    expect(actions).toContain(action);
});

test('a home without keys is said to be one', async () => {
  const home = await mkdtemp(join(tmpdir(), 'emanet-empty-'));
  const { status, err } = await emanet(home, 'list');
  expect(status).toBe(2);
  expect(err).toContain('There are no keys');
  await rm(home, { recursive: true });
});

test('private keys at rest are locked with Argon2, the recovery key by a passphrase of its own', async () => {
  const { readPrivateKey } = await import('openpgp');
  for (const name of ['vault.private.asc', 'recovery.private.asc']) {
    const key = await readPrivateKey({ armoredKey: await readFile(join(server.home, 'keys', name), 'utf8') });
    expect(key.isDecrypted()).toBe(false);
    const packet = key.keyPacket as unknown as { s2k: { type: string } };
    expect(packet.s2k.type).toBe('argon2');
  }
});
