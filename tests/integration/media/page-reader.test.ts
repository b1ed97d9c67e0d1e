import { deflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { createPageReader } from '../../../src/adapters/pdfium/page-reader.ts';
import type { GreyPicture } from '../../../src/detection/picture-hash.ts';
import type { MediaSource } from '../../../src/pipeline/ports/media.ts';
import { bufferSource, listenAsCanary } from '../../support/media.ts';
import { inked, pdfOf, tinyPdf } from '../../support/pdf.ts';

const reader = createPageReader();

async function pagesOf(source: MediaSource, options: { signal?: AbortSignal } = {}, from = reader) {
  const pages: GreyPicture[] = [];
  await from.read(source, (page) => pages.push(page), options);
  return pages;
}
const refusalOf = (reading: Promise<unknown>) =>
  reading.then(
    () => 'read',
    (error) => `${error.code} ${error.reasons?.[0]?.code}`,
  );
const meanOf = ({ pixels }: GreyPicture) => pixels.reduce((sum, pixel) => sum + pixel, 0) / pixels.length;

describe('pages of a PDF', () => {
  it('come in their order, in grey, on the pixels of a still picture, whatever their shape', async () => {
    const half = (pdf: PDFKit.PDFDocument) => pdf.rect(0, 0, pdf.page.width, pdf.page.height / 2).fill('black');
    const pdf = await pdfOf([() => {}, half, inked(1)]);
    const pages = await pagesOf(bufferSource(pdf, 1_000));
    expect(pages.map(({ width, height, pixels }) => [width, height, pixels.length])).toEqual(
      Array(3).fill([320, 180, 57_600]),
    );
    expect(meanOf(pages[0]!)).toBe(255);
    expect(pages[1]!.pixels[10]).toBe(0);
    expect(pages[1]!.pixels.at(-10)).toBe(255);
    expect(meanOf(pages[2]!)).toBeGreaterThan(100);
  });

  it('take the same memory and pixels for a page of a kilometre', async () => {
    const [page] = await pagesOf(bufferSource(await pdfOf([inked(2)], { size: [2_800_000, 2_800_000] })));
    expect(page!.pixels).toHaveLength(57_600);
  });

  it('of an owner who forbids printing are read, since anybody may open it', async () => {
    const pdf = await pdfOf([inked(3)], { ownerPassword: 'secret', pdfVersion: '1.7' });
    expect(await pagesOf(bufferSource(pdf))).toHaveLength(1);
  });
});

describe('a PDF is refused', () => {
  it.each(['1.3', '1.7', '1.7ext3'] as const)('when it wants a password (PDF %s)', async (pdfVersion) => {
    const pdf = await pdfOf([inked(1)], { userPassword: 'secret', pdfVersion });
    expect(await refusalOf(pagesOf(bufferSource(pdf)))).toBe('NOT_MEDIA PDF_ENCRYPTED');
  });

  it.each([
    ['empty', Buffer.alloc(0)],
    ['a heading and nothing else', Buffer.from('%PDF-1.7\n')],
    ['without a page', tinyPdf(0)],
    ['noise', Buffer.concat([Buffer.from('%PDF-1.7\n'), Buffer.alloc(100_000, 'a1>>')])],
  ])('when it is %s', async (_what, pdf) => {
    expect(await refusalOf(pagesOf(bufferSource(pdf)))).toBe('NOT_MEDIA PDF_UNREADABLE');
  });

  it('when it has more than 2,000 pages', async () => {
    expect(await refusalOf(pagesOf(bufferSource(tinyPdf(2_001))))).toBe('MEDIA_NOT_ALLOWED PDF_TOO_MANY_PAGES');
  });

  it('when it is too large, before a byte is read', async () => {
    const source = { ...bufferSource(Buffer.alloc(0)), bytes: 400 * 1024 ** 2 + 1 };
    expect(await refusalOf(pagesOf(source))).toBe('TOO_LARGE PDF_TOO_LARGE');
    expect(source.reads).toEqual([]);
  });

  it('when its pages take longer than they may; 2,000 may be there', async () => {
    const hasty = createPageReader({ limits: { cpuSeconds: 1 } });
    const pdf = bufferSource(tinyPdf(2_000));
    expect(await refusalOf(pagesOf(pdf, {}, hasty))).toBe('MEDIA_NOT_ALLOWED PDF_TOO_SLOW');
    // The clock alone is no judgement on it.
    const busy = createPageReader({ limits: { wallMs: 5 } });
    expect(await refusalOf(pagesOf(bufferSource(tinyPdf(1)), {}, busy))).toMatch(/^PROCESSOR_UNAVAILABLE/);
  });
});

/** A page of `content`, with objects from number 5 on, the first of which it may draw as `X`. */
function pdfDrawing(content: string, objects: readonly (readonly [dictionary: string, stream: Uint8Array])[]): Buffer {
  const stream = (number: number, dictionary: string, octets: Uint8Array) => [
    Buffer.from(`${number} 0 obj <<${dictionary}/Length ${octets.length}>> stream\n`),
    octets,
    Buffer.from('\nendstream endobj\n'),
  ];
  return Buffer.concat([
    Buffer.from(
      '%PDF-1.7\n1 0 obj <</Type/Catalog/Pages 2 0 R>> endobj\n2 0 obj <</Type/Pages/Count 1/Kids[3 0 R]>> endobj\n',
    ),
    Buffer.from(
      '3 0 obj <</Type/Page/Parent 2 0 R/MediaBox[0 0 100 100]/Contents 4 0 R/Resources <</XObject <</X 5 0 R>>>>>> endobj\n',
    ),
    ...stream(4, '', Buffer.from(content)),
    ...objects.flatMap(([dictionary, octets], at) => stream(at + 5, dictionary, octets)),
    Buffer.from(`trailer <</Root 1 0 R/Size ${objects.length + 5}>>\n%%EOF\n`),
  ]);
}

describe('a hostile PDF', () => {
  const hasty = createPageReader({ limits: { cpuSeconds: 5 } });

  it('whose drawing of drawings multiplies is refused at the limits of memory and time', async () => {
    const draw = Buffer.from('/X Do\n'.repeat(40));
    const levels = Array.from({ length: 7 }, (_, level): readonly [string, Uint8Array] => {
      const form = '/Type/XObject/Subtype/Form/BBox[0 0 100 100]';
      if (level === 6) return [form, Buffer.from('0 0 100 100 re f\n'.repeat(40))];
      return [`${form}/Resources <</XObject <</X ${level + 6} 0 R>>>>`, draw];
    });
    const pdf = pdfDrawing(draw.toString(), levels);
    expect(await refusalOf(pagesOf(bufferSource(pdf), {}, hasty))).toMatch(/PDF_(UNREADABLE|TOO_SLOW)$/);
  }, 30_000);

  it.each([8_000, 60_000])(
    'whose picture of %s pixels a side is half a kilobyte harms nobody',
    async (side) => {
      const octets = deflateSync(deflateSync(Buffer.alloc(8_000 ** 2)));
      const image = `/Type/XObject/Subtype/Image/Width ${side}/Height ${side}/BitsPerComponent 8/ColorSpace/DeviceGray`;
      const pdf = pdfDrawing('100 0 0 100 0 0 cm /X Do', [[`${image}/Filter[/FlateDecode/FlateDecode]`, octets]]);
      expect(pdf.length).toBeLessThan(2_000);
      expect(await refusalOf(pagesOf(bufferSource(pdf), {}, hasty))).toMatch(/^read$|PDF_(UNREADABLE|TOO_SLOW)$/);
    },
    30_000,
  );

  it('runs no script and asks no server', async () => {
    await using canary = await listenAsCanary(0);
    const url = `http://127.0.0.1:${canary.port}/`;
    const script = `/OpenAction <</S/JavaScript/JS(app.launchURL\\("${url}"\\))>> /AA <</WC <</S/URI/URI(${url})>>>>`;
    expect(await pagesOf(bufferSource(tinyPdf(1, script)))).toHaveLength(1);
    expect(canary.hits()).toBe(0);
  });

  it('ends with the signal', async () => {
    const stopped = new AbortController();
    const reading = pagesOf(bufferSource(tinyPdf(2_000)), { signal: stopped.signal });
    stopped.abort(new Error('enough'));
    await expect(reading).rejects.toThrow('enough');
  });

  it('that breaks off while it is read is the fault of whoever reads it', async () => {
    const broken: MediaSource = {
      bytes: 10_000,
      // biome-ignore lint/correctness/useYield: it fails before the first piece
      async *read() {
        throw new Error('the store is away');
      },
    };
    await expect(pagesOf(broken)).rejects.toThrow('the store is away');
  });
});
