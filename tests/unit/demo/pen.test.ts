import { writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { createCodeReader } from '../../../src/adapters/codes/code-reader.ts';
import { createPapers } from '../../../src/adapters/papers/papers.ts';
import { createScanReader } from '../../../src/adapters/pdfium/scan-reader.ts';
import { createPictureWriter } from '../../../src/adapters/png/grey-png.ts';
import { chanceOf, photocopy } from '../../../src/demo/paper-pictures.ts';
import { fillInSheet, findBoxes } from '../../../src/demo/pen.ts';
import type { GreyPicture } from '../../../src/detection/picture-hash.ts';
import { findSheetCode } from '../../../src/domain/sheet-code.ts';
import { questionsOf } from '../../../src/domain/terms.ts';
import { writeSheet } from '../../../src/papers/sheets.ts';
import { sourceOf } from '../../../src/pipeline/ports/bytes-source.ts';
import { sheetCodeOf, sheetOf, sheetTerms } from '../../support/sheets.ts';

test('a pen ticks the boxes it is told, writes on the three lines, and leaves the code to be read', async () => {
  const options = { origin: 'https://okul.example', at: new Date(0), isTwoSided: false };
  const { pdf } = await createPapers().sheets([writeSheet(sheetOf(1))], options);
  const pages: GreyPicture[] = [];
  await createScanReader().pages(sourceOf(pdf), async (picture) => {
    pages.push({ ...picture, pixels: Uint8Array.from(picture.pixels) });
  });
  const questions = questionsOf(sheetTerms).length;
  const empty = findBoxes(pages);
  // Information and consent; two for each question; two of the office.
  expect(empty).toHaveLength(2 + 2 * questions + 2);
  const before = pages.map(({ pixels }) => Uint8Array.from(pixels));
  fillInSheet(pages, { ticks: [0, 1, 2, 5], name: 'YONCA DAĞLI', date: '29.11.2026' });
  const isTicked = empty.map(
    (box) => !findBoxes(pages).some((one) => one.page === box.page && one.x === box.x && one.y === box.y),
  );
  expect(isTicked.flatMap((is, at) => (is ? [at] : []))).toEqual([0, 1, 2, 5]);
  const last = pages.length - 1;
  expect(pages[last]!.pixels).not.toEqual(before[last]);
  const copied = pages.map((page, at) => photocopy(page, chanceOf(at)));
  const { SHOTS } = process.env;
  for (const [at, page] of copied.entries()) {
    if (SHOTS) await writeFile(`${SHOTS}/filled-${at + 1}.png`, await createPictureWriter().png(page));
    expect(findSheetCode(await createCodeReader().read(page))).toEqual({ code: sheetCodeOf(1), page: at + 1 });
  }
});

test('what it has no strokes for is not written as something else', () => {
  const page = { width: 600, height: 842, pixels: new Uint8Array(600 * 842).fill(255) };
  for (const [x, length] of [
    [10, 150],
    [200, 150],
    [400, 150],
  ] as const)
    page.pixels.fill(0, 400 * 600 + x, 400 * 600 + x + length);
  expect(() => fillInSheet([page], { ticks: [], name: 'ZOË', date: '1.1.2026' })).toThrow('strokes of the letter Z');
});
