import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createPdfTextReader } from '../../../src/adapters/pdfium/pdf-text-reader.ts';
import type { Refusal } from '../../../src/domain/errors.ts';
import { bufferSource } from '../../support/media.ts';
import { inked, pdfOf, tinyPdf } from '../../support/pdf.ts';

const reader = createPdfTextReader();
const fonts = join(createRequire(import.meta.url).resolve('dejavu-fonts-ttf/package.json'), '../ttf');
const font = readFileSync(join(fonts, 'DejaVuSans.ttf'));
const refusalOf = (reading: Promise<unknown>) =>
  reading.then(
    () => 'read',
    (error: Refusal) => `${error.code} ${error.reasons?.[0]?.code}`,
  );

describe('the text of a PDF', () => {
  it('comes page by page, line by line, with the places of its columns', async () => {
    const drawing = (pdf: PDFKit.PDFDocument) => {
      pdf.font(font).fontSize(10);
      // Not in the order in which it is read.
      pdf.text('Şükrü', 300, 130).text('Öğrenci No', 75, 100).text('Soyadı', 300, 100).text('İLGIN', 140, 130);
      pdf.text('42', 75, 130);
    };
    const { pages } = await reader.read(bufferSource(await pdfOf([drawing, () => {}]), 1_000));
    expect(pages).toHaveLength(2);
    const [first] = pages;
    expect(first!.lines.map(({ words }) => words.map(({ text }) => text))).toEqual([
      ['Öğrenci No', 'Soyadı'],
      ['42', 'İLGIN', 'Şükrü'],
    ]);
    const [heads, cells] = first!.lines.map(({ words }) => words.map(({ x }) => Math.round(x)));
    for (const [places, wanted] of [
      [heads, [75, 300]],
      [cells, [75, 140, 300]],
    ] as const)
      for (const [at, place] of places!.entries()) expect(Math.abs(place - wanted[at]!)).toBeLessThan(3);
    expect(pages[1]).toEqual({ lines: [] });
  });

  it('is none where a page is a picture', async () => {
    expect(await reader.read(bufferSource(await pdfOf([inked(1)])))).toEqual({ pages: [{ lines: [] }] });
  });

  it.each([
    [
      'wants a password',
      () => pdfOf([inked(1)], { userPassword: 'secret', pdfVersion: '1.7' }),
      'NOT_MEDIA PDF_ENCRYPTED',
    ],
    ['is damaged', async () => Buffer.from('%PDF-1.7\n'), 'NOT_MEDIA PDF_UNREADABLE'],
    ['has more than 300 pages', async () => tinyPdf(301), 'MEDIA_NOT_ALLOWED PDF_TOO_MANY_PAGES'],
  ])('is refused when the file %s', async (_, make, refusal) => {
    expect(await refusalOf(reader.read(bufferSource(await make())))).toBe(refusal);
  });
});
