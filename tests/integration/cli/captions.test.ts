import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { run } from '../../../src/cli/run.ts';
import { testPassword } from '../../support/api.ts';
import { vttOf } from '../../support/captions.ts';
import { shortLessonFile } from '../../support/media.ts';
import { ownEnvironment } from '../../support/process.ts';
import { createPermittedLesson, createSchool, ok, type School } from '../../support/school.ts';
import { createSealedRecording } from '../../support/sealed-recording.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';

let server: TestServer;
let school: School;
let folder: string;
beforeAll(async () => {
  server = await startTestServer();
  school = await createSchool(server);
  folder = await mkdtemp(join(tmpdir(), 'emanet-cli-'));
  await writeFile(join(folder, 'password'), `${testPassword}\n`);
  const { email, totpUri } = school.teacher;
  const code = totpUri === null ? [] : ['--code', await server.nextCode(totpUri)];
  const signedIn = await emanet('sign-in', '--email', email, '--password-file', join(folder, 'password'), ...code);
  expect(signedIn).toMatchObject({ status: 0 });
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

/** What `emanet` says to the teacher. Commands that no token opens sign in with a code of their own. */
async function emanet(...args: string[]) {
  const [stdout, stderr] = [new Heard(), new Heard()];
  const asksForPerson = ['show', 'undo', 'remove'].includes(args[1] ?? '');
  const code = asksForPerson ? school.teacher.backupCodes.pop() : undefined;
  const env = {
    ...ownEnvironment,
    LANG: 'en_GB.UTF-8',
    XDG_CONFIG_HOME: join(folder, 'config'),
    EMANET_SERVER: server.url,
    EMANET_PASSWORD_FILE: join(folder, 'password'),
    ...(code === undefined ? {} : { EMANET_CODE: code }),
  };
  const status = await run(args, { stdin: Readable.from([]), stdout, stderr, env });
  return { status, out: stdout.text, err: stderr.text };
}
const file = async (name: string, text: string) => {
  await writeFile(join(folder, name), text);
  return join(folder, name);
};

test('captions are added, listed, shown, taken again, undone and removed', async () => {
  const lesson = await createPermittedLesson(school);
  const { id } = await createSealedRecording(server.context.outside, lesson.id, school.teacher.id);
  expect((await emanet('captions', 'list', id)).out).toBe('There are no captions.\n');
  const bad = await emanet('captions', 'add', id, await file('letter.txt', 'Dear parents'), '--language', 'tr');
  expect(bad.status).not.toBe(0);
  expect(bad.err).toContain('neither WebVTT nor SubRip');

  const vtt = await file('a.vtt', vttOf([5, 6, '<v Ada Yılmaz>sonra</v>'], [1, 2, 'Günaydın']));
  const added = await emanet('captions', 'add', id, vtt, '--language', 'tr');
  expect(added.out).toBe('Taken: 2 captions, version 1.\n  - Captions that were put into the order of time: 1\n');
  expect((await emanet('captions', 'show', id, '--language', 'tr', '--srt')).out).toBe(
    '1\n00:00:01,000 --> 00:00:02,000\nGünaydın\n\n2\n00:00:05,000 --> 00:00:06,000\nAda Yılmaz: sonra\n\n',
  );
  const copy = join(folder, 'copy.vtt');
  expect((await emanet('captions', 'show', id, '--language', 'tr', '-o', copy)).out).toContain('2 captions');
  expect(await readFile(copy, 'utf8')).toContain('<v Ada Yılmaz>sonra');
  const again = (...more: string[]) => emanet('captions', 'add', id, copy, '--language', 'tr', ...more);
  expect((await again()).err).toContain('There are captions in this language');
  expect((await again('--replaces', '1')).out).toContain('version 2');
  expect((await emanet('captions', 'list', id)).out).toMatch(/Türkçe \(tr\)[\s\S]*1 [\s\S]*2 \*/);
  expect((await emanet('captions', 'undo', id, '--language', 'tr', '--to', '1')).out).toMatch(/1 \*/);
  expect((await emanet('captions', 'remove', id, '--language', 'tr')).out).toContain('Removed');
  expect((await emanet('captions', 'remove', id, '--language', 'en')).err).toContain('no captions in this language');
  expect((await emanet('captions', '--help')).out).toContain('undo');
}, 60_000);

test('captions go along with an upload, and the recording stays when they are no good', async () => {
  const lesson = await createPermittedLesson(school);
  const vtt = await file('b.vtt', vttOf([1, 2, 'Günaydın']));
  const upload = (captions: string) =>
    emanet('upload', shortLessonFile, '--lesson', lesson.id, '--captions', captions, '--captions-language', 'tr');
  const sent = await upload(vtt);
  expect(sent).toMatchObject({ status: 0 });
  expect(sent.out).toContain('Türkçe (tr)');
  const refused = await upload(await file('bad.vtt', 'WEBVTT\n'));
  expect(refused.status).not.toBe(0);
  expect(refused.out).toContain('Sealed');
  expect(refused.err).toContain('no line of captions');
  expect(ok(await school.teacher.get(`/api/recordings?lessonId=${lesson.id}`)).items).toHaveLength(2);
}, 60_000);
