import { describe, expect, it } from 'vitest';
import { linesOfTsv } from '../../../src/detection/text/lines-of-tsv.ts';

const word = (text: string, x: number, y = 10, { line = 1, width = 40, height = 20, confidence = 90 } = {}) =>
  ['5', '1', '1', '1', line, '1', x, y, width, height, confidence, text].join('\t');
const texts = (...rows: string[]) => linesOfTsv(rows.join('\n')).map(({ text }) => text);

describe('lines of what Tesseract read', () => {
  it('are words that stand beside each other, with the box around them', () => {
    const [line] = linesOfTsv([word('Örnek', 10), word('Yayınevi', 60, 12, { confidence: 50 })].join('\n'));
    expect(line).toMatchObject({ text: 'Örnek Yayınevi', box: { x: 10, y: 10, width: 90, height: 22 } });
    expect(line!.confidence).toBeCloseTo((5 * 0.9 + 8 * 0.5) / 13);
  });

  it('are put together of pieces that were taken for lines of their own', () => {
    expect(texts(word('Palme', 10, 10, { line: 1 }), word('Yayınevi', 65, 11, { line: 2 }))).toEqual([
      'Palme Yayınevi',
    ]);
  });

  it.each([
    ['far apart', word('left', 10), word('right', 300)],
    ['under each other', word('above', 10, 10), word('below', 60, 40, { line: 2 })],
    ['on each other', word('one', 10), word('two', 10, 10, { line: 2 })],
  ])('are not put together when they are %s', (_, one, other) => {
    expect(texts(one, other)).toHaveLength(2);
  });

  it('leave out what is hardly a reading, rows that are no words, and nonsense', () => {
    expect(texts(word('|', 10, 10, { confidence: 12 }), '4\t1\t1\t1\t1\t0\t0\t0\t9\t9\t-1\t', 'x\ty', '')).toEqual([]);
  });
});
