import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startEmbeddedPostgres } from '../../src/adapters/embedded-postgres/embedded-postgres.ts';
import { Api, testPassword } from '../support/api.ts';
import { spawnServer } from '../support/process.ts';
import { ok } from '../support/school.ts';

const run = promisify(execFile);
const root = join(import.meta.dirname, '../..');
let home: string;
let env: Record<string, string>;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'emanet-setup-'));
  env = { PATH: process.env.PATH ?? '', EMANET_HOME: home, VAULT_KEY_PASSPHRASE: 'test only, chosen by the operator' };
});
afterAll(async () => {
  await (await startEmbeddedPostgres({ folder: join(home, 'postgres') })).stop();
  await rm(home, { recursive: true, force: true });
});
const setup = (...args: string[]) => run(process.execPath, ['src/processes/setup.ts', ...args], { cwd: root, env });

test('an empty machine gets its keys, its school and its first administrator, and serves', async () => {
  const first = await setup('--school', 'Deneme Okulu', '--admin-email', 'head@school.example', '--admin-name', 'Head');
  expect(first.stdout).toContain('recovery key (take it away)');
  expect(first.stdout).toContain('rules of permission: Turkey');
  expect(first.stdout).toContain('to record and keep: personal link and a second thing');
  // What is no terminal is told where the passphrase lies, and not what it is.
  const sheet = await readFile(join(home, 'keys/recovery.passphrase.txt'), 'utf8');
  expect(first.stdout).toContain(join(home, 'keys/recovery.passphrase.txt'));
  expect(first.stdout).not.toContain(sheet.split('\n')[0]!);
  const token = /#invitation=(\S+)/.exec(first.stdout)?.[1];
  await expect(setup('--school', 'Another School', '--rules', 'none')).rejects.toThrow('there are no rules “none”');
  const again = await setup('--school', 'Another School', '--rules', 'uk');
  expect(again.stdout.trim()).toBe('the database is up to date');
  expect((await stat(home)).mode & 0o777).toBe(0o700);
  expect((await stat(join(home, 'keys/vault.private.asc'))).mode & 0o777).toBe(0o600);

  const server = await spawnServer(env);
  try {
    const api = new Api(server.url);
    expect(ok(await api.post('/api/invitations/accept', { token, password: testPassword })).roles).toEqual([
      'administrator',
    ]);
    const session = await api.post('/api/session', { email: 'head@school.example', password: testPassword });
    expect(session.body).toMatchObject({ secondFactorMissing: true });
  } finally {
    expect(await server.stop()).toBe(0);
  }
});

test('the vault key on the disk is locked', async () => {
  const { readPrivateKey } = await import('openpgp');
  const key = await readPrivateKey({ armoredKey: await readFile(join(home, 'keys/vault.private.asc'), 'utf8') });
  expect(key.isDecrypted()).toBe(false);
});

test('an authority is invited, or made of a member of staff, and is none any more when the operator says so', async () => {
  const invited = await setup('--authority', 'kurum@school.example', '--authority-name', 'Aylin Kurum');
  expect(invited.stdout).toMatch(
    /invitation for kurum@school\.example, to be opened within 7 days: \S+#invitation=\S+/,
  );
  const made = await setup('--authority', 'Head@school.example');
  expect(made.stdout).toContain('Head@school.example is an authority now, and keeps other roles');
  const refusal = (...args: string[]) =>
    setup(...args).then(
      () => 'done',
      ({ stderr }: { stderr: string }) => stderr.trim(),
    );
  expect(await refusal('--authority', 'head@school.example')).toBe('head@school.example is an authority already');
  expect((await setup('--end-authority', 'head@school.example')).stdout).toContain('is no authority any more');
  expect((await setup('--end-authority', 'kurum@school.example')).stdout).toContain('is no authority any more');
  expect(await refusal('--end-authority', 'kurum@school.example')).toBe('kurum@school.example is no authority');
});

test('a second school is opened, listed, closed and opened again; what cannot be done is said in one line', async () => {
  const opened = await setup('--another-school', 'İkinci Okul', '--admin-email', 'head@second.example');
  const id = /school: İkinci Okul \((\S+)\)/.exec(opened.stdout)?.[1] ?? '';
  expect(opened.stdout).toContain(join(home, 'schools', id, 'keys/recovery.private.asc'));
  expect((await stat(join(home, 'schools', id))).mode & 0o777).toBe(0o700);
  const token = /#invitation=(\S+)/.exec(opened.stdout)?.[1];

  const server = await spawnServer(env);
  try {
    const api = new Api(server.url);
    const joined = await api.post('/api/invitations/accept', { token, password: testPassword, language: 'en' });
    expect(ok(joined).roles).toEqual(['administrator']);
    const session = await api.post('/api/session', { email: 'head@second.example', password: testPassword });
    expect(ok(session).school).toEqual({ id, name: 'İkinci Okul' });
    expect((await setup('--schools')).stdout).toContain(`${id}  İkinci Okul; staff 1, recordings 0`);
    await setup('--close-school', id);
    expect((await setup('--schools')).stdout).toMatch(/İkinci Okul; .*; closed \d{4}-/);
    const again = await api.post('/api/session', { email: 'head@second.example', password: testPassword });
    expect(again).toMatchObject({ status: 401, body: { code: 'SIGN_IN_FAILED' } });
    await setup('--reopen-school', id);
    expect((await api.post('/api/session', { email: 'head@second.example', password: testPassword })).status).toBe(200);
  } finally {
    await server.stop();
  }
  const refusal = (...args: string[]) =>
    setup(...args).then(
      () => 'done',
      ({ stderr }: { stderr: string }) => stderr.trim(),
    );
  expect(await refusal('--another-school', 'İkinci Okul')).toBe(`there is a school of this name already: ${id}`);
  expect(await refusal('--close-school', 'nonsense')).toBe('there is no school nonsense: --schools lists them');
  expect(await refusal('--reopen-school', id)).toBe(`the school ${id} is open already`);
});
