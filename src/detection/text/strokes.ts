import type { GreyPicture } from '../picture-hash.ts';

export type StrokeKind = 'bright' | 'dark';

/** Steepness of the transition from ignored to black pixels. */
const gain = 4;
/**
 * Radius of the squares below: a side has twice as many pixels and one more. Bold strokes of letters of 48 are about 8
 * wide.
 */
const strokeRadius = 5;
/** Radius for shadows and gaps up to two pixels wide. */
const shadowRadius = 1;
/** On a nearly white ground, noise would be taken for white that is laid over it. Levels of grey. */
const leastRoom = 40;

/**
 * How much each pixel stands out, as something thin that is brighter (or darker) than its surroundings: a top-hat
 * transform with a square of 11 pixels. Letters stand out on any picture; planes and broad things do not.
 */
export function standingOut({ width, height, pixels }: GreyPicture, kind: StrokeKind): Uint8Array {
  const seen = kind === 'bright' ? pixels : pixels.map((value) => 255 - value);
  const ground = opened(seen, width, height);
  return seen.map((value, at) => value - ground[at]!);
}

/**
 * How much white was laid over each pixel, 0 to 255: half-transparent letters have 128 on any ground, though they stand
 * out by 100 on a dark one and by 20 on a light one. The ground is the rest after thin dark things (shadows of letters)
 * and then thin bright ones are taken away.
 */
export function whiteLaidOver({ width, height, pixels }: GreyPicture): Uint8Array {
  const withoutShadows = spread(spread(pixels, width, height, false, shadowRadius), width, height, true, shadowRadius);
  const ground = opened(withoutShadows, width, height);
  return pixels.map((value, at) => {
    const under = ground[at]!;
    return value <= under ? 0 : Math.min(255, (255 * (value - under)) / Math.max(leastRoom, 255 - under));
  });
}

/** The picture without bright things that are thinner than a stroke. */
const opened = (pixels: Uint8Array, width: number, height: number): Uint8Array =>
  spread(spread(pixels, width, height, true, strokeRadius), width, height, false, strokeRadius);

/** The pixels that stand out by more than `floor`, as dark letters on white. */
export function lettersOf(standing: Uint8Array, floor: number): Uint8Array {
  return standing.map((value) => (value <= floor ? 255 : Math.max(0, 255 - gain * (value - floor))));
}

/** The least or greatest value in the square around each pixel: along the rows, then along the columns. */
function spread(pixels: Uint8Array, width: number, height: number, isLeast: boolean, radius: Radius): Uint8Array {
  return along(along(pixels, 1, width, isLeast, radius), width, height, isLeast, radius);
}

type Radius = keyof typeof shifts;
/** Windows that are made of two of the one before: of 2, 4 and 6 pixels, or of 2. */
const shifts = { 1: [1], 5: [1, 2, 2] } as const;

/** Along rows (`step` 1) or columns (`step` is the width) of `count` pixels. */
function along(pixels: Uint8Array, step: number, count: number, isLeast: boolean, radius: Radius): Uint8Array {
  const after = ahead(pixels, step, count, isLeast, radius);
  const before = ahead(pixels.toReversed(), step, count, isLeast, radius).reverse();
  for (let at = 0; at < after.length; at++) after[at] = choose(after[at]!, before[at]!, isLeast);
  return after;
}

/** Each pixel and the `radius` after it; windows end where the picture ends. */
function ahead(pixels: Uint8Array, step: number, count: number, isLeast: boolean, radius: Radius): Uint8Array {
  let values = pixels;
  for (const shift of shifts[radius]) {
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
