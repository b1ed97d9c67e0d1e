import { inflateSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { createPapers } from '../../../src/adapters/papers/papers.ts';
import type { ReportBlock } from '../../../src/pipeline/ports/papers.ts';

const papers = createPapers();
const at = new Date('2026-01-01T00:00:00Z');
const write = (blocks: readonly ReportBlock[]) =>
  papers.pdf({ language: 'tr', title: 'Kanıt paketi: ğüşıöç İĞ', at, foot: 'altta', blocks });
const pagesOf = (pdf: Buffer) => pdf.toString('latin1').match(/\/Type \/Page\b(?!s)/g)?.length ?? 0;

test('a report is a PDF with a font of its own that has every Turkish letter, its title and its language', async () => {
  const pdf = await write([{ heading: 'Başlık' }, { text: 'şğıİ' }, { facts: [['Konu', 'çöü']] }]);
  const text = pdf.toString('latin1');
  expect(text.startsWith('%PDF-1.')).toBe(true);
  expect(text).toContain('/FontFile2');
  expect(text).toContain('/Lang (tr)');
  expect(pagesOf(pdf)).toBe(1);
  // What a reader copies out: each letter is mapped to its code point.
  const maps = [...text.matchAll(/stream\r?\n([\s\S]*?)\r?\nendstream/g)].flatMap(([, body]) => {
    try {
      const inflated = inflateSync(Buffer.from(body!, 'latin1')).toString('latin1');
      return inflated.includes('beginbfrange') || inflated.includes('beginbfchar') ? [inflated.toLowerCase()] : [];
    } catch {
      return []; // fonts and pictures
    }
  });
  for (const letter of ['ş', 'ğ', 'ı', 'İ'])
    expect(maps.join('')).toContain(letter.codePointAt(0)!.toString(16).padStart(4, '0'));
});

test('a long table goes on over pages; a cell without end is cut', async () => {
  const table = (rows: string[][]) => ({ header: ['#', 'ne'], widths: [0.2, 0.8], rows });
  const long = await write([table(Array.from({ length: 200 }, (_, n) => [String(n), 'bir kayıt']))]);
  expect(pagesOf(long)).toBeGreaterThan(3);
  expect(pagesOf(await write([table([['1', 'x '.repeat(50_000)]])]))).toBe(1);
  expect(pagesOf(await write([table([])]))).toBe(1);
});
