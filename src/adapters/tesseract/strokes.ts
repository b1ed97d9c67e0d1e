import type { GreyPicture } from '../../pipeline/ports.ts';

export type StrokeKind = 'bright' | 'dark';

/** How steep the way is from what is left out to what is black. */
const gain = 4;

/**
 * How much each pixel stands out, as something thin that is brighter (or darker) than what surrounds it: a top-hat
 * transform with a square of 11 pixels; bold strokes of letters of 48 are about 8 wide. Letters do, whatever picture they
 * stand on; planes and broad things do not.
 */
export function standingOut({ width, height, pixels }: GreyPicture, kind: StrokeKind): Uint8Array {
  const seen = kind === 'bright' ? pixels : pixels.map((value) => 255 - value);
  const opened = spread(spread(seen, width, height, true), width, height, false);
  return seen.map((value, at) => value - opened[at]!);
}

/** What stands out by more than `floor`, as dark letters on white. */
export function lettersOf(standing: Uint8Array, floor: number): Uint8Array {
  return standing.map((value) => (value <= floor ? 255 : Math.max(0, 255 - gain * (value - floor))));
}

/** The least or greatest value in the square around each pixel: along the rows, then along the columns. */
function spread(pixels: Uint8Array, width: number, height: number, isLeast: boolean): Uint8Array {
  return along(along(pixels, 1, width, isLeast), width, height, isLeast);
}

/** Along rows (`step` 1) or columns (`step` is the width) of `count` pixels. */
function along(pixels: Uint8Array, step: number, count: number, isLeast: boolean): Uint8Array {
  const after = ahead(pixels, step, count, isLeast);
  const before = ahead(pixels.toReversed(), step, count, isLeast).reverse();
  for (let at = 0; at < after.length; at++) after[at] = choose(after[at]!, before[at]!, isLeast);
  return after;
}

/** Each pixel and the five after it: windows of 2, 4 and 6, each made of two of the one before, that end where the picture ends. */
function ahead(pixels: Uint8Array, step: number, count: number, isLeast: boolean): Uint8Array {
  let values = pixels;
  for (const shift of [1, 2, 2]) {
    const next = new Uint8Array(values.length);
    for (let from = 0; from < values.length; from += count * step) {
      const last = from + (count - 1) * step;
      const whole = Math.max(from, last + step - shift * step);
      for (let at = from; at < whole; at++) next[at] = choose(values[at]!, values[at + shift * step]!, isLeast);
      for (let at = whole; at < last + step; at++)
        next[at] = choose(values[at]!, values[last + ((at - from) % step)]!, isLeast);
    }
    values = next;
  }
  return values;
}

const choose = (a: number, b: number, isLeast: boolean): number => (a < b === isLeast ? a : b);
