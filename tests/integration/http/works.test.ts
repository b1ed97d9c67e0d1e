import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { pictureKeys } from '../../../src/detection/picture-match.ts';
import { bufferSource, makeMedia } from '../../support/media.ts';
import { inked, pdfOf, pictured, tinyPdf } from '../../support/pdf.ts';
import { createPermittedLesson, createSchool, ok, type School, until } from '../../support/school.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';
import { forgetWorks } from '../../support/works.ts';
import { zipOf } from '../../support/zip.ts';

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
    ...[
      '-f',
      'lavfi',
      '-i',
      `mandelbrot=s=320x180:start_scale=0.4:start_x=${seed / 40 - 1.5}:start_y=${(seed % 7) / 10}`,
    ],
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
  const findings = recording.segments.flatMap((segment: { findings: object[] }) => segment.findings);
  return findings.filter(({ source }: { source: string }) => source === 'picture_match');
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

test('a file that two people register at once is one work', async () => {
  const pdf = await pdfOf([inked(6)]);
  const answers = (await Promise.all(Array.from({ length: 4 }, () => register(pdf)))).map(ok);
  expect(answers.map(({ known }) => known).toSorted()).toEqual([false, true, true, true]);
  expect(new Set(answers.map(({ id }) => id)).size).toBe(1);
  const { database } = server.context.outside;
  const [entries] = await database.read.$queryRaw<{ places: bigint }[]>`SELECT sum(places) AS places FROM work_key`;
  const keysEach = pictureKeys(new Uint32Array(8)).length;
  expect(Number(entries!.places)).toBeLessThanOrEqual(3 * keysEach);
});

test.each([
  ['wants a password', () => pdfOf([inked(1)], { userPassword: 'secret', pdfVersion: '1.7' }), 'PDF_ENCRYPTED'],
  ['is damaged', async () => Buffer.from('%PDF-1.4\nnothing'), 'PDF_UNREADABLE'],
  ['is empty paper', async () => tinyPdf(3), 'NOTHING_TO_FIND'],
])('a PDF that %s is refused with its reason', async (_what, make, code) => {
  const answer = await register(await make());
  expect(answer).toMatchObject({ status: 422, body: { code: 'NOT_MEDIA', reasons: [{ code }] } });
  expect(answer.body.reasons[0].text).toMatch(/\w/);
});

const importForm = (zip: Buffer, facts: Record<string, string>) => {
  const form = new FormData();
  for (const [name, value] of Object.entries(facts)) form.set(name, value);
  form.set('file', new Blob([Uint8Array.from(zip)]), 'works.zip');
  return form;
};

/** The lines of an import: what became of each file, and the last line. */
async function importing(zip: Buffer, facts: Record<string, string> = { rightsHolder: 'Publisher' }) {
  const { status, body } = await school.reviewer.post('/api/works/import', importForm(zip, facts));
  expect(status).toBe(200);
  // biome-ignore lint/suspicious/noExplicitAny: lines of every shape
  const lines: any[] = body
    .split('\n')
    .filter(Boolean)
    .map((line: string) => JSON.parse(line));
  const files = lines.slice(1, -1);
  expect(lines[0].kind).toBe('begun');
  return {
    files: files.map(({ kind, file, reasons }) => [file, kind, reasons?.[0]?.code].filter(Boolean).join(' ')),
    works: files.flatMap(({ work }) => work ?? []),
    ended: lines.at(-1),
  };
}

test('every file of an archive becomes a work, in order; what fails is named with its reason, and nothing else is kept', async () => {
  const [one, two, three] = await Promise.all([11, 12, 13].map(picture));
  const secret = { name: 'b/secret.png', octets: one!, lies: { flags: 1 } };
  const zip = zipOf([
    { name: 'b/page 10.png', octets: two! },
    { name: 'b/page 2.png', octets: one! },
    { name: 'kitap.pdf', octets: await pdfOf([inked(21), inked(22)]) },
    { name: '../../escape.png', octets: three! },
    { name: 'b/' },
    { name: '__MACOSX/b/._page 2.png', octets: 'x' },
    { name: '.hidden.png', octets: three! },
    { name: 'lyrics.mp3', octets: 'Only the words of a song.' },
    { name: 'nested.zip', octets: zipOf([{ name: 'a.png', octets: three! }]) },
    { name: 'zeros.bmp', octets: Buffer.alloc(8 * 1024 ** 2) },
    { name: 'copy of page 2.png', octets: one! },
    secret,
  ]);
  const first = await importing(zip);
  expect(first.files).toEqual([
    '../../escape.png registered',
    'b/page 2.png registered',
    'b/page 10.png registered',
    'b/secret.png failed ENTRY_ENCRYPTED',
    'copy of page 2.png known',
    'kitap.pdf registered',
    'lyrics.mp3 failed IS_TEXT',
    'nested.zip failed IS_ARCHIVE',
    'zeros.bmp failed ENTRY_EXPANDS_TOO_FAR',
  ]);
  expect(first.ended).toEqual({ kind: 'ended', registered: 4, known: 1, failed: 4 });
  expect(first.works.map(({ title, rightsHolder }) => `${title}, ${rightsHolder}`)).toEqual([
    'escape, Publisher',
    'page 2, Publisher',
    'page 10, Publisher',
    'copy of page 2, Publisher',
    'kitap, Publisher',
  ]);
  await expectNothingKept();

  const again = await importing(zip);
  expect(again.ended).toEqual({ kind: 'ended', registered: 0, known: 5, failed: 4 });
  expect(ok(await school.reviewer.get('/api/works')).items).toHaveLength(4);
});

test('a list in the archive says what its files are, and its mistakes are told before anything is registered', async () => {
  const octets = await picture(31);
  const list = (text: string) =>
    zipOf([
      { name: 'w/works.csv', octets: text },
      { name: 'w/a.png', octets },
    ]);
  const columns = 'file;title;rightsHolder;licence;terms;isbn;validUntil\n';
  const row =
    'a.png;Çanakkale haritası;Harita Kurumu;CC-BY-4.0;https://example.org/terms;978-605-0000-00-2;31.12.2030\n';
  const { works, files, ended } = await importing(list(`\uFEFF${columns}${row}b.png;None;;;;;\n`), {});
  expect(works).toMatchObject([
    {
      title: 'Çanakkale haritası',
      rightsHolder: 'Harita Kurumu',
      licence: 'CC-BY-4.0',
      terms: 'https://example.org/terms',
      identifiers: { isbn: '978-605-0000-00-2' },
      validUntil: '2030-12-31',
    },
  ]);
  expect(files).toEqual(['w/a.png registered', 'w/b.png failed LISTED_AND_MISSING']);
  expect(ended).toMatchObject({ registered: 1, failed: 1 });

  const wrong = await importing(list(`${columns}a.png;A;B;;;12;\n`), {});
  expect(wrong.files[0]).toMatch(/^w\/a.png failed /);
  const nobody = await importing(list('file,title\na.png,A\n'), {});
  expect(nobody.files).toEqual([expect.stringMatching(/^w\/a.png failed /)]);
  await forgetWorks(server.context.outside);
  expect(
    await school.reviewer.post('/api/works/import', importForm(list('name;composer\na.png;X\n'), {})),
  ).toMatchObject({ status: 400, body: { code: 'INVALID_REQUEST', reasons: [{ code: 'LIST_COLUMNS_UNKNOWN' }] } });
  expect(ok(await school.reviewer.get('/api/works')).items).toEqual([]);
  await expectNothingKept();
});

test('files that unpack to more than one file may be are refused, and what fits is registered', async () => {
  const { settings } = server.context.outside;
  const limit = settings.maxRecordingBytes;
  const small = await picture(41);
  try {
    Object.assign(settings, { maxRecordingBytes: small.length * 2 + 200_000 });
    const noise = randomBytes(3 * small.length + 300_000);
    const { files } = await importing(
      zipOf([
        { name: 'a.png', octets: small },
        { name: 'b.bin', octets: Buffer.alloc(noise.length, 'abcdefgh') },
        { name: 'c.png', octets: small, overlaps: false },
      ]),
    );
    expect(files).toEqual(['a.png registered', 'b.bin failed ARCHIVE_TOO_LARGE', 'c.png known']);
    const answer = await school.reviewer.post('/api/works/import', importForm(noise, { rightsHolder: 'P' }));
    expect(answer).toMatchObject({ status: 413, body: { code: 'TOO_LARGE' } });
  } finally {
    Object.assign(settings, { maxRecordingBytes: limit });
  }
  await expectNothingKept();
});

test('what is no archive is refused, and only those who keep the registry may import', async () => {
  const answer = await school.reviewer.post(
    '/api/works/import',
    importForm(Buffer.from('Rar!'), { rightsHolder: 'P' }),
  );
  expect(answer).toMatchObject({ status: 422, body: { reasons: [{ code: 'ARCHIVE_DAMAGED' }] } });
  expect(await school.teacher.post('/api/works/import', importForm(zipOf([]), {}))).toMatchObject({ status: 403 });
  expect((await importing(zipOf([]))).ended).toEqual({ kind: 'ended', registered: 0, known: 0, failed: 0 });
});

test('a client that goes away ends the import: nothing is kept, and the same again goes on', async () => {
  const pictures = await Promise.all([51, 52, 53, 54].map(picture));
  const zip = zipOf(pictures.map((octets, n) => ({ name: `${n}.png`, octets })));
  const gone = new AbortController();
  const response = await fetch(`${server.url}/api/works/import`, {
    method: 'POST',
    headers: school.reviewer.headers,
    body: importForm(zip, { rightsHolder: 'Publisher' }),
    signal: gone.signal,
  });
  const reader = response.body!.getReader();
  await reader.read();
  gone.abort();
  await vi.waitFor(expectNothingKept, { timeout: 10_000 });
  const { ended } = await importing(zip);
  expect(ended.registered).toBeGreaterThan(0);
  expect(ended.registered + ended.known).toBe(4);
});

test('a list can be read alone, for files that are registered one by one', async () => {
  const answer = await school.reviewer.post('/api/works/list', {
    text: 'file,title,validFrom\n"a, b.mp3",A,1.2.2026\n',
  });
  expect(ok(answer).items).toEqual([{ file: 'a, b.mp3', title: 'A', validFrom: '2026-02-01' }]);
  expect(await school.reviewer.post('/api/works/list', { text: 'x' })).toMatchObject({
    status: 400,
    body: { reasons: [{ code: 'LIST_COLUMNS_UNKNOWN' }] },
  });
});
