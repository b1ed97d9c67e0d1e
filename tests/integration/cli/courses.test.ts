import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { run } from '../../../src/cli/run.ts';
import { testPassword } from '../../support/api.ts';
import {
  classNamed,
  courseOf,
  dayFromNow,
  missingIn,
  noteForAll,
  statesIn,
  takeInList,
} from '../../support/courses.ts';
import { ownEnvironment } from '../../support/process.ts';
import { createSchool, inDays, ok, type School } from '../../support/school.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';

let server: TestServer;
let school: School;
let folder: string;
let passwordFile: string;
let classId: string;
/** Options that name the course of these tests. */
let facts: string[];
let courseId: string;

beforeAll(async () => {
  server = await startTestServer({ WORKER: 'false' });
  school = await createSchool(server);
  folder = await mkdtemp(join(tmpdir(), 'emanet-cli-courses-'));
  passwordFile = join(folder, 'password');
  await writeFile(passwordFile, `${testPassword}\n`);
  await takeInList(school.teacher, [
    ['1', 'Ada', 'Örnek', '7-A', 'Ayse Ornek'],
    ['2', 'Işıl', 'Söğüt', '7-A', 'Sevgi Sogut'],
  ]);
  classId = await classNamed(school.teacher, '7-A');
  facts = [
    ...['--title', 'Fizik', '--reason', 'Hasta öğrenciler için', '--channel', school.channelId],
    ...['--supervisor', 'Tuna Teacher', '--from', dayFromNow(-7), '--until', dayFromNow(30)],
  ];
  for (const [who, person] of [
    ['teacher', school.teacher],
    ['admin', school.admin],
  ] as const) {
    const code = person.totpUri ? ['--code', await server.nextCode(person.totpUri)] : [];
    const args = ['sign-in', '--email', person.email, '--password-file', passwordFile, ...code];
    expect(await emanet(who, args)).toMatchObject({ status: 0 });
  }
});
afterAll(async () => {
  await server?.stop();
  if (folder) await rm(folder, { recursive: true, force: true });
});

class Heard extends Writable {
  text = '';
  override _write(piece: Buffer, _: BufferEncoding, done: () => void) {
    this.text += piece.toString('utf8');
    done();
  }
}
async function emanet(who: string, args: readonly string[], env: Record<string, string> = {}) {
  const [stdout, stderr] = [new Heard(), new Heard()];
  const status = await run(args, {
    stdin: Readable.from([]),
    stdout,
    stderr,
    env: {
      ...ownEnvironment,
      LANG: 'en_GB.UTF-8',
      XDG_CONFIG_HOME: join(folder, who),
      EMANET_SERVER: server.url,
      ...env,
    },
  });
  return { status, out: stdout.text, err: stderr.text };
}
/** What is not open to a token asks for the password again. */
async function asPerson(person: School['teacher']): Promise<Record<string, string>> {
  const code = person.totpUri ? { EMANET_CODE: await server.nextCode(person.totpUri) } : {};
  return { EMANET_PASSWORD_FILE: passwordFile, ...code };
}
const asTeacher = (...args: string[]) => emanet('teacher', ['courses', ...args]);

test('a course is opened with options, or from a file', async () => {
  expect(await asTeacher('list')).toMatchObject({ status: 0, out: 'No courses yet.\n' });
  const opened = await asTeacher(
    'open',
    ...facts,
    '--class',
    classId,
    '--site',
    'Test School <office@school.example>',
    '--json',
  );
  expect(opened).toMatchObject({ status: 0, err: '' });
  const course = JSON.parse(opened.out);
  expect(course).toMatchObject({
    title: 'Fizik',
    participants: 2,
    sites: [{ name: 'Test School' }],
    audiences: ['class'],
  });
  courseId = course.id;
  const file = join(folder, 'course.json');
  await writeFile(file, JSON.stringify(courseOf(school)));
  const fromFile = await asTeacher('open', '--file', file);
  expect(fromFile).toMatchObject({ status: 0, err: '' });
  expect(fromFile.out).toMatch(/Title: +7-A Physics\n/);
  const list = await asTeacher('list');
  expect(list.out).toMatch(/Fizik +7-A +2 +0/);
  expect((await asTeacher('show', courseId)).out).toMatch(/Asked for: +take part, record, keep, release\n/);
});

test('what is missing or wrong is said before anything is sent', async () => {
  expect(await asTeacher('open', '--title', 'x')).toMatchObject({
    status: 2,
    err: expect.stringContaining('--reason, --channel, --supervisor, --from, --until'),
  });
  const file = join(folder, 'wrong.json');
  await writeFile(file, '{"title":""}');
  expect(await asTeacher('open', '--file', file)).toMatchObject({ status: 2, err: expect.stringContaining('title') });
  await writeFile(file, '{');
  expect((await asTeacher('open', '--file', file)).status).toBe(2);
  expect((await asTeacher('open', ...facts, '--site', 'No address')).status).toBe(2);
  expect((await asTeacher('change', courseId)).status).toBe(2);
  expect((await asTeacher('add-people', courseId)).status).toBe(2);
  expect(await asTeacher('open', ...facts, '--until', dayFromNow(500))).toMatchObject({
    status: 1,
    err: expect.stringContaining('school year'),
  });
});

test('lessons and people are added, and taken out', async () => {
  const start = inDays(1);
  const end = new Date(new Date(start).getTime() + 60_000).toISOString();
  const added = await asTeacher('add-lesson', courseId, '--start', start, '--end', end, '--title', 'Optik', '--json');
  expect(JSON.parse(added.out)).toMatchObject({ title: 'Optik', courseId });
  expect((await asTeacher('lessons', courseId)).out).toContain('Optik');
  const guardian = ['--guardian', 'Veli Kurgu <veli@posta.example>'];
  const person = await asTeacher('add-people', courseId, '--name', 'Yeni Kurgu', '--minor', ...guardian);
  expect(person).toMatchObject({ status: 0, out: 'Added: 1\n' });
  const view = JSON.parse((await asTeacher('people', courseId, '--json')).out);
  const { id, signers } = view.rows.find(({ name }: { name: string }) => name === 'Yeni Kurgu');
  expect(signers).toMatchObject([{ name: 'Veli Kurgu', hasAddress: true }]);
  const { id: lessonId } = JSON.parse(added.out);
  const seat = await asTeacher('seat', lessonId, id, '--unrecorded', 'yes');
  expect(seat).toMatchObject({ status: 0, out: 'Marked: this seat is not recorded.\n' });
  expect(await asTeacher('remove', courseId, id)).toMatchObject({ status: 0 });
  expect((await asTeacher('remove', courseId, id)).status).toBe(1);
  expect(Object.keys(await statesIn(school.teacher, courseId))).not.toContain('Yeni Kurgu');
});

test('asking and reminding need a session, and say whom no mail reaches', async () => {
  expect(await asTeacher('ask', courseId)).toMatchObject({ status: 2 });
  const asked = await emanet('teacher', ['courses', 'ask', courseId], await asPerson(school.teacher));
  expect(asked).toMatchObject({ status: 0 });
  // This server has no mail server.
  expect(asked.out).toContain('New requests: 3. Mails on their way: 0.\nNo mail reaches these; ask them on paper:\n');
  expect(asked.out).toContain('  Ayse Ornek – Ada Örnek\n');
  const reminded = await emanet('teacher', ['courses', 'remind', courseId], await asPerson(school.teacher));
  expect(reminded).toMatchObject({ status: 1, err: expect.stringContaining('No mail server is set up') });
});

test('who is missing is shown by state and class, and written to a file', async () => {
  const lesson = ok(await school.teacher.get(`/api/courses/${courseId}/lessons`)).items[0];
  await noteForAll(school.teacher, lesson.id);
  const { rows } = ok(await school.teacher.get(`/api/courses/${courseId}/people`));
  expect(rows.every(({ state }: { state: string }) => state === 'given')).toBe(true);
  const view = await asTeacher('people', courseId, '--state', 'given', '--class', classId);
  expect(view.out).toMatch(/^given: 3\n/);
  expect(view.out).toMatch(/Ada Örnek +7-A +given +Ayse Ornek/);
  expect(view.out).not.toContain('Test School');
  const file = join(folder, 'people.csv');
  const written = await emanet(
    'teacher',
    ['courses', 'people', courseId, '--csv', file],
    await asPerson(school.teacher),
  );
  expect(written).toMatchObject({ status: 0, out: expect.stringContaining(file) });
  expect(await readFile(file, 'utf8')).toContain('Ada Örnek,7-A,given\r\n');
  expect((await asTeacher('people', courseId, '--state', 'happy')).status).toBe(2);
});

test('a change says what it would void and waits for --confirm', async () => {
  const quiet = await asTeacher('change', courseId, '--supervisor', 'Ece Teacher');
  expect(quiet).toMatchObject({ status: 0, out: 'Saved.\n' });
  const preview = await asTeacher('change', courseId, '--reason', 'For a film');
  expect(preview.status).toBe(1);
  expect(preview.out).toContain('Signers would read differently: reason\nAnswers that would be void: 3\n');
  expect(preview.out).toContain('  Ayse Ornek – Ada Örnek\n');
  const [, terms = ''] = /--confirm ([0-9a-f]{64})/.exec(preview.out) ?? [];
  expect(ok(await school.teacher.get(`/api/courses/${courseId}`)).reason).toBe('Hasta öğrenciler için');
  const saved = await asTeacher('change', courseId, '--reason', 'For a film', '--confirm', terms);
  expect(saved.status).toBe(0);
  expect(saved.out).toMatch(/^Saved\.\nSigners would read differently: reason\nAnswers that are void now: 3\n/);
  expect(ok(await school.teacher.get(`/api/courses/${courseId}`)).reason).toBe('For a film');
  expect(await asTeacher('change', courseId, '--kept-until', dayFromNow(90))).toMatchObject({ status: 0 });
  expect(ok(await school.teacher.get(`/api/courses/${courseId}`)).keptUntil).toBe(dayFromNow(90));
  await asTeacher('change', courseId, '--kept-until', 'never');
  expect(ok(await school.teacher.get(`/api/courses/${courseId}`)).keptUntil).toBeNull();
});

test('an administrator sees and chooses the rules of asking, and the texts', async () => {
  const asAdmin = async (...args: string[]) => emanet('admin', ['school', ...args], await asPerson(school.admin));
  expect((await emanet('teacher', ['school', 'permission-rules'])).out).toMatch(/Preset: +rules of your own/);
  const tr = await asAdmin('permission-rules', '--preset', 'tr');
  expect(tr).toMatchObject({ status: 0 });
  expect(tr.out).toMatch(/release: families +4 +ink on paper, seen by two people/);
  const own = await asAdmin('permission-rules', '--least', 'record=1', 'families=2', '--mail-from', '9', '--json');
  expect(JSON.parse(own.out)).toMatchObject({
    preset: 'own',
    mailFromHour: 9,
    leastAssurance: { record: 1, keep: 3, release: { class: 3, school: 4, sites: 4, families: 2 } },
  });
  expect((await asAdmin('permission-rules', '--least', 'record=6')).status).toBe(2);
  expect((await asAdmin('permission-rules', '--least', 'filming=3')).status).toBe(2);
  const file = join(folder, 'notice.txt');
  await writeFile(file, 'Okulumuzun metni.');
  expect((await asAdmin('text', 'set', 'notice', 'tr', file)).out).toBe('Version 2 is in force for new courses.\n');
  expect((await asAdmin('text', 'show', 'notice', 'tr')).out).toBe('Okulumuzun metni.\n');
  expect((await asAdmin('text', 'list')).out).toMatch(/notice +tr +2 +the school/);
  expect((await asAdmin('text', 'show', 'notice', 'fr')).status).toBe(2);
});

test('a record is declared invalid by an administrator', async () => {
  const lesson = ok(await school.teacher.get(`/api/courses/${courseId}/lessons`)).items[0];
  const [{ id }] = ok(await school.teacher.get(`/api/lessons/${lesson.id}/permissions`)).items;
  const args = ['permissions', 'invalidate', id, '--note', 'forged'];
  const done = await emanet('admin', args, await asPerson(school.admin));
  expect(done).toMatchObject({ status: 0, out: expect.stringContaining('declared invalid') });
  expect(await missingIn(school.teacher, lesson.id)).toContainEqual(expect.stringContaining('PERMISSION_INVALIDATED'));
});

test('in Turkish, help and answers alike', async () => {
  const help = await emanet('teacher', ['--lang', 'tr', 'courses', '--help']);
  expect(help.out).toContain('ders dizileri');
  const view = await emanet('teacher', ['--lang', 'tr', 'courses', 'people', courseId]);
  expect(view.out).toMatch(/Ad +Sınıf +İzin +Kim imzalar +Sırada/);
});
