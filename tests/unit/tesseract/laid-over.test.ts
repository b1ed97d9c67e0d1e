import { describe, expect, it } from 'vitest';
import type { GreyPicture } from '../../../src/detection/picture-hash.ts';
import { darkest, hasInk, laidOver } from '../../../src/detection/text/laid-over.ts';
import { blank } from '../../../src/detection/text/read-picture.ts';

const [width, height] = [120, 40];
const box = { x: 10, y: 4, width: 100, height: 32 };
/** A ground with a slope and a pattern, and strokes laid over it half-transparently, in white or in black. */
function page(strokes: readonly number[], ink = 255, share = 0.5): GreyPicture {
  const pixels = Uint8Array.from({ length: width * height }, (_, at) => {
    const [x, y] = [at % width, Math.floor(at / width)];
    const ground = 60 + x + ((x * 7 + y * 13) % 23);
    const isInk = y >= 12 && y < 28 && strokes.some((from) => x >= from && x < from + 3);
    return isInk ? ground * (1 - share) + ink * share : ground;
  });
  return { width, height, pixels };
}
/** Columns of a part that are dark halfway down. */
const inked = ({ pixels, width: wide }: GreyPicture) =>
  Array.from({ length: wide }, (_, x) => x + box.x).filter((x) => pixels[16 * wide + x - box.x]! < 100);
const columns = (...strokes: number[]) => strokes.flatMap((x) => [x, x + 1, x + 2]);

describe('what was laid over a page', () => {
  it.each(['light', 'dark'] as const)('comes out clean: %s letters', (kind) => {
    const laid = laidOver([page([]), page([20, 40, 70], kind === 'light' ? 255 : 0)], box);
    expect(laid.map((each) => each.kind)).toEqual([kind]);
    expect(inked(laid[0]!.picture)).toEqual(columns(20, 40, 70));
  });

  it('is seen where letters follow others at once, if the page was seen without', () => {
    const [light] = laidOver([page([]), page([20, 40]), page([40, 70])], box);
    expect(inked(light!.picture)).toEqual(columns(40, 70));
  });

  it('is nothing on a page that stands, on the first page, and where another picture came', () => {
    expect(laidOver([page([20]), page([20])], box)).toEqual([]);
    expect(laidOver([page([20])], box)).toEqual([]);
    const other = { width, height, pixels: page([]).pixels.map((value) => 255 - value) };
    expect(laidOver([page([]), other], box)).toEqual([]);
  });
});

describe('ink', () => {
  it('is there with letters, and not once what was read surely is covered', () => {
    const [light] = laidOver([page([]), page([20, 40, 70])], box);
    expect(hasInk(light!.picture)).toBe(true);
    blank(light!.picture.pixels, box.width, { x: 0, y: 0, width: 40, height: box.height });
    expect(hasInk(light!.picture)).toBe(true);
    blank(light!.picture.pixels, box.width, { x: 0, y: 0, width: box.width, height: box.height });
    expect(hasInk(light!.picture)).toBe(false);
  });
});

describe('pages of a film laid on each other', () => {
  it('show what stands still in it', () => {
    const films = [0, 1, 2].map((at) => ({
      width,
      height,
      pixels: Uint8Array.from({ length: width * height }, (_, pixel) =>
        pixel % 3 === at ? 20 : pixel % 90 === 0 ? 250 : 160,
      ),
    }));
    const pixels = darkest(films).pixels;
    expect(Math.max(...pixels)).toBe(20);
    for (const film of films) film.pixels.fill(230, 500, 520);
    expect([...darkest(films).pixels.subarray(500, 520)]).toEqual(new Array(20).fill(230));
  });
});
