import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { bufferSource, makeMedia } from '../../support/media.ts';
import { inked, pdfOf, pictured, tinyPdf } from '../../support/pdf.ts';
import { createPermittedLesson, createSchool, ok, type School, until } from '../../support/school.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';
import { forgetWorks } from '../../support/works.ts';

let server: TestServer;
let school: School;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'emanet-works-'));
  server = await startTestServer();
  school = await createSchool(server);
});
afterAll(async () => {
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
});
afterEach(() => forgetWorks(server.context.outside));

function register(file: Buffer, facts: Record<string, string> = {}) {
  const form = new FormData();
  const fields = { title: 'Schoolbook', rightsHolder: 'Publisher', ...facts };
  for (const [name, value] of Object.entries(fields)) form.set(name, value);
  form.set('file', new Blob([Uint8Array.from(file)]), 'work');
  return school.reviewer.post('/api/works', form);
}

/** A picture that looks like no other. */
async function picture(seed: number): Promise<Buffer> {
  const path = join(folder, `${seed}.png`);
  await makeMedia(
    ...['-f', 'lavfi', '-i', `mandelbrot=s=640x360:start_scale=${1 / (seed + 1)}`],
    '-frames:v',
    '1',
    path,
  );
  return readFile(path);
}

/** Shows a picture for some seconds after some seconds of something else, through `filter`. */
async function lessonShowing(image: Buffer, filter = 'scale=640:360'): Promise<Buffer> {
  const [from, to] = [join(folder, 'shown.png'), join(folder, 'lesson.mp4')];
  await writeFile(from, image);
  await makeMedia(
    ...['-f', 'lavfi', '-i', 'testsrc=s=640x360:r=10:d=4', '-loop', '1', '-r', '10', '-t', '6', '-i', from],
    ...['-filter_complex', `[1]${filter},setsar=1[page];[0][page]concat=n=2`, '-pix_fmt', 'yuv420p', to],
  );
  return readFile(to);
}

async function findingsOf(lesson: Buffer) {
  const { id } = ok(await school.teacher.upload((await createPermittedLesson(school)).id, lesson));
  const recording = await until(school.reviewer, id, (r) => r.state === 'in_review');
  return recording.segments.filter((segment: { source: string }) => segment.source === 'picture_match');
}

test('a picture that is a page of a registered PDF is found in a recording, with the number of its page', async () => {
  const pictures = await Promise.all([1, 2, 3, 4].map(picture));
  const work = ok(await register(await pdfOf(pictures.map(pictured), { size: [960, 540] })));
  expect(work).toMatchObject({ kind: 'pages', pages: 4, durationMs: 0, known: false });
  const found = await findingsOf(await lessonShowing(pictures[2]!));
  expect(found).toMatchObject([{ title: 'Schoolbook', page: 3, evidence: { moves: false } }]);
  expect(found[0].startMs).toBeGreaterThan(3_000);
});

test('a sheet between dark bars is found too, and a page that is not in the PDF is not', async () => {
  const ours = [inked(1), inked(2), () => {}, inked(3)];
  ok(await register(await pdfOf(ours)));
  const sheet = async (seed: number) => {
    const pixels: Buffer[] = [];
    const pdf = await pdfOf([inked(seed)]);
    const { pages } = server.context.outside;
    await pages.read(bufferSource(pdf), (page) => pixels.push(Buffer.from(page.pixels)));
    const [raw, png] = [join(folder, 'page.gray'), join(folder, 'page.png')];
    await writeFile(raw, pixels[0]!);
    await makeMedia(...['-f', 'rawvideo', '-pix_fmt', 'gray', '-s', '320x180', '-i', raw, png]);
    return lessonShowing(await readFile(png), 'scale=254:360,pad=640:360:193:0:0x202020');
  };
  expect(await findingsOf(await sheet(3))).toMatchObject([{ title: 'Schoolbook', page: 4 }]);
  expect(await findingsOf(await sheet(9))).toEqual([]);
}, 60_000);

async function expectNothingKept() {
  const kept: string[] = [];
  for await (const { key } of server.context.outside.objects.list('documents/')) kept.push(key);
  expect(kept).toEqual([]);
}

test('the same PDF again is the same work; nothing of it stays, and saying nothing new leaves nothing on the log', async () => {
  const pdf = await pdfOf([inked(5)]);
  const facts = { isbn: '978-605-0000-00-2', eidr: '10.5240/7791-8534-2C23-9030-8610-5' };
  const first = ok(await register(pdf, facts));
  expect(ok(await register(pdf, facts))).toMatchObject({ id: first.id, known: true });
  expect(ok(await register(pdf, { ...facts, licence: 'CC0-1.0' }))).toMatchObject({ id: first.id, licence: 'CC0-1.0' });
  const { entries } = ok(await school.auditor.get('/api/audit?action=work.described'));
  expect(entries).toHaveLength(1);
  await expectNothingKept();
});

test.each([
  ['wants a password', () => pdfOf([inked(1)], { userPassword: 'secret', pdfVersion: '1.7' }), 'PDF_ENCRYPTED'],
  ['is damaged', async () => Buffer.from('%PDF-1.4\nnothing'), 'PDF_UNREADABLE'],
  ['is empty paper', async () => tinyPdf(3), 'NOTHING_TO_FIND'],
])('a PDF that %s is refused with its reason, in both languages', async (_what, make, code) => {
  const answer = await register(await make());
  expect(answer).toMatchObject({ status: 422, body: { code: 'NOT_MEDIA', reasons: [{ code }] } });
  expect(answer.body.reasons[0].tr).not.toBe(answer.body.reasons[0].en);
});
