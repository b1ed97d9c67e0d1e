import type { GreyPicture } from '../../pipeline/ports.ts';

/** Strokes of letters are at most so wide: bold ones of 48 pixels are 8. */
const widestStroke = 11;

/**
 * What is thin and brighter (or darker) than what surrounds it, as dark letters on white: writing keeps its shape, whatever
 * picture it stands on. A top-hat transform with a square.
 */
export function strokesOf(picture: GreyPicture, kind: 'bright' | 'dark', floor = 90, gain = 4): GreyPicture {
  const { width, height } = picture;
  const pixels = kind === 'bright' ? picture.pixels : picture.pixels.map((value) => 255 - value);
  const opened = spread(spread(pixels, width, height, Math.min), width, height, Math.max);
  const strokes = new Uint8Array(pixels.length);
  for (let at = 0; at < strokes.length; at++)
    strokes[at] = 255 - Math.min(255, gain * Math.max(0, pixels[at]! - opened[at]! - floor));
  return { width, height, pixels: strokes };
}

/** The least or greatest value in the square around each pixel: along the rows, then along the columns. */
function spread(pixels: Uint8Array, width: number, height: number, pick: (a: number, b: number) => number): Uint8Array {
  const rows = new Uint8Array(pixels.length);
  const both = new Uint8Array(pixels.length);
  for (let y = 0; y < height; y++) along(pixels, rows, y * width, 1, width, pick);
  for (let x = 0; x < width; x++) along(rows, both, x, width, height, pick);
  return both;
}

/** One row or column, in three steps for each pixel however wide the window is (van Herk, 1992). */
function along(
  from: Uint8Array,
  to: Uint8Array,
  start: number,
  step: number,
  count: number,
  pick: (a: number, b: number) => number,
): void {
  const half = widestStroke >> 1;
  const padded = Math.ceil((count + 2 * half) / widestStroke) * widestStroke;
  const value = (at: number) => from[start + Math.min(count - 1, Math.max(0, at - half)) * step]!;
  const forward = new Uint8Array(padded);
  const backward = new Uint8Array(padded);
  for (let at = 0; at < padded; at++)
    forward[at] = at % widestStroke === 0 ? value(at) : pick(forward[at - 1]!, value(at));
  for (let at = padded - 1; at >= 0; at--)
    backward[at] =
      (at + 1) % widestStroke === 0 ? value(at) : pick(at + 1 < padded ? backward[at + 1]! : value(at), value(at));
  for (let at = 0; at < count; at++) to[start + at * step] = pick(backward[at]!, forward[at + 2 * half]!);
}
