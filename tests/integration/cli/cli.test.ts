import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { totpNow } from '../../../src/demo/totp.ts';
import { testPassword } from '../../support/api.ts';
import { createPermittedLesson, createSchool, inDays, ok, type School } from '../../support/school.ts';
import { createSealedRecording } from '../../support/sealed-recording.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';
import { wavOf } from '../../support/wav.ts';

const root = join(import.meta.dirname, '../../..');
const media = join(root, 'tests/fixtures/media/zoom-ruby-gem-walkthrough.mp4');

let server: TestServer;
let school: School;
let folder: string;
let passwordFile: string;

beforeAll(async () => {
  server = await startTestServer();
  school = await createSchool(server);
  folder = await mkdtemp(join(tmpdir(), 'emanet-cli-'));
  passwordFile = join(folder, 'password');
  await writeFile(passwordFile, `${testPassword}\n`);
});
afterAll(async () => {
  await server?.stop();
  if (folder) await rm(folder, { recursive: true, force: true });
});

/** Runs `emanet` as a process of its own; `who` names the folder of the credentials. */
function emanet(who: string, args: readonly string[], env: Record<string, string> = {}) {
  return new Promise<{ status: number | null; out: string; err: string }>((resolve, reject) => {
    const child = spawn(join(root, 'scripts/emanet'), args, {
      env: {
        PATH: process.env.PATH ?? '',
        LANG: 'en_GB.UTF-8',
        XDG_CONFIG_HOME: join(folder, who),
        EMANET_SERVER: server.url,
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let [out, err] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      err += text;
    });
    child.once('error', reject);
    child.once('close', (status) => resolve({ status, out, err }));
  });
}

async function signIn(who: string, person: { email: string; totpUri: string | null }) {
  const code = person.totpUri ? ['--code', await totpNow(person.totpUri)] : [];
  return emanet(who, ['sign-in', '--email', person.email, '--password-file', passwordFile, ...code]);
}

test('signing in keeps a token for its owner only, and signing out revokes it', async () => {
  const signedIn = await signIn('leaver', school.otherTeacher);
  expect(signedIn).toMatchObject({ status: 0, err: '' });
  const path = join(folder, 'leaver/emanet/credentials.json');
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  const { token, ...rest } = JSON.parse(await readFile(path, 'utf8'));
  expect(JSON.stringify(rest)).not.toContain(testPassword);
  const who = await emanet('leaver', ['whoami', '--json']);
  expect(JSON.parse(who.out).person.email).toBe(school.otherTeacher.email);

  expect((await emanet('leaver', ['sign-out'])).status).toBe(0);
  await expect(stat(path)).rejects.toMatchObject({ code: 'ENOENT' });
  const after = await emanet('leaver', ['whoami', '--json'], { EMANET_TOKEN: token });
  expect(after.status).toBe(1);
  expect(JSON.parse(after.err).error.code).toBe('NOT_SIGNED_IN');
});

test('a teacher sees what the gate misses, is refused with every reason, then uploads and follows the check', async () => {
  expect((await signIn('teacher', school.teacher)).status).toBe(0);
  const bare = ok(
    await school.teacher.post('/api/lessons', {
      title: 'Not ready',
      reason: 'For pupils who were ill',
      plannedStart: inDays(-1),
      plannedEnd: inDays(-0.9),
      supervisorName: 'Tuna Teacher',
      channelId: school.channelId,
    }),
  );
  const closed = await emanet('teacher', ['lessons', 'gate', bare.id]);
  expect(closed.status).toBe(1);
  expect(closed.out).toContain('The lesson names no site.');
  const refused = await emanet('teacher', ['upload', media, '--lesson', bare.id, '--lang', 'tr']);
  expect(refused.status).toBe(1);
  expect(refused.err).toContain('İzinler eksik');
  expect(refused.err).toContain('Derse hiçbir katılımcı eklenmemiş.');

  const { id: lessonId } = await createPermittedLesson(school);
  expect((await emanet('teacher', ['lessons', 'gate', lessonId])).status).toBe(0);
  const progress = await emanet('teacher', ['upload', media, '--lesson', lessonId]);
  expect(progress).toMatchObject({ status: 0 });
  expect(progress.err).toContain('100%');
  const listed = JSON.parse((await emanet('teacher', ['recordings', 'list', '--json'])).out);
  const recording = listed.items.find((one: { lessonId: string }) => one.lessonId === lessonId);
  expect(recording.bytes).toBe((await stat(media)).size);
  const status = await emanet('teacher', ['status', recording.id, '--json']);
  expect(status.status).toBe(0);
  expect(JSON.parse(status.out)).toMatchObject({ id: recording.id, lessonId });
  expect((await emanet('teacher', ['status', recording.id, '--lang', 'tr'])).out).toContain('9-B Physics');
});

test('an upload whose process was killed goes on where it was when the same command runs again', async () => {
  expect((await signIn('teacher', school.teacher)).status).toBe(0);
  const { id: lessonId } = await createPermittedLesson(school);
  const path = join(folder, 'long.wav');
  const file = wavOf(120 * 2 ** 20);
  await writeFile(path, file);
  const args = ['upload', path, '--lesson', lessonId];
  const child = spawn(join(root, 'scripts/emanet'), args, {
    detached: true,
    env: {
      PATH: process.env.PATH ?? '',
      XDG_CONFIG_HOME: join(folder, 'teacher'),
      EMANET_SERVER: server.url,
      LANG: 'en',
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  await new Promise<void>((resolve) => {
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      if (/Sending\s+[2-9]0%/.test(text)) resolve();
    });
  });
  process.kill(-child.pid!, 'SIGKILL');
  const listed = JSON.parse((await emanet('teacher', ['uploads', 'list', '--json'])).out);
  expect(listed.items).toMatchObject([{ lessonId, state: 'receiving', fileName: 'long.wav' }]);
  const again = await emanet('teacher', args);
  expect(again.err).toContain('Going on where the last try ended.');
  expect(again.err).not.toContain('Reading');
  expect(again).toMatchObject({ status: 0 });
  const { items } = JSON.parse((await emanet('teacher', ['recordings', 'list', '--lesson', lessonId, '--json'])).out);
  expect(items).toHaveLength(1);
  const recording = ok(await school.teacher.get(`/api/recordings/${items[0].id}`));
  expect(recording.mediaSha256).toBe(createHash('sha256').update(file).digest('hex'));
  expect((await emanet('teacher', ['uploads', 'list'])).out).toContain('No upload is unfinished.');
});

test('an upload that is no recording is refused after its sealing, with the reason', async () => {
  expect((await signIn('teacher', school.teacher)).status).toBe(0);
  const { id: lessonId } = await createPermittedLesson(school);
  const path = join(folder, 'letter.mp4');
  await writeFile(path, 'Dear all, the lesson is at nine.\n');
  const refused = await emanet('teacher', ['upload', path, '--lesson', lessonId, '--json']);
  expect(refused.status).toBe(1);
  expect(JSON.parse(refused.err).error).toMatchObject({ code: 'NOT_MEDIA' });
  const [{ id }] = JSON.parse((await emanet('teacher', ['uploads', 'list', '--json'])).out).items;
  expect((await emanet('teacher', ['uploads', 'cancel', id])).status).toBe(0);
});

test('an auditor exports the log and verifies it offline; a changed copy names the entry', async () => {
  expect((await signIn('auditor', school.auditor)).status).toBe(0);
  const path = join(folder, 'log.jsonl');
  expect((await emanet('auditor', ['audit', 'export', '--format', 'jsonl', '-o', path])).status).toBe(0);
  const offline = { EMANET_SERVER: 'http://127.0.0.1:9' };
  const intact = await emanet('nobody', ['audit', 'verify', path], offline);
  expect(intact).toMatchObject({ status: 0, err: '' });

  const lines = (await readFile(path, 'utf8')).trimEnd().split('\n');
  const changed = { ...JSON.parse(lines[4]!) };
  changed.canonical = changed.canonical.replace('"done"', '"nope"');
  const copy = join(folder, 'changed.jsonl');
  await writeFile(copy, [...lines.slice(0, 4), JSON.stringify(changed), ...lines.slice(5)].join('\n'));
  const tampered = await emanet('nobody', ['audit', 'verify', copy], offline);
  expect(tampered.status).toBe(1);
  expect(tampered.out).toContain('entry 5:');

  await writeFile(copy, [...lines.slice(0, 2), ...lines.slice(3)].join('\n'));
  expect((await emanet('nobody', ['audit', 'verify', copy], offline)).out).toContain('entry 4:');
  await writeFile(copy, 'seq,at\r\n1,now\r\n');
  expect((await emanet('nobody', ['audit', 'verify', copy], offline)).status).toBe(2);
});

test('an administrator keeps, holds and erases, and takes the certificate away', async () => {
  expect((await signIn('admin', school.admin)).status).toBe(0);
  const admin = (...args: string[]) => emanet('admin', args);
  const { id: lessonId } = await createPermittedLesson(school);
  const { id } = await createSealedRecording(server.context.outside, lessonId, school.teacher.id);
  expect((await admin('retention', 'policies')).out).toContain('No policies');
  const added = await admin('retention', 'add', '--kind', 'exam', '--year', '2025', '--days', '30', '--json');
  expect(JSON.parse(added.out)).toMatchObject({ kind: 'exam', schoolYear: 2025, keepDays: 30 });
  expect((await admin('retention', 'policies')).out).toMatch(/exam +2025–2026 +30 days/);
  expect((await admin('retention', 'remove', JSON.parse(added.out).id)).status).toBe(0);
  expect((await admin('retention', 'add', '--days', '0')).status).toBe(0);
  expect((await admin('retention', 'preview', '--days', '30')).out).toContain(id);
  expect((await admin('retention', 'hold', '--why', 'x')).status).toBe(2);
  const hold = await admin(
    'retention',
    'hold',
    '--recording',
    id,
    '--why',
    'Complaint',
    '--until',
    '2099-01-01',
    '--json',
  );
  expect((await admin('retention', 'holds')).out).toContain('Complaint');
  expect((await admin('recordings', 'erase', id, '--why', 'asked')).status).toBe(2);
  const refused = await admin('recordings', 'erase', id, '--why', 'asked', '--yes');
  expect(refused).toMatchObject({ status: 1, out: '' });
  expect(refused.err).toContain('A legal hold is in force until 2099-01-01: Complaint');
  expect((await admin('retention', 'lift', JSON.parse(hold.out).id, '--why', 'settled')).status).toBe(0);
  expect((await admin('recordings', 're-seal', id, '--why', 'a laptop was stolen')).out).toContain('New key');
  expect((await admin('recordings', 'erase', id, '--why', 'asked', '--yes')).out).toContain('erased');
  const file = join(folder, 'certificate.json');
  let saved = await admin('recordings', 'certificate', id, '--output', file);
  for (let tries = 0; saved.status !== 0 && tries < 20; tries++)
    saved = await admin('recordings', 'certificate', id, '--output', file);
  expect(saved.status).toBe(0);
  expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({ recordingId: id, note: 'asked' });
  expect(await readFile(`${file}.asc`, 'utf8')).toContain('BEGIN PGP SIGNATURE');
  expect(await readFile(`${file}.key.asc`, 'utf8')).toContain('BEGIN PGP PUBLIC KEY BLOCK');
  expect(await admin('integrity')).toMatchObject({ status: 0 });
  const rules = ['--year-start', '8-15', '--grace-days', '3', '--erase-on-withdrawal-days', 'never', '--json'];
  const changed = await admin('school', 'set', ...rules);
  expect(changed).toMatchObject({ status: 0, err: '' });
  expect(JSON.parse(changed.out)).toMatchObject({ yearStartMonth: 8, yearStartDay: 15, eraseOnWithdrawalDays: null });
});

test('the exit status tells a refusal, wrong usage and an unreachable server apart', async () => {
  expect((await emanet('nobody', ['--help'])).status).toBe(0);
  const usage = await emanet('nobody', ['upload', '--lang', 'tr']);
  expect(usage).toMatchObject({ status: 2, out: '' });
  expect(usage.err).toContain('gerekli');
  expect((await emanet('nobody', ['whoami'])).status).toBe(2);
  const away = await emanet('nobody', ['whoami'], { EMANET_TOKEN: 'emt_x', EMANET_SERVER: 'http://127.0.0.1:9' });
  expect(away.status).toBe(3);
  const wrong = join(folder, 'wrong');
  await writeFile(wrong, 'not the password');
  const refused = await emanet('nobody', ['sign-in', '--email', school.teacher.email, '--password-file', wrong]);
  expect(refused.status).toBe(1);
});
