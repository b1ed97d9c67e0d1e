import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lettersOf, standingOut, whiteLaidOver } from '../../../src/detection/text/strokes.ts';

const at = ({ width }: { width: number }, x: number, y: number) => y * width + x;
const plane = (width: number, height: number, value: number) => ({
  width,
  height,
  pixels: new Uint8Array(width * height).fill(value),
});

/** What the definition says, pixel by pixel: the value less the greatest of the least values in squares of 11. */
function byDefinition({ width, height, pixels }: { width: number; height: number; pixels: Uint8Array }): number[] {
  const around = (values: ArrayLike<number>, x: number, y: number) => {
    const found: number[] = [];
    for (let v = Math.max(0, y - 5); v <= Math.min(height - 1, y + 5); v++)
      for (let u = Math.max(0, x - 5); u <= Math.min(width - 1, x + 5); u++) found.push(values[v * width + u]!);
    return found;
  };
  const each = (values: ArrayLike<number>, pick: (...of: number[]) => number) =>
    Array.from(values, (_, index) => pick(...around(values, index % width, Math.floor(index / width))));
  const opened = each(each(pixels, Math.min), Math.max);
  return Array.from(pixels, (value, index) => value - opened[index]!);
}

describe('what stands out of a picture', () => {
  it('is what the definition says, in pictures of any size', () => {
    const pictures = fc
      .record({ width: fc.integer({ min: 1, max: 30 }), height: fc.integer({ min: 1, max: 30 }) })
      .chain((size) =>
        fc
          .uint8Array({ minLength: size.width * size.height, maxLength: size.width * size.height })
          .map((pixels) => ({ ...size, pixels })),
      );
    fc.assert(
      fc.property(pictures, (picture) => {
        expect(Array.from(standingOut(picture, 'bright'))).toEqual(byDefinition(picture));
      }),
      { numRuns: 60 },
    );
  });

  it('is a thin line, and not a broad plane', () => {
    const picture = plane(60, 60, 100);
    for (let y = 0; y < 60; y++) for (let x = 0; x < 3; x++) picture.pixels[at(picture, 20 + x, y)] = 220;
    for (let y = 0; y < 60; y++) for (let x = 0; x < 20; x++) picture.pixels[at(picture, 40 + x, y)] = 220;
    const standing = standingOut(picture, 'bright');
    expect(standing[at(picture, 21, 30)]).toBe(120);
    expect(standing[at(picture, 48, 30)]).toBe(0);
    expect(standingOut(picture, 'dark')[at(picture, 21, 30)]).toBe(0);
  });

  it('becomes dark letters on white, as far as it stands out', () => {
    expect(Array.from(lettersOf(Uint8Array.of(0, 90, 100, 255), 90))).toEqual([255, 255, 215, 0]);
  });
});

describe('white that is laid over a picture', () => {
  it.each([0, 80, 200])('is as much on a ground of %i as on any other', (ground) => {
    const picture = plane(60, 60, ground);
    for (let y = 10; y < 50; y++) picture.pixels[at(picture, 30, y)] = ground + 0.5 * (255 - ground);
    const white = whiteLaidOver(picture);
    expect(Math.abs(white[at(picture, 30, 30)]! - 127)).toBeLessThanOrEqual(3);
    expect(white[at(picture, 10, 30)]).toBe(0);
  });

  it('does not come from the shadows of letters', () => {
    const picture = plane(60, 60, 180);
    for (let y = 10; y < 50; y++) for (let x = 10; x < 50; x += 5) picture.pixels[at(picture, x, y)] = 120;
    expect(Math.max(...whiteLaidOver(picture))).toBe(0);
  });

  it('is not noise on a ground that is white', () => {
    const picture = plane(60, 60, 250);
    picture.pixels[at(picture, 30, 30)] = 255;
    expect(whiteLaidOver(picture)[at(picture, 30, 30)]).toBeLessThan(35);
  });
});
