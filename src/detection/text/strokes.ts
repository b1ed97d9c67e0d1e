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

type Radius = keyof typeof shifts;
/** Each pixel takes over the least of itself and the one so far ahead: windows of 2, 4, 8 and 11 pixels, or of 2 and 3. */
const shifts = { 1: [1, 1], 5: [1, 2, 4, 3] } as const;

/**
 * The least or greatest value in the square around each pixel, which ends where the picture ends: first along the rows,
 * then along the columns, of a copy with a margin that never counts.
 */
function spread(pixels: Uint8Array, width: number, height: number, isLeast: boolean, radius: Radius): Uint8Array {
  // The greatest is the least of the complements.
  const mask = isLeast ? 0 : 255;
  const across = width + 2 * radius;
  const values = new Uint8Array(across * (height + 2 * radius)).fill(255);
  for (let y = 0; y < height; y++) {
    const to = (y + radius) * across + radius - y * width;
    for (let at = y * width; at < (y + 1) * width; at++) values[to + at] = pixels[at]! ^ mask;
  }
  for (const step of [1, across])
    for (const shift of shifts[radius]) {
      const ahead = shift * step;
      for (let at = 0; at + ahead < values.length; at++) values[at] = Math.min(values[at]!, values[at + ahead]!);
    }
  const least = new Uint8Array(pixels.length);
  for (let y = 0; y < height; y++) {
    const from = y * across - y * width;
    for (let at = y * width; at < (y + 1) * width; at++) least[at] = values[from + at]! ^ mask;
  }
  return least;
}
