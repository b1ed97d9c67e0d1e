import { describe, expect, it } from 'vitest';
import type { GreyPicture } from '../../../src/detection/picture-hash.ts';
import type { ReadLine } from '../../../src/detection/text/read-line.ts';
import { readStrips } from '../../../src/detection/text/read-strips.ts';

const grey = (width: number, height: number, ground: number): GreyPicture => ({
  width,
  height,
  pixels: new Uint8Array(width * height).fill(ground),
});

/** Five half-transparent upright strokes, 18 high, 4 wide. */
function marked(ground: number, left = 50): GreyPicture {
  const picture = grey(200, 80, ground);
  for (let letter = 0; letter < 5; letter++)
    for (let y = 30; y < 48; y++) {
      const from = y * picture.width + left + 10 * letter;
      picture.pixels.fill((ground + 255) / 2, from, from + 4);
    }
  return picture;
}

/** Stands for Tesseract: keeps what it is given, and reads one word, where the ink is. */
function reader(confidence = 90) {
  const given: { picture: GreyPicture; layout: string }[] = [];
  return {
    given,
    read(picture: GreyPicture, layout: string) {
      given.push({ picture, layout });
      const inked = [...picture.pixels.entries()].filter(([, value]) => value < 128).map(([at]) => at);
      const [columns, rows] = [
        inked.map((at) => at % picture.width),
        inked.map((at) => Math.floor(at / picture.width)),
      ];
      const [left, top] = [Math.min(...columns), Math.min(...rows)];
      const box = [left, top, Math.max(...columns) + 1 - left, Math.max(...rows) + 1 - top];
      return ['5', '1', '1', '1', '1', '1', ...box, confidence, 'mark'].join('\t');
    },
  };
}

describe('reading lines of white letters', () => {
  it.each([0, 100, 200])('that are half-transparent on %i: as one line each, enlarged, with its place', (ground) => {
    const tesseract = reader(80);
    const lines = readStrips(tesseract, marked(ground));
    // Once with firm ink, once with its own.
    expect(tesseract.given.map(({ layout }) => layout)).toEqual(['line', 'line']);
    expect(tesseract.given[0]!.picture.height).toBe(2 * (18 + 2 * 5) + 2 * 10);
    expect(lines).toHaveLength(2);
    for (const { text, box } of lines) {
      expect(text).toBe('mark');
      expect(box).toEqual({ x: 50, y: 30, width: 44, height: 18 });
    }
  });

  it('that stand at the edge of the picture', () => {
    expect(readStrips(reader(), marked(100, 0))[0]!.box).toEqual({ x: 0, y: 30, width: 44, height: 18 });
  });

  it('keeps what was read surely enough', () => {
    expect(readStrips(reader(50), marked(100))).toHaveLength(2);
    expect(readStrips(reader(49), marked(100))).toEqual([]);
  });

  it('reads a line once that was read surely, and not at all what is known; both only if it was read whole', () => {
    const countOf = (tesseract: ReturnType<typeof reader>, known: readonly ReadLine[] = []) => {
      readStrips(tesseract, marked(100), known);
      return tesseract.given.length;
    };
    expect(countOf(reader(96))).toBe(1);
    const line = { text: 'mark', confidence: 0.96, box: { x: 48, y: 28, width: 50, height: 24 } };
    expect(countOf(reader(80), [line])).toBe(0);
    expect(countOf(reader(80), [{ ...line, confidence: 0.9 }])).toBe(2);
    expect(countOf(reader(80), [{ ...line, box: { ...line.box, x: 60 } }])).toBe(2);
  });

  it('asks for nothing where there are none', () => {
    const tesseract = reader();
    expect(readStrips(tesseract, grey(200, 80, 90))).toEqual([]);
    expect(tesseract.given).toEqual([]);
  });
});
