import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findStrips } from '../../../src/detection/text/text-strips.ts';

const [width, height] = [300, 120];
type Box = { x: number; y: number; width: number; height: number };

function drawn(boxes: readonly Box[], value = 128): Uint8Array {
  const values = new Uint8Array(width * height);
  for (const box of boxes)
    for (let y = box.y; y < box.y + box.height; y++)
      values.fill(value, y * width + box.x, y * width + box.x + box.width);
  return values;
}

/** Things of the size of letters, at these heights. */
const row = (bottoms: readonly number[], from = 40): Box[] =>
  bottoms.map((bottom, index) => ({ x: from + 12 * index, y: bottom - 16, width: 7, height: 16 }));

describe('strips of writing', () => {
  it('are where things of the size of letters stand in a row', () => {
    const [strip, ...others] = findStrips(drawn(row([60, 60, 60, 60, 60])), width, 20);
    expect(strip).toMatchObject({ x: 40, y: 44, width: 55, height: 16, letterHeight: 16, level: 128, score: 5 });
    expect(others).toEqual([]);
  });

  it('hold letters that are a little higher or lower, and words with a space between them', () => {
    const [strip, ...others] = findStrips(drawn([...row([60, 62, 60, 61]), ...row([60, 60, 60], 105)]), width, 20);
    expect(strip).toMatchObject({ x: 40, width: 96 });
    expect(others).toEqual([]);
  });

  it.each([
    ['two letters', row([60, 60])],
    ['a bar', [{ x: 20, y: 50, width: 200, height: 16 }]],
    ['columns', [40, 60, 80, 100].map((x) => ({ x, y: 10, width: 8, height: 80 }))],
    ['dots', [40, 46, 52, 58, 64].map((x) => ({ x, y: 50, width: 4, height: 4 }))],
    ['stairs', row([40, 48, 56, 64, 72, 80])],
    ['what stands far apart', [20, 90, 160, 230].map((x) => ({ x, y: 50, width: 8, height: 16 }))],
  ])('are not %s', (_, boxes) => {
    expect(findStrips(drawn(boxes), width, 20)).toEqual([]);
  });

  it('are found on something weaker that joins the letters', () => {
    const values = drawn(row([60, 60, 60, 60]), 150);
    for (const [at, value] of values.entries()) if (value === 0) values[at] = 70;
    expect(findStrips(values, width, 20)).toMatchObject([{ x: 40, y: 44, letterHeight: 16 }]);
  });

  it('come in the order of their likelihood, and no more than are asked for', () => {
    const values = drawn([...row([30, 30, 30]), ...row([80, 80, 80, 80, 80])]);
    expect(findStrips(values, width, 20).map(({ score }) => score)).toEqual([5, 3]);
    expect(findStrips(values, width, 1)).toMatchObject([{ y: 64 }]);
  });

  it('takes what touches for one thing, in any order: a U is one letter', () => {
    const us = [40, 60, 80].flatMap((x) => [
      { x, y: 40, width: 3, height: 16 },
      { x: x + 10, y: 40, width: 3, height: 16 },
      { x, y: 53, width: 13, height: 3 },
    ]);
    expect(findStrips(drawn(us), width, 20)).toMatchObject([{ score: 3, width: 53 }]);
  });

  it('lie in the picture, whatever is in it', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 40 * 30, maxLength: 40 * 30 }), (values) => {
        for (const strip of findStrips(values, 40, 20)) {
          expect(strip.x).toBeGreaterThanOrEqual(0);
          expect(strip.x + strip.width).toBeLessThanOrEqual(40);
          expect(strip.y + strip.height).toBeLessThanOrEqual(30);
        }
      }),
      { numRuns: 50 },
    );
  });
});
