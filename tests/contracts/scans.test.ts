import { spawnSync } from 'node:child_process';
import { crc32, deflateSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from 'vitest';
import { createCodeReader } from '../../src/adapters/codes/code-reader.ts';
import { enlarge } from '../../src/adapters/codes/enlarge.ts';
import { createPictureReader } from '../../src/adapters/ffmpeg/picture-reader.ts';
import { createPapers } from '../../src/adapters/papers/papers.ts';
import { createScanReader } from '../../src/adapters/pdfium/scan-reader.ts';
import type { GreyPicture } from '../../src/detection/picture-hash.ts';
import { sheetAddress } from '../../src/domain/sheet-code.ts';
import { writeSheet } from '../../src/papers/sheets.ts';
import { mostScanBytes, readScan, type ScannedPage, type ScanTools } from '../../src/pipeline/paper/read-scan.ts';
import { sourceOf } from '../../src/pipeline/ports/bytes-source.ts';
import { bufferSource } from '../support/media.ts';
import { pdfOf, pictured, tinyPdf } from '../support/pdf.ts';
import { sheetCodeOf, sheetOf } from '../support/sheets.ts';

const tools: ScanTools = { scans: createScanReader(), pictures: createPictureReader(), codes: createCodeReader() };
const origin = 'https://emanet.okul.example';

async function pagesOf(file: Uint8Array, from = tools, options: { signal?: AbortSignal } = {}) {
  const pages: ScannedPage[] = [];
  const count = await readScan(from, sourceOf(file), async (page) => void pages.push(page), options);
  expect(pages.map(({ page }) => page)).toEqual(Array.from({ length: count }, (_, at) => at + 1));
  return pages;
}
const foundIn = async (file: Uint8Array) => (await pagesOf(file)).map(({ found }) => found);
const refusalOf = (reading: Promise<unknown>) =>
  reading.then(
    () => 'read',
    (error) => `${error.code} ${JSON.stringify(error.reasons?.[0])}`,
  );

/** As a file of this kind, by ffmpeg. */
function fileOf({ width, height, pixels }: GreyPicture, codec: 'mjpeg' | 'png', quality = 3): Buffer {
  const input = ['-f', 'rawvideo', '-pix_fmt', 'gray', '-s', `${width}x${height}`, '-i', 'pipe:0'];
  const output = codec === 'png' ? ['-c:v', 'png'] : ['-c:v', 'mjpeg', '-q:v', String(quality), '-pix_fmt', 'yuvj444p'];
  const run = spawnSync('ffmpeg', ['-v', 'error', ...input, ...output, '-f', 'image2pipe', 'pipe:1'], {
    input: pixels,
    maxBuffer: 64 * 1024 ** 2,
  });
  expect(run.stderr.toString()).toBe('');
  return run.stdout;
}

let printed: Buffer;
let pages: ScannedPage[];
beforeAll(async () => {
  const sheets = [1, 2, 3].map((number) => writeSheet(sheetOf(number, { language: number === 2 ? 'en' : 'tr' })));
  printed = (await createPapers().sheets(sheets, { origin, at: new Date(0), isTwoSided: false })).pdf;
  pages = await pagesOf(printed);
}, 60_000);

describe('a pile of sheets', () => {
  test('is read back: each page finds its sheet, in grey and in its own shape', () => {
    expect(pages.map(({ found }) => found)).toEqual(
      [1, 2, 3].flatMap((number) => [1, 2].map((page) => ({ code: sheetCodeOf(number), page }))),
    );
    for (const { picture } of pages) {
      expect([picture.width, picture.height]).toEqual([1697, 2400]);
      expect(picture.pixels).toHaveLength(1697 * 2400);
    }
  });

  test('a page without a code is none, one with two codes is several, one with the same code twice is that page', async () => {
    const [first, second] = await Promise.all(pages.slice(0, 2).map(async ({ picture }) => fileOf(picture, 'mjpeg')));
    const two = (left: Buffer, right: Buffer) => (pdf: PDFKit.PDFDocument) =>
      void pdf.image(left, 0, 0, { width: 290 }).image(right, 300, 0, { width: 290 });
    const pdf = await pdfOf([() => undefined, two(first!, second!), two(first!, first!), pictured(second!)]);
    expect(await foundIn(pdf)).toEqual([
      'none',
      'several',
      { code: sheetCodeOf(1), page: 1 },
      { code: sheetCodeOf(1), page: 2 },
    ]);
  });
});

describe('a picture of a camera', () => {
  const sheet = { code: sheetCodeOf(1), page: 1 };

  test.each(['mjpeg', 'png'] as const)('is one page (%s)', async (codec) => {
    expect(await foundIn(fileOf(pages[0]!.picture, codec))).toEqual([sheet]);
  });

  test('may lie on its side, by its pixels or by what its EXIF says; the kept picture has its shape', async () => {
    const { picture } = pages[0]!;
    const { width, height } = picture;
    const lying = new Uint8Array(width * height);
    for (let y = 0; y < width; y++)
      for (let x = 0; x < height; x++) lying[y * height + x] = picture.pixels[(height - 1 - x) * width + y]!;
    expect(await foundIn(fileOf({ width: height, height: width, pixels: lying }, 'mjpeg'))).toEqual([sheet]);
    const jpeg = fileOf(picture, 'mjpeg');
    // Orientation 6: a quarter turn clockwise makes it upright.
    const exif = Buffer.from('Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0', 'latin1');
    const head = Buffer.from([0xff, 0xe1, 0, exif.length + 2]);
    const turned = Buffer.concat([jpeg.subarray(0, 2), head, exif, jpeg.subarray(2)]);
    expect(await foundIn(turned)).toEqual([sheet]);
  });

  test('may have something behind its end, as telephones write it', async () => {
    const jpeg = Buffer.concat([fileOf(pages[0]!.picture, 'mjpeg'), Buffer.alloc(50_000, 'ftypmp42')]);
    expect(await foundIn(jpeg)).toEqual([sheet]);
  });

  test('that is larger than needed is kept smaller', async () => {
    const [page] = await pagesOf(fileOf(enlarge(pages[0]!.picture), 'mjpeg'));
    expect(page!.found).toEqual(sheet);
    expect(page!.picture.height).toBe(3_200);
    expect(page!.picture.width).toBe(2_263);
  });
});

describe('codes in a picture', () => {
  test('come with their text and place, also looked for at twice the size', async () => {
    const { picture } = pages[0]!;
    const text = sheetAddress(origin, { code: sheetCodeOf(1), page: 1 });
    for (const isEnlarged of [false, true]) {
      const [code, ...others] = await tools.codes.read(picture, { isEnlarged });
      expect(others).toEqual([]);
      expect(code!.text).toBe(text);
      // 40 mm, 12 mm from the right and from the top.
      const scale = 2400 / 297;
      const expected = [
        [158, 12],
        [198, 12],
        [198, 52],
        [158, 52],
      ].map(([x, y]) => [x! * scale, y! * scale]);
      for (const [at, { x, y }] of code!.corners.entries()) {
        expect(Math.abs(x - expected[at]![0]!)).toBeLessThan(8);
        expect(Math.abs(y - expected[at]![1]!)).toBeLessThan(8);
      }
    }
  });

  test('that are too small at first are found at twice the size, and a page is looked at twice', async () => {
    const asked: unknown[] = [];
    const codes: ScanTools['codes'] = {
      read: async (picture, options) => {
        asked.push(options?.isEnlarged ?? false);
        return options?.isEnlarged ? tools.codes.read(picture, options) : [];
      },
    };
    const [page] = await pagesOf(fileOf(pages[0]!.picture, 'png'), { ...tools, codes });
    expect(page!.found).toEqual({ code: sheetCodeOf(1), page: 1 });
    expect(asked).toEqual([false, true]);
  });

  test('a process that takes too long, or dies of the picture, is told with the page', async () => {
    const hasty: ScanTools = { ...tools, codes: createCodeReader({ limits: { cpuSeconds: 1, outputBytes: 10 } }) };
    // Seconds on any machine: a page full of corners of codes, and no code.
    expect(await refusalOf(pagesOf(fileOf(cornersOfCodes(1697, 2400), 'png'), hasty))).toBe(
      'MEDIA_NOT_ALLOWED {"code":"SCAN_NOT_READ","params":{"page":1}}',
    );
  });

  test('end with the signal', async () => {
    const stopped = new AbortController();
    const reading = pagesOf(printed, tools, { signal: stopped.signal });
    stopped.abort(new Error('enough'));
    await expect(reading).rejects.toThrow('enough');
  });
});

/** The pattern in three corners of a QR code (ISO/IEC 18004, 6.3.3), one pixel a module, side by side. */
function cornersOfCodes(width: number, height: number): GreyPicture {
  const pixels = new Uint8Array(width * height).fill(255);
  const isDark = (x: number, y: number) => {
    const ring = Math.max(Math.abs(x - 3), Math.abs(y - 3));
    return ring === 3 || ring <= 1;
  };
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) if (isDark(x % 8, y % 8)) pixels[y * width + x] = 0;
  return { width, height, pixels };
}

/** A PNG of one bit a pixel that is black all over. */
function blackPng(width: number, height: number): Buffer {
  const chunk = (type: string, content: Buffer) => {
    const body = Buffer.concat([Buffer.from(type), content]);
    const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(content.length);
    sum.writeUInt32BE(crc32(body));
    return Buffer.concat([length, body, sum]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = 1;
  const rows = deflateSync(Buffer.alloc(height * (1 + Math.ceil(width / 8))), { level: 9 });
  const signature = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');
  return Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', rows), chunk('IEND', Buffer.alloc(0))]);
}

describe('a scan is refused', () => {
  test('when it is cut short, or no picture behind its beginning', async () => {
    const pdf = Buffer.concat([Buffer.from('%PDF-1.7\n'), printed.subarray(2_000, 12_000)]);
    expect(await refusalOf(pagesOf(pdf))).toBe('NOT_MEDIA {"code":"PDF_UNREADABLE"}');
    const unreadable = 'NOT_MEDIA {"code":"UNREADABLE","params":{"container":"still picture"}}';
    for (const codec of ['mjpeg', 'png'] as const) {
      const whole = fileOf(pages[0]!.picture, codec);
      expect(await refusalOf(pagesOf(whole.subarray(0, whole.length / 2)))).toBe(unreadable);
      const noise = Buffer.concat([whole.subarray(0, 40), Buffer.alloc(20_000, 'a1>>')]);
      expect(await refusalOf(pagesOf(noise))).toBe(unreadable);
    }
  });

  test('when it is a bomb: few octets, and more pixels than any camera has', async () => {
    const bomb = blackPng(20_000, 20_000);
    expect(bomb.length).toBeLessThan(100_000);
    expect(await refusalOf(pagesOf(bomb))).toBe(
      'MEDIA_NOT_ALLOWED {"code":"PICTURE_TOO_LARGE","params":{"width":20000,"height":20000}}',
    );
  });

  test('when it has more than 200 pages, or wants a password', async () => {
    expect(await refusalOf(pagesOf(tinyPdf(201)))).toBe(
      'MEDIA_NOT_ALLOWED {"code":"PDF_TOO_MANY_PAGES","params":{"most":200}}',
    );
    const locked = await pdfOf([() => undefined], { userPassword: 'secret' });
    expect(await refusalOf(pagesOf(locked))).toBe('NOT_MEDIA {"code":"PDF_ENCRYPTED"}');
  });

  test('when it is too large, before an octet is read', async () => {
    const source = { ...bufferSource(Buffer.alloc(0)), bytes: mostScanBytes + 1 };
    expect(await refusalOf(readScan(tools, source, async () => undefined))).toBe(
      'TOO_LARGE {"code":"SCAN_TOO_LARGE","params":{"mebibytes":200}}',
    );
    expect(source.reads).toEqual([]);
  });

  test('when it is of another kind; HEIC is told what to do', async () => {
    const unknown = 'NOT_DOCUMENT {"code":"SCAN_UNKNOWN_KIND"}';
    for (const file of [Buffer.alloc(0), Buffer.from('GIF89a'), Buffer.from('II*\0'), Buffer.from('<html>')])
      expect(await refusalOf(pagesOf(file))).toBe(unknown);
    const heic = Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic', 'latin1');
    expect(await refusalOf(pagesOf(heic))).toBe('NOT_DOCUMENT {"code":"SCAN_HEIC"}');
  });

  test('a page of a kilometre, and one as thin as a hair, take no more than others', async () => {
    const [wide] = await pagesOf(await pdfOf([() => undefined], { size: [2_800_000, 2_800_000] }));
    expect([wide!.picture.width, wide!.picture.height, wide!.found]).toEqual([2_400, 2_400, 'none']);
    const [thin] = await pagesOf(await pdfOf([() => undefined], { size: [2, 14_000] }));
    expect([thin!.picture.width, thin!.picture.height, thin!.found]).toEqual([1, 2_400, 'none']);
  });
});
