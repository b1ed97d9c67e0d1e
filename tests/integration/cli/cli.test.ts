import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { run } from '../../../src/cli/run.ts';
import { signedInStaff, testPassword } from '../../support/api.ts';
import { shortLessonFile } from '../../support/media.ts';
import { inked, pdfOf } from '../../support/pdf.ts';
import { ownEnvironment } from '../../support/process.ts';
import {
  confirmWaiting,
  createPermittedLesson,
  createSchool,
  inDays,
  ok,
  pseudonymIn,
  type School,
} from '../../support/school.ts';
import { createSealedRecording } from '../../support/sealed-recording.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';
import { wavOf } from '../../support/wav.ts';
import { zipOf } from '../../support/zip.ts';

const root = join(import.meta.dirname, '../../..');
const media = shortLessonFile;

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

const environmentOf = (who: string, env: Record<string, string> = {}) => ({
  ...ownEnvironment,
  LANG: 'en_GB.UTF-8',
  XDG_CONFIG_HOME: join(folder, who),
  EMANET_SERVER: server.url,
  ...env,
});

/**
 * What `emanet` does and says, in this process: a program of its own takes half a second to begin, a hundred times over.
 * `who` names the folder of the credentials. Interrupted uploads and `asProgram` run the program itself.
 */
async function emanet(who: string, args: readonly string[], env: Record<string, string> = {}) {
  const [stdout, stderr] = [new Heard(), new Heard()];
  const stdin = Readable.from([]);
  const status = await run(args, { stdin, stdout, stderr, env: environmentOf(who, env) });
  return { status, out: stdout.text, err: stderr.text };
}
class Heard extends Writable {
  text = '';
  override _write(piece: Buffer, _: BufferEncoding, done: () => void) {
    this.text += piece.toString('utf8');
    done();
  }
}

/** Runs `scripts/emanet` as a process of its own. */
function asProgram(who: string, args: readonly string[], env: Record<string, string> = {}) {
  return new Promise<{ status: number | null; out: string; err: string }>((resolve, reject) => {
    const child = spawn(join(root, 'scripts/emanet'), args, {
      env: environmentOf(who, env),
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

/** Begins an upload in a process group of its own, and resolves when a part has been sent. */
async function sendSome(args: readonly string[]) {
  const child = spawn(join(root, 'scripts/emanet'), args, {
    detached: true,
    env: {
      ...ownEnvironment,
      XDG_CONFIG_HOME: join(folder, 'teacher'),
      EMANET_SERVER: server.url,
      LANG: 'en',
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let err = '';
  await new Promise<void>((resolve, reject) => {
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      err += text;
      if (/(Sending|Gönderiliyor)\s+%?[2-7]\d/.test(text)) resolve();
    });
    child.once('close', () => reject(new Error(`it ended before it was stopped: ${err}`)));
  });
  return Object.assign(child, { said: () => err });
}

async function signIn(who: string, person: { email: string; totpUri: string | null }) {
  const code = person.totpUri ? ['--code', await server.nextCode(person.totpUri)] : [];
  return emanet(who, ['sign-in', '--email', person.email, '--password-file', passwordFile, ...code]);
}

/** For a command that is not open to a token: password and code, and each code only once. */
async function asPerson(person: { totpUri: string | null; backupCodes: string[] }): Promise<Record<string, string>> {
  const code = person.backupCodes.pop() ?? (person.totpUri ? await server.nextCode(person.totpUri) : undefined);
  return { EMANET_PASSWORD_FILE: passwordFile, ...(code ? { EMANET_CODE: code } : {}) };
}

test('signing in keeps a token for its owner only, and signing out revokes it', async () => {
  const signedIn = await signIn('leaver', school.otherTeacher);
  expect(signedIn).toMatchObject({ status: 0, err: '' });
  const path = join(folder, 'leaver/emanet/credentials.json');
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  const { token, ...rest } = JSON.parse(await readFile(path, 'utf8'));
  expect(JSON.stringify(rest)).not.toContain(testPassword);
  const who = await asProgram('leaver', ['whoami', '--json']);
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
  expect(closed.out).toContain('The lesson has no site.');
  const refused = await asProgram('teacher', ['upload', media, '--lesson', bare.id, '--lang', 'tr']);
  expect(refused.status).toBe(1);
  expect(refused.err).toContain('İzinler eksik');
  expect(refused.err).toContain('Derse hiçbir katılımcı eklenmemiş.');

  const { id: lessonId } = await createPermittedLesson(school);
  expect((await emanet('teacher', ['lessons', 'gate', lessonId])).status).toBe(0);
  const progress = await asProgram('teacher', ['upload', media, '--lesson', lessonId]);
  expect(progress).toMatchObject({ status: 0 });
  expect(progress.err).toContain('100%');
  const listed = JSON.parse((await asProgram('teacher', ['recordings', 'list', '--json'])).out);
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
  const child = await sendSome(args);
  process.kill(-child.pid!, 'SIGKILL');
  const listed = JSON.parse((await emanet('teacher', ['uploads', 'list', '--json'])).out);
  expect(listed.items).toMatchObject([{ lessonId, state: 'receiving', fileName: 'long.wav' }]);
  const again = await emanet('teacher', args);
  expect(again.err).toContain('Resuming where the last try stopped.');
  expect(again.err).not.toContain('Reading');
  expect(again).toMatchObject({ status: 0 });
  const { items } = JSON.parse((await emanet('teacher', ['recordings', 'list', '--lesson', lessonId, '--json'])).out);
  expect(items).toHaveLength(1);
  const recording = ok(await school.teacher.get(`/api/recordings/${items[0].id}`));
  expect(recording.mediaSha256).toBe(createHash('sha256').update(file).digest('hex'));
  expect((await emanet('teacher', ['uploads', 'list'])).out).toContain('No unfinished uploads.');
});

test('Ctrl-C says how far an upload got and until when that is kept, and the same command goes on', async () => {
  expect((await signIn('teacher', school.teacher)).status).toBe(0);
  const { id: lessonId } = await createPermittedLesson(school);
  const path = join(folder, 'stopped.wav');
  await writeFile(path, wavOf(80 * 2 ** 20));
  const args = ['upload', path, '--lesson', lessonId];
  const child = await sendSome(args);
  const ended = once(child, 'close');
  process.kill(-child.pid!, 'SIGINT');
  expect((await ended)[0]).toBe(130);
  const [{ id }] = JSON.parse((await emanet('teacher', ['uploads', 'list', '--json'])).out).items;
  expect(child.said()).toMatch(/Stopped\. \d+(\.\d)? MB of 83\.9 MB have arrived and are kept until 20\d\d-/);
  expect(child.said()).toContain(`emanet uploads cancel ${id}`);
  const again = await emanet('teacher', args);
  expect(again.err).toContain('Resuming where the last try stopped.');
  expect(again.status).toBe(0);
});

test('Ctrl-C during a single request says that nothing was kept, and nothing was', async () => {
  expect((await signIn('teacher', school.teacher)).status).toBe(0);
  const { id: lessonId } = await createPermittedLesson(school);
  const path = join(folder, 'single.wav');
  await writeFile(path, wavOf(200 * 2 ** 20));
  const child = await sendSome(['upload', path, '--lesson', lessonId, '--single-request', '--no-checksum']);
  const ended = once(child, 'close');
  process.kill(-child.pid!, 'SIGINT');
  expect((await ended)[0]).toBe(130);
  expect(child.said()).toContain('Stopped; nothing was kept.');
  const listed = await emanet('teacher', ['recordings', 'list', '--lesson', lessonId, '--json']);
  expect(JSON.parse(listed.out).items.filter(({ state }: { state: string }) => state !== 'failed')).toEqual([]);
});

test('a file that changed between two tries is sent from the start, and what was begun can be given up', async () => {
  expect((await signIn('teacher', school.teacher)).status).toBe(0);
  const { id: lessonId } = await createPermittedLesson(school);
  const path = join(folder, 'changing.wav');
  const file = wavOf(80 * 2 ** 20);
  await writeFile(path, file);
  const args = ['upload', path, '--lesson', lessonId];
  const child = await sendSome([...args, '--lang', 'tr']);
  const ended = once(child, 'close');
  process.kill(-child.pid!, 'SIGTERM');
  expect((await ended)[0]).toBe(143);
  expect(child.said()).toMatch(/Durduruldu\. Ulaşan: .+ \/ .+; 20\d\d-.+ tarihine kadar saklanır/);
  const [{ id }] = JSON.parse((await emanet('teacher', ['uploads', 'list', '--json'])).out).items;
  file.fill(7, 1_000_000, 2_000_000); // in what was sent already; of the same size
  await writeFile(path, file);
  const again = await emanet('teacher', args);
  expect(again.err).toContain('The file has changed since the upload began.');
  expect(again.err).toContain(`emanet uploads cancel ${id}`);
  expect(again.err).not.toContain('Resuming where');
  expect(again.status).toBe(0);
  const [recording] = JSON.parse(
    (await emanet('teacher', ['recordings', 'list', '--lesson', lessonId, '--json'])).out,
  ).items;
  expect(ok(await school.teacher.get(`/api/recordings/${recording.id}`)).mediaSha256).toBe(
    createHash('sha256').update(file).digest('hex'),
  );
  expect((await emanet('teacher', ['uploads', 'cancel', id])).status).toBe(0);
});

test('--single-request whose answer is lost asks again, and learns that the recording is stored', async () => {
  expect((await signIn('teacher', school.teacher)).status).toBe(0);
  const { id: lessonId } = await createPermittedLesson(school);
  let posts = 0;
  // In front of the server something that breaks the connection when the first upload is answered.
  const lossy = createServer((req, res) => {
    const { hostname, port } = new URL(server.url);
    const isFirst = req.method === 'POST' && ++posts === 1;
    const on = request({ hostname, port, path: req.url, method: req.method, headers: req.headers }, (answer) => {
      if (isFirst) return answer.resume().once('end', () => req.socket.destroy());
      res.writeHead(answer.statusCode!, answer.headers);
      answer.pipe(res);
    });
    req.pipe(on);
  }).listen(0, '127.0.0.1');
  await once(lossy, 'listening');
  const away = { EMANET_SERVER: `http://127.0.0.1:${(lossy.address() as AddressInfo).port}` };
  const token = JSON.parse(await readFile(join(folder, 'teacher/emanet/credentials.json'), 'utf8')).token;
  const args = ['upload', media, '--lesson', lessonId, '--single-request', '--json'];
  const sent = await asProgram('nobody', args, { ...away, EMANET_TOKEN: token });
  lossy.close();
  expect(sent.status, sent.err).toBe(0);
  expect(posts).toBe(2);
  const { items } = ok(await school.teacher.get(`/api/recordings?lessonId=${lessonId}`));
  expect(items.map(({ id }: { id: string }) => id)).toEqual([JSON.parse(sent.out).id]);
});

test('--no-retry does not wait for a server that is away, --single-request needs no second one', async () => {
  expect((await signIn('teacher', school.teacher)).status).toBe(0);
  const { id: lessonId } = await createPermittedLesson(school);
  const single = await emanet('teacher', ['upload', media, '--lesson', lessonId, '--single-request', '--json']);
  expect(single.status).toBe(0);
  expect(JSON.parse(single.out)).toMatchObject({ lessonId, state: 'sealed' });
  const { entries } = ok(await school.auditor.get(`/api/audit?lesson=${lessonId}&action=recording.receiving`));
  expect(entries.map(({ entry }: { entry: { details?: object } }) => entry.details)).toEqual([
    { resumable: false, bytes: null },
  ]);

  // In front of the server something that lets questions through and breaks whatever would begin an upload.
  const broken = createServer((req, res) => {
    if (req.method === 'POST') return req.socket.destroy();
    const { hostname, port } = new URL(server.url);
    const on = request({ hostname, port, path: req.url, method: req.method, headers: req.headers }, (answer) => {
      res.writeHead(answer.statusCode!, answer.headers);
      answer.pipe(res);
    });
    req.pipe(on);
  }).listen(0, '127.0.0.1');
  await once(broken, 'listening');
  const away = { EMANET_SERVER: `http://127.0.0.1:${(broken.address() as AddressInfo).port}` };
  const token = JSON.parse(await readFile(join(folder, 'teacher/emanet/credentials.json'), 'utf8')).token;
  const began = performance.now();
  const args = ['upload', media, '--lesson', lessonId, '--no-checksum', '--no-retry'];
  const refused = await asProgram('nobody', args, { ...away, EMANET_TOKEN: token });
  broken.close();
  expect(refused.status).toBe(3);
  expect(refused.err).toContain('does not answer');
  expect(refused.err).not.toContain('retrying');
  expect(performance.now() - began).toBeLessThan(30_000);
});

test('a recording is exported in a session of its own by whoever may, never with a token alone, and the log names it', async () => {
  const { id: lessonId } = await createPermittedLesson(school);
  const recording = ok(await school.teacher.upload(lessonId, await readFile(media)));
  const path = join(folder, 'exported.mp4');
  for (const [who, person] of [
    ['admin', school.admin],
    ['teacher', school.otherTeacher],
  ] as const)
    expect((await signIn(who, person)).status).toBe(0);
  const tokenOf = async (who: string) =>
    JSON.parse(await readFile(join(folder, who, 'emanet/credentials.json'), 'utf8')).token as string;
  const args = ['recordings', 'export', recording.id, '--decrypted', '--to', path];
  const teacher = await asPerson(school.otherTeacher);
  const stranger = await emanet('nobody', args, { EMANET_TOKEN: await tokenOf('teacher'), ...teacher });
  expect(stranger.status).toBe(1);
  const alone = await emanet('nobody', args, { EMANET_TOKEN: await tokenOf('admin') });
  expect(alone).toMatchObject({ status: 2, err: expect.stringContaining('A token cannot do this') });
  expect(alone.err).toContain(school.admin.email);
  await expect(stat(path)).rejects.toMatchObject({ code: 'ENOENT' });
  const sessions = async () => ok(await school.admin.get('/api/sessions')).items.length;
  const before = await sessions();
  const person = await asPerson(school.admin);
  const exported = await emanet('nobody', args, { EMANET_TOKEN: await tokenOf('admin'), ...person });
  expect(exported).toMatchObject({ status: 0 });
  expect(await sessions()).toBe(before);
  expect(await readFile(path)).toEqual(await readFile(media));
  const { entries } = ok(await school.auditor.get(`/api/audit?object=${recording.id}&action=recording.exported`));
  // When it begins, and when it has ended.
  const { id: adminId } = ok(await school.admin.get('/api/session')).person;
  const admin = await pseudonymIn(server, 'staff', adminId);
  expect(entries.map(({ entry }: { entry: { actor: { id: string } } }) => entry.actor.id)).toEqual([admin, admin]);
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
  const at = lines.findIndex((line) => JSON.parse(line).seq === 4);
  const changed = { ...JSON.parse(lines[at]!) };
  changed.canonical = changed.canonical.replace('"done"', '"nope"');
  const copy = join(folder, 'changed.jsonl');
  await writeFile(copy, lines.with(at, JSON.stringify(changed)).join('\n'));
  const tampered = await emanet('nobody', ['audit', 'verify', copy], offline);
  expect(tampered.status).toBe(1);
  expect(tampered.out).toContain(`entry ${changed.seq}: what it says was changed`);

  const gone = lines.findIndex((line) => JSON.parse(line).seq === 3);
  await writeFile(copy, lines.toSpliced(gone, 1).join('\n'));
  expect((await emanet('nobody', ['audit', 'verify', copy], offline)).out).toContain('entry 4 stands where 3 was');
  await writeFile(copy, 'seq,at\r\n1,now\r\n');
  expect((await emanet('nobody', ['audit', 'verify', copy], offline)).status).toBe(2);
});

test('an auditor asks who saw a recording and what happened to a child, and takes the evidence away', async () => {
  expect((await signIn('auditor', school.auditor)).status).toBe(0);
  expect((await signIn('teacher', school.teacher)).status).toBe(0);
  const { id: lessonId, lesson } = await createPermittedLesson(school);
  const uploaded = await emanet('teacher', ['upload', media, '--lesson', lessonId, '--json']);
  const { id } = JSON.parse(uploaded.out);
  expect((await emanet('auditor', ['audit', 'viewers', id])).out).toContain('Nobody has seen it.');
  const child = await emanet('auditor', ['audit', 'child', 'ada example']);
  expect(child.out).toContain('Ada Example');
  expect(child.out).toContain('A recording was encrypted and stored');
  const pupil = lesson.participants.find(({ kind }: { kind: string }) => kind === 'pupil');
  const found = await emanet('auditor', ['audit', 'list', '--person', pupil.id]);
  expect(found.out).toContain('Permission was granted');
  expect(found.out).toContain('Tuna Teacher');
  expect((await emanet('auditor', ['audit', 'list', '--text', 'no-such-word-at-all'])).out).toContain('No entries.');

  for (const [option, subject] of [
    ['--recording', id],
    ['--participant', pupil.id],
  ]) {
    const path = join(folder, `evidence${option}.zip`);
    expect((await emanet('auditor', ['audit', 'evidence', option!, subject, '-o', path])).status).toBe(0);
    const checked = await emanet('nobody', ['audit', 'verify', path], { EMANET_SERVER: 'http://127.0.0.1:9' });
    expect(checked.out).toContain('Intact: the evidence about the');
    expect(checked.status).toBe(0);
  }
  expect((await emanet('auditor', ['audit', 'evidence', '-o', join(folder, 'x.zip')])).err).toContain('Give either');
  const anomalies = await emanet('auditor', ['audit', 'anomalies', '--days', '1', '--json']);
  expect(JSON.parse(anomalies.out).rules).toHaveLength(6);

  expect((await signIn('admin', school.admin)).status).toBe(0);
  expect((await emanet('admin', ['audit', 'forget', 'participant', pupil.id])).err).toContain('add --yes');
  const kept = await emanet(
    'admin',
    ['audit', 'forget', 'participant', pupil.id, '--yes'],
    await asPerson(school.admin),
  );
  expect(kept.status).toBe(1);
  expect(kept.err).toContain('is still kept');
});

test('an administrator keeps, holds and erases, and takes the certificate away', async () => {
  expect((await signIn('admin', school.admin)).status).toBe(0);
  const admin = (...args: string[]) => emanet('admin', args);
  const inPerson = async (...args: string[]) => emanet('admin', args, await asPerson(school.admin));
  const { id: lessonId } = await createPermittedLesson(school);
  const { id } = await createSealedRecording(server.context.outside, lessonId, school.teacher.id);
  expect((await admin('retention', 'policies')).out).toContain('No policies');
  const added = await inPerson('retention', 'add', '--kind', 'exam', '--year', '2025', '--days', '30', '--json');
  const { policy, waiting } = JSON.parse(added.out);
  expect(policy).toBeNull();
  expect(waiting.kind).toBe('policy_added');
  await confirmWaiting(school);
  expect((await admin('retention', 'policies')).out).toMatch(/exam +2025–2026 +30 days/);
  const { items } = JSON.parse((await admin('retention', 'policies', '--json')).out);
  expect((await inPerson('retention', 'remove', items[0].id)).out).toContain('removed');
  expect((await inPerson('retention', 'add', '--days', '0')).status).toBe(1);
  const days = await inPerson('retention', 'add', '--days', '1');
  expect(days.out).toContain('It waits until');
  expect(days.out).toMatch(/retention call-back [0-9a-f-]{36}/);
  await confirmWaiting(school);
  expect((await admin('retention', 'preview', '--days', '30')).out).toContain(id);
  expect((await admin('retention', 'hold', '--why', 'x')).status).toBe(2);
  const hold = await inPerson(
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
  const refused = await inPerson('recordings', 'erase', id, '--why', 'asked', '--yes');
  expect(refused).toMatchObject({ status: 1, out: '' });
  expect(refused.err).toContain('A legal hold is in force until 2099-01-01: Complaint');
  expect((await inPerson('retention', 'lift', JSON.parse(hold.out).id, '--why', 'settled')).status).toBe(0);
  expect((await inPerson('recordings', 're-seal', id, '--why', 'a laptop was stolen')).out).toContain('New key');
  const asked = await inPerson('recordings', 'erase', id, '--why', 'asked', '--yes');
  expect(asked.out).toMatch(/retention confirm [0-9a-f-]{36}/);
  await confirmWaiting(school);
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
  const changed = await inPerson('school', 'set', ...rules);
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

test('an administrator changes what is looked for in recordings', async () => {
  await signIn('other', school.otherAdmin);
  const admin = (...args: string[]) => emanet('other', ['detection', ...args]);
  const inPerson = async (...args: string[]) =>
    emanet('other', ['detection', ...args], await asPerson(school.otherAdmin));
  const rules = async () => JSON.parse((await admin('show', '--json')).out);
  const delivered = await rules();
  expect((await admin('show')).out).toContain('Getty Images');
  expect((await inPerson('add-name', 'Örnek Ajansı', '--kind', 'agency')).out).toContain('Örnek Ajansı');
  expect((await inPerson('remove-name', 'Getty Images')).status).toBe(0);
  expect((await inPerson('set', '--least', 'music=70', '--least', 'film=55', '--gap', '5')).status).toBe(0);
  const changed = await rules();
  expect(changed).toMatchObject({ least: { ...delivered.least, music: 0.7, film: 0.55 }, gapMs: 5_000 });
  const names = changed.watchedNames.map(({ name }: { name: string }) => name);
  expect(names).toContain('Örnek Ajansı');
  expect(names).not.toContain('Getty Images');
  for (const wrong of [['set'], ['set', '--least', 'music'], ['set', '--least', 'music=99'], ['remove-name', 'Nobody']])
    expect((await admin(...wrong)).status).toBe(2);
  expect((await inPerson('reset')).status).toBe(0);
  expect(await rules()).toEqual(delivered);
});

test('a file, a folder and an archive are registered as works; each file that fails is named, and nothing comes twice', async () => {
  expect((await signIn('keeper', school.reviewer)).status).toBe(0);
  const works = join(folder, 'works');
  await mkdir(join(works, 'b/.git'), { recursive: true });
  const [one, two] = await Promise.all([71, 72].map((seed) => pdfOf([inked(seed)])));
  const list = 'file;title;rightsHolder\nb/page 2.pdf;Harita;Harita Kurumu\n';
  const files = {
    'b/page 2.pdf': one!,
    'b/page 10.pdf': two!,
    'b/.git/hidden.pdf': two!,
    'b/lyrics.mp3': 'Only words.',
    'works.csv': list,
  };
  for (const [name, octets] of Object.entries(files)) await writeFile(join(works, name), octets);

  const bare = await emanet('keeper', ['works', 'register', join(works, 'b/page 2.pdf')]);
  expect(bare).toMatchObject({ status: 2, err: expect.stringContaining('--rights-holder') });
  const single = await emanet('keeper', ['works', 'register', join(works, 'b/page 2.pdf'), '--rights-holder', 'Me']);
  expect(single).toMatchObject({ status: 0, out: expect.stringMatching(/Title: +page 2\n/) });

  const all = await emanet('keeper', ['works', 'register', works, '--rights-holder', 'Publisher']);
  expect(all.status).toBe(1);
  expect(all.err.split('\n').filter((line) => /^\d\/\d/.test(line))).toEqual([
    '1/3 b/lyrics.mp3: failed',
    '2/3 b/page 2.pdf: already known',
    '3/3 b/page 10.pdf: registered',
  ]);
  expect(all.out).toBe(
    'b/lyrics.mp3: This file is a text file, not a recording.\n1 registered, 1 already known, 1 failed.\n',
  );

  const zip = join(folder, 'works.zip');
  await writeFile(zip, zipOf(Object.entries(files).map(([name, octets]) => ({ name, octets }))));
  expect((await emanet('keeper', ['works', 'register', zip, '--title', 'One'])).status).toBe(2);
  const packed = await emanet('keeper', ['works', 'register', zip, '--rights-holder', 'Publisher', '--lang', 'tr']);
  expect(packed).toMatchObject({ status: 1, err: expect.stringContaining('2/3 b/page 2.pdf: zaten kütükte') });
  expect(packed.out).toContain('0 eser kütüğe eklendi, 2 eser zaten vardı, 1 dosya eklenemedi.');

  const json = await emanet('keeper', ['works', 'register', zip, '--rights-holder', 'Publisher', '--json']);
  expect(json.err).toBe('');
  const { registered, known, failed } = JSON.parse(json.out);
  expect(registered).toEqual([]);
  expect(known).toMatchObject([
    { work: { title: 'Harita', rightsHolder: 'Harita Kurumu' } },
    { file: 'b/page 10.pdf' },
  ]);
  expect(failed).toMatchObject([{ file: 'b/lyrics.mp3', code: 'NOT_MEDIA' }]);
  const listed = await emanet('keeper', ['works', 'list']);
  expect(listed.out).toMatch(/Harita +document +Harita Kurumu .* 1 p\./);

  await writeFile(join(works, 'works.csv'), 'composer\nx\n');
  const wrong = await emanet('keeper', ['works', 'register', works, '--rights-holder', 'Publisher']);
  expect(wrong).toMatchObject({ status: 1, err: expect.stringContaining('Not known: composer') });
});

test('people keep their own account, and administrators help, each change of it with a session of its own', async () => {
  const keeper = await signedInStaff(server, 'Account Keeper', ['teacher']);
  await signIn('keeper', keeper);
  const other = join(folder, 'other-password');
  await writeFile(other, 'four unrelated words here\n');
  const env = await asPerson(keeper);
  expect((await emanet('keeper', ['account', 'sessions'], env)).out).toContain('node');
  const codes = await emanet('keeper', ['account', 'backup-codes'], await asPerson(keeper));
  expect(codes.out.match(/([A-Z0-9]{4}-){5}[A-Z0-9]{4}/g)).toHaveLength(10);
  const change = ['account', 'password', '--email', keeper.email, '--password-file', passwordFile];
  const changed = await emanet('keeper', [
    ...change,
    '--new-password-file',
    other,
    '--code',
    await server.nextCode(keeper.totpUri!),
  ]);
  expect(changed).toMatchObject({ status: 0 });
  expect(await emanet('keeper', ['whoami'])).toMatchObject({ status: 1 });

  await signIn('admin-of-accounts', school.admin);
  const reset = await emanet(
    'admin-of-accounts',
    ['staff', 'reset-password', keeper.id, '--json'],
    await asPerson(school.admin),
  );
  const { url } = JSON.parse(reset.out);
  expect(await emanet('keeper', ['account', 'new-password', url, '--new-password-file', passwordFile])).toMatchObject({
    status: 0,
  });
  const factor = await emanet(
    'admin-of-accounts',
    ['staff', 'reset-second-factor', keeper.id, '--json'],
    await asPerson(school.admin),
  );
  await signIn('other-admin-of-accounts', school.otherAdmin);
  expect(
    await emanet(
      'other-admin-of-accounts',
      ['staff', 'confirm-reset', JSON.parse(factor.out).id],
      await asPerson(school.otherAdmin),
    ),
  ).toMatchObject({ status: 0 });
  expect(
    (await emanet('admin-of-accounts', ['staff', 'second-factor-resets'], await asPerson(school.admin))).out,
  ).toContain('No reset is waiting');
});

test('a class is taken in from a list: columns, review, then yes; nothing before it', async () => {
  const path = join(folder, 'liste.csv');
  const heading = 'Okul No,Adı,Soyadı,Sınıf,Veli 1 Adı Soyadı,Veli 1 Yakınlık,Veli 1 E-posta';
  const row = '0042,Ada,Örnek,7-A,Can Örnek,amca,can.ornek@posta.example';
  await writeFile(path, `${heading}\n${row}\n`);
  expect((await signIn('lister', school.teacher)).status).toBe(0);
  const session = () => asPerson(school.teacher);
  const people = (...args: string[]) => emanet('lister', args);

  const columns = await emanet('lister', ['rosters', 'import', path], await session());
  expect(columns).toMatchObject({ status: 0 });
  expect(columns.out).toMatch(/Veli 1 E-posta +first guardian: e-mail/);
  const maps = [...columns.out.matchAll(/--map '([^']+)'/g)].flatMap(([, pair]) => ['--map', pair!]);
  expect(maps).toHaveLength(14);

  const review = await emanet('lister', ['rosters', 'import', path, ...maps, '--lang', 'tr'], await session());
  expect(review.out).toContain('Yeni: 2');
  expect(review.out).toContain('Henüz bir şey değişmedi.');
  expect((await people('people', 'list')).out).not.toContain('Örnek');
  expect((await people('classes')).out).toContain('No classes yet.');

  const taken = await emanet('lister', ['rosters', 'import', path, ...maps, '--yes'], await session());
  expect(taken.out).toContain('Taken in: 2 new');
  const listed = await people('people', 'list', '--search', 'ornek', '--json');
  expect(JSON.parse(listed.out).items.map(({ name }: { name: string }) => name)).toEqual(['Ada Örnek', 'Can Örnek']);
  expect((await people('classes')).out).toMatch(/7-A +2026–2027 +1/);
  expect((await people('tasks', 'list')).out).toContain('No task is open.');
  const can = JSON.parse(listed.out).items[1].id;
  const shown = await emanet('lister', ['people', 'show', can], await session());
  expect(shown.out).toContain('can.ornek@posta.example');
  expect(shown.out).toMatch(/Ada Örnek +Can Örnek +other +no authority/);

  const wrong = await emanet('lister', ['rosters', 'import', path, '--map', 'Adı=password', '--yes'], await session());
  expect(wrong).toMatchObject({ status: 2 });
});

test('a folder of CSV files is taken in as one roster, and nothing of it is left behind', async () => {
  const path = join(folder, 'oneroster');
  await mkdir(path);
  expect((await signIn('packer', school.teacher)).status).toBe(0);
  const take = async (...args: string[]) =>
    emanet('packer', ['rosters', 'import', path, ...args], await asPerson(school.teacher));
  const empty = await take();
  expect(empty).toMatchObject({ status: 2 });
  expect(empty.err).toContain('no CSV file');
  const files = {
    manifest:
      'propertyName,value\noneroster.version,1.1\nfile.orgs,bulk\nfile.users,bulk\nfile.classes,bulk\nfile.enrollments,bulk',
    orgs: 'sourcedId,status,dateLastModified,name,type,identifier,parentSourcedId\no1,,,Deneme Okulu,school,,',
    users:
      'sourcedId,status,dateLastModified,enabledUser,orgSourcedIds,role,username,userIds,givenName,familyName,middleName,identifier,email,sms,phone,agentSourcedIds,grades,password\n' +
      'u1,,,true,o1,student,,,Deniz,Klasör,,77,,,,u2,,\nu2,,,true,o1,parent,,,Su,Klasör,,,su.klasor@posta.example,,,u1,,',
    classes:
      'sourcedId,status,dateLastModified,title,grades,courseSourcedId,classCode,classType,location,schoolSourcedId,termSourcedIds,subjects,subjectCodes,periods\n' +
      'c1,,,8-K,,,,homeroom,,o1,,,,',
    enrollments:
      'sourcedId,status,dateLastModified,classSourcedId,schoolSourcedId,userSourcedId,role,primary,beginDate,endDate\ne1,,,c1,o1,u1,student,,,',
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(path, `${name}.csv`), `${text}\n`);
  await writeFile(join(path, 'notes.txt'), 'not read');
  const before = (await readdir(tmpdir())).filter((name) => name.startsWith('emanet-roster-'));
  expect((await take()).out).toContain('New: 2');
  const taken = await take('--yes', '--accept', 'OTHER_SCHOOL,MANY_GONE');
  expect(taken.out).toContain('Taken in: 2 new');
  expect((await readdir(tmpdir())).filter((name) => name.startsWith('emanet-roster-'))).toEqual(before);
});

test('one person is added by hand, put into a class and under a guardian, taken away as a file, and erased', async () => {
  expect((await signIn('clerk', school.admin)).status).toBe(0);
  const people = async (...args: string[]) => emanet('clerk', ['people', ...args], await asPerson(school.admin));
  const { items } = JSON.parse((await emanet('clerk', ['classes', '--json'])).out);
  const classId = items[0].id;
  const add = async (...args: string[]) => JSON.parse((await people('add', ...args, '--json')).out);
  const child = await add('Zeynep Tekil', '--role', 'pupil', '--number', '0071', '--class', classId);
  expect(child).toMatchObject({ schoolNumber: '0071', classes: [{ id: classId, until: null }], namesakes: [] });
  const again = await people('add', 'zeynep tekil', '--role', 'pupil');
  expect(again.out).toContain('Of the same name: 1.');
  expect(again.out).toContain(child.id);
  const guardian = await add('Zerrin Tekil', '--role', 'guardian', '--contact', 'zerrin@tekil.example');
  const guarded = await people(
    'add-guardian',
    child.id,
    guardian.id,
    '--relation',
    'mother',
    '--authority',
    'may_sign',
  );
  expect(guarded.out).toMatch(/Guardian: +Zerrin Tekil/);
  const guardianshipId = /ID: +([0-9a-f-]{36})/.exec(guarded.out)![1]!;
  expect((await people('join', guardian.id, classId)).out).toContain('Joined.');
  expect((await people('leave', guardian.id, classId)).out).toContain('Left.');
  expect((await people('guardianship', guardianshipId, '--end')).err).toContain('Say on what the end rests');
  expect((await people('guardianship', guardianshipId, '--end', '--why', 'TEST')).status).toBe(0);

  const path = join(folder, 'zerrin.json');
  const exported = await people('export', guardian.id, '--to', path);
  expect(exported.out).toContain('Written: ');
  expect(JSON.parse(await readFile(path, 'utf8'))).toMatchObject({ contacts: [{ value: 'zerrin@tekil.example' }] });
  expect((await stat(path)).mode & 0o777).toBe(0o600);

  const shown = await people('erase', guardian.id);
  expect(shown.out).toContain('This goes:');
  expect(shown.out).toContain('addresses: 1');
  expect((await people('erase', guardian.id, '--why', 'mistake')).err).toContain('Without a terminal, add --yes');
  expect((await people('show', guardian.id)).out).toContain('zerrin@tekil.example');
  const erased = await people('erase', guardian.id, '--why', 'mistake', '--yes', '--lang', 'tr');
  expect(erased.out).toMatch(/Neden: +yanlışlıkla kaydedilmişti/);
  expect((await people('show', guardian.id)).status).not.toBe(0);
});
