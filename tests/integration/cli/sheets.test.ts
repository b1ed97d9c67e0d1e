import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { run } from '../../../src/cli/run.ts';
import { dayIn } from '../../../src/domain/calendar.ts';
import { testPassword } from '../../support/api.ts';
import { inked, pdfOf } from '../../support/pdf.ts';
import { ownEnvironment } from '../../support/process.ts';
import { createSchool, ok, type School } from '../../support/school.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';
import { openCourse, takeInClass } from '../../support/signing.ts';

let server: TestServer;
let school: School;
let folder: string;
beforeAll(async () => {
  server = await startTestServer();
  school = await createSchool(server);
  folder = await mkdtemp(join(tmpdir(), 'emanet-cli-'));
  await writeFile(join(folder, 'password'), `${testPassword}\n`);
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

type Person = School['teacher'];

/** What `emanet` says to somebody: each command signs in with a code of its own. */
async function emanet(person: Person, args: readonly string[]) {
  const [stdout, stderr] = [new Heard(), new Heard()];
  const code = person.backupCodes.pop();
  const env = {
    ...ownEnvironment,
    LANG: 'en_GB.UTF-8',
    XDG_CONFIG_HOME: join(folder, person.id),
    EMANET_SERVER: server.url,
    EMANET_PASSWORD_FILE: join(folder, 'password'),
    ...(code === undefined ? {} : { EMANET_CODE: code }),
  };
  const status = await run(args, { stdin: Readable.from([]), stdout, stderr, env });
  return { status, out: stdout.text, err: stderr.text };
}
async function signIn(person: Person) {
  const code = person.totpUri ? ['--code', await server.nextCode(person.totpUri)] : [];
  const password = ['--password-file', join(folder, 'password')];
  expect((await emanet(person, ['sign-in', '--email', person.email, ...password, ...code])).status).toBe(0);
}

test('sheets are printed, scanned, read by one and confirmed by another from the command line', async () => {
  const { teacher, admin } = school;
  await signIn(teacher);
  await signIn(admin);
  const classId = await takeInClass(school, '7/1', [{ pupil: 'Ada Şıh', guardians: [['Işıl Şıh', '', '0532']] }]);
  const { id } = await openCourse(school, classId);
  const { timeZone } = ok(await teacher.get('/api/school/permission-rules'));
  const today = dayIn(new Date(), timeZone);
  const file = join(folder, 'sheets.pdf');
  const print = await emanet(teacher, ['sheets', 'print', id, '--office', 'Oda 3', '-o', file]);
  expect(print).toMatchObject({ status: 0, err: '' });
  expect((await readFile(file)).subarray(0, 5).toString()).toBe('%PDF-');
  const scan = await emanet(teacher, ['sheets', 'scan', file]);
  expect(scan.out).toBe('Pages: 2. Found their sheet: 2; to be assigned: 0; taken before: 0.\n');
  const list = await emanet(teacher, ['sheets', 'list', '--state', 'seen', '--lang', 'tr']);
  expect(list.out).toContain('Ada Şıh');
  expect(list.out).toContain('okunmayı bekliyor');
  const { items } = ok(await teacher.get(`/api/scan-pages?courseId=${id}`));
  const page = items.at(-1).id;
  expect((await emanet(teacher, ['sheets', 'show', page])).out).toContain('4. Kayıtların ailelere gösterilmesi');
  const png = join(folder, 'page.png');
  expect((await emanet(teacher, ['sheets', 'picture', page, '-o', png])).status).toBe(0);
  expect((await readFile(png)).subarray(1, 4).toString()).toBe('PNG');

  const typed = ['--answers', 'yes,yes,none,no', '--received', today, '--date', today, '--name', 'IŞIL ŞIH'];
  const unsigned = await emanet(teacher, ['sheets', 'read', page, ...typed, '--noted', '--consented']);
  expect(unsigned).toMatchObject({ status: 1 });
  expect(unsigned.err).toContain('A yes needs a signature.');
  const read = await emanet(teacher, [
    ...['sheets', 'read', page, ...typed],
    '--noted',
    '--consented',
    '--signed',
    '--json',
  ]);
  const { readAt, reading } = JSON.parse(read.out);
  expect(reading.answers).toEqual(['yes', 'yes', 'none', 'no']);
  const alone = await emanet(teacher, ['sheets', 'confirm', page, '--read-at', readAt]);
  expect(alone.err).toContain('Somebody else than the person who read this page');
  const confirmed = await emanet(admin, ['sheets', 'confirm', page, '--read-at', readAt]);
  expect(confirmed).toMatchObject({ status: 0, err: '' });
  expect(confirmed.out).toContain('yes, yes, none, no');
});

test('a page of nobody is assigned by its letters, or put aside', async () => {
  const teacher = school.otherTeacher;
  await signIn(teacher);
  const file = join(folder, 'loose.pdf');
  await writeFile(file, await pdfOf([inked(3)]));
  expect((await emanet(teacher, ['sheets', 'scan', file])).out).toContain('to be assigned: 1');
  const { items } = ok(await teacher.get('/api/scan-pages?state=seen'));
  const { id } = items.find(({ sheet }: { sheet: unknown }) => sheet === null);
  const wrong = await emanet(teacher, ['sheets', 'assign', id, 'AAAA-BBBB-CCCC-DDDDD', '--page', '1']);
  expect(wrong.err).toContain('One of its letters is wrong');
  const put = await emanet(teacher, ['sheets', 'reject', id, '--note', 'a drawing']);
  expect(put.out).toContain('rejected');
});
