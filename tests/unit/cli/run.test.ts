import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { canonicalJson } from '../../../src/audit/canonical-json.ts';
import { type ExportLine, formatLine } from '../../../src/audit/export-format.ts';
import { chooseLanguage } from '../../../src/cli/choose-language.ts';
import { findCredentials, saveCredentials } from '../../../src/cli/credentials.ts';
import { findSegment, parseDecision } from '../../../src/cli/review.ts';
import { run } from '../../../src/cli/run.ts';
import { keyOf, TestLog, testSigner } from '../../support/log.ts';

let folder: string;
let server: Server | undefined;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'emanet-cli-'));
});
afterEach(async () => {
  server?.closeAllConnections();
  server?.close();
  server = undefined;
  await rm(folder, { recursive: true, force: true });
});

async function emanet(args: string[], env: Record<string, string> = {}, input = '') {
  const taken = { out: '', err: '' };
  const sink = (name: 'out' | 'err') =>
    new Writable({
      write(chunk, _encoding, done) {
        taken[name] += chunk;
        done();
      },
    });
  const code = await run(args, {
    stdin: Readable.from(input === '' ? [] : [input]),
    stdout: sink('out'),
    stderr: sink('err'),
    env: { XDG_CONFIG_HOME: folder, ...env },
  });
  return { code, ...taken };
}

/** A server with the answers that a test gives it; everything asked is kept. */
async function serve(answers: Record<string, { status: number; body?: unknown; type?: string }>) {
  const asked: { what: string; token: string | undefined }[] = [];
  server = createServer((req, res) => {
    const what = `${req.method} ${req.url}`;
    asked.push({ what, token: req.headers.authorization });
    const { status, body, type = 'application/json' } = answers[what] ?? { status: 500 };
    res.writeHead(status, { 'Content-Type': type });
    res.end(body === undefined ? '' : JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server!.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

test.each([
  [['--lang', 'tr'], {}, 'tr'],
  [['lessons', 'list', '--lang=tr'], { LANG: 'en_GB.UTF-8' }, 'tr'],
  [[], { LANG: 'tr_TR.UTF-8' }, 'tr'],
  [[], { LANG: 'tr_TR.UTF-8', LC_ALL: 'en_GB.UTF-8' }, 'en'],
  [[], { LANG: 'trv_TW' }, 'en'],
  [[], {}, 'en'],
] as const)('the language of %j with %j', (argv, env, expected) => {
  expect(chooseLanguage(argv, env)).toBe(expected);
});

test.each([
  ['help', ['--help'], 0, 'out', 'Usage: emanet'],
  ['help in Turkish', ['--help', '--lang', 'tr'], 0, 'out', 'Kullanım: emanet'],
  ['help of one command', ['recordings', 'declare', '--help'], 0, 'out', '--rights-holder'],
  ['an unknown command', ['fly'], 2, 'err', 'There is no command “fly”.'],
  [
    'an unknown option, in Turkish',
    ['jobs', 'list', '--fast', '--lang', 'tr'],
    2,
    'err',
    '“--fast” diye bir seçenek yok.',
  ],
  ['a missing argument', ['upload', '--lesson', 'x'], 2, 'err', '“file” is missing.'],
  ['a missing option', ['upload', 'f'], 2, 'err', '--lesson'],
  [
    'a value that is no date',
    ['release', 'x', '--audience', 'class', '--until', 'soon'],
    2,
    'err',
    'A date: 2026-03-31',
  ],
  [
    'a value outside of a closed set',
    ['release', 'x', '--audience', 'world', '--until', '2030-01-01'],
    2,
    'err',
    'class, school, sites, families',
  ],
  ['an address that is none', ['jobs', 'list', '--server', 'localhost'], 2, 'err', 'Not a server address'],
  ['nobody signed in', ['jobs', 'list'], 2, 'err', 'First: emanet sign-in'],
] as const)('%s', async (_what, args, code, stream, text) => {
  const answer = await emanet([...args]);
  expect(answer.code).toBe(code);
  expect(answer[stream]).toContain(text);
});

test('a refusal is one sentence and every reason in the language asked for, and exits with 1', async () => {
  const reasons = [
    { code: 'A', text: 'Ada: İzin yok.' },
    { code: 'B', text: 'Okul: İzin yok.' },
  ];
  const body = {
    type: 'x',
    title: 'İzinler eksik.',
    status: 403,
    code: 'PERMISSION_MISSING',
    reasons,
    requestId: 'r1',
  };
  const { url } = await serve({ 'GET /api/school': { status: 403, body, type: 'application/problem+json' } });
  const env = { EMANET_TOKEN: 'emt_x' };
  expect(await emanet(['school', 'show', '--lang', 'tr', '--server', url], env)).toEqual({
    code: 1,
    out: '',
    err: 'İzinler eksik.\n  - Ada: İzin yok.\n  - Okul: İzin yok.\n',
  });
  const { err } = await emanet(['school', 'show', '--json', '--server', url], env);
  expect(JSON.parse(err)).toMatchObject({ error: { code: 'PERMISSION_MISSING', reasons, requestId: 'r1' } });
});

test('a server that does not answer exits with 3, something that is not Emanet too', async () => {
  const env = { EMANET_TOKEN: 'emt_x' };
  const { url } = await serve({ 'GET /api/school': { status: 200, body: { hello: 1 } } });
  expect((await emanet(['school', 'show', '--server', url], env)).code).toBe(3);
  server!.closeAllConnections();
  await new Promise((resolve) => server!.close(resolve));
  const answer = await emanet(['school', 'show', '--server', url], env);
  expect(answer).toMatchObject({ code: 3, out: '' });
  expect(answer.err).toContain('ECONNREFUSED');
});

const saved = { email: 'a@school.example', token: 'emt_secret', tokenId: 't1', expiresAt: '2027-01-01T00:00:00.000Z' };
const school = {
  id: '00000000-0000-4000-8000-000000000001',
  name: 'Okul',
  requireAllGuardians: false,
  secondFactorRoles: ['teacher'],
  requirePupilSignature: true,
  yearStartMonth: 9,
  yearStartDay: 1,
  expiredGraceDays: 7,
  eraseOnWithdrawalDays: null,
  linkDays: 30,
  longestLinkDays: 365,
  attendance: 'never',
};

test('the token of a sign-in goes to its own server and to no other', async () => {
  const { url, asked } = await serve({ 'GET /api/school': { status: 200, body: school } });
  const env = { XDG_CONFIG_HOME: folder };
  await saveCredentials(env, { ...saved, server: url });
  expect((await emanet(['school', 'show'])).code).toBe(0);
  expect(asked).toEqual([{ what: 'GET /api/school', token: 'Bearer emt_secret' }]);
  await saveCredentials(env, { ...saved, server: 'https://other.example' });
  expect((await emanet(['school', 'show', '--server', url])).code).toBe(2);
  expect(asked).toHaveLength(1);
});

test('credentials are for their owner only, also where an older file was not', async () => {
  const env = { XDG_CONFIG_HOME: folder };
  const path = join(folder, 'emanet', 'credentials.json');
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, '{}');
  await chmod(path, 0o644);
  await saveCredentials(env, { ...saved, server: 'http://localhost:8300' });
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect(await findCredentials(env)).toMatchObject({ token: 'emt_secret' });
  expect(await readFile(path, 'utf8')).not.toContain('password');
});

test.each([
  ['abc=mute', { segment: 'abc', kind: 'mute' }],
  ['abc=permitted:licence', { segment: 'abc', kind: 'permitted', ground: 'licence' }],
  [
    'abc=permitted:licence: signed: 2024 ',
    { segment: 'abc', kind: 'permitted', ground: 'licence', note: 'signed: 2024' },
  ],
  ['abc=cut::too long', { segment: 'abc', kind: 'cut', note: 'too long' }],
  ['abc=dance', null],
  ['abc=permitted:luck', null],
  ['a=blur@10,20,30.5,40', { segment: 'a', kind: 'blur', region: { x: 0.1, y: 0.2, width: 0.305, height: 0.4 } }],
  ['a=blur@10,20,30', null],
  ['=mute', null],
  ['abc', null],
])('the decision %s', (text, expected) => {
  expect(parseDecision(text)).toEqual(expected);
});

test('a segment may be named by its first characters, when they are its alone', () => {
  const recording = { segments: [{ id: 'ab1' }, { id: 'ab2' }] } as unknown as Parameters<typeof findSegment>[0];
  expect(findSegment(recording, 'AB2', 'en').id).toBe('ab2');
  expect(() => findSegment(recording, 'ab', 'en')).toThrow('Several');
  expect(() => findSegment(recording, 'x', 'tr')).toThrow('yok');
});

const signer = testSigner();
const log = TestLog.of(5, signer);

async function verify(lines: readonly (ExportLine | string)[], ...more: string[]) {
  const path = join(folder, 'log.jsonl');
  await writeFile(path, lines.map((line) => (typeof line === 'string' ? `${line}\n` : formatLine(line))).join(''));
  return emanet(['audit', 'verify', path, ...more]);
}

test('an intact export exits with 0 and names log, size and root', async () => {
  const answer = await verify(log.exportAll(), '--key', keyOf(signer));
  expect(answer).toMatchObject({ code: 0, err: '' });
  expect(answer.out).toContain('Intact: all 5 entries');
  expect(answer.out).toContain(log.note().split('\n')[2]);
});

test('without a key the one that the file states is shown, to be compared', async () => {
  const answer = await verify(log.exportAll());
  expect(answer.code).toBe(0);
  expect(answer.out).toContain(`The file itself states the key: ${keyOf(signer)}`);
});

test('changed entries are named, each of them, and exit with 1', async () => {
  const lines = log
    .exportAll()
    .map((line) => ('seq' in line && [2, 4].includes(line.seq) ? { ...line, canonical: '{"n":9}' } : line));
  const answer = await verify(lines);
  expect(answer.code).toBe(1);
  expect(answer.out).toContain('entry 2: what it says was changed');
  expect(answer.out).toContain('entry 4: what it says was changed');
  expect(answer.out).not.toContain('entry 3');
});

test('what was kept elsewhere counts: another key, and a checkpoint of a log that had more', async () => {
  expect((await verify(log.exportAll(), '--key', keyOf(testSigner()))).code).toBe(1);
  const kept = join(folder, 'kept.txt');
  await writeFile(kept, TestLog.of(6, signer).note());
  expect((await verify(log.exportAll(), '--checkpoint', kept)).code).toBe(1);
  await writeFile(kept, log.note(3));
  expect((await verify(log.exportAll(), '--checkpoint', kept)).code).toBe(0);
  await writeFile(kept, 'nothing');
  expect((await verify(log.exportAll(), '--checkpoint', kept)).code).toBe(2);
});

test('a line separator within an entry does not end its line', async () => {
  const odd = new TestLog([canonicalJson({ what: 'two\u2028lines' })], signer);
  expect((await verify(odd.exportAll())).code).toBe(0);
});

test.each([
  ['an empty file', []],
  ['a file that is no log', ['hello']],
  ['an entry without a beginning', ['{"seq":1,"canonical":"{}"}']],
])('%s exits with 2', async (_what, lines) => {
  expect((await verify(lines)).code).toBe(2);
});
