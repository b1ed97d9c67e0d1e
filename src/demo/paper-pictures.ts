import type { GreyPicture } from '../detection/picture-hash.ts';

/** What copiers and telephones do to a page, in plain arithmetic; whoever calls gives the chance, so that it can be repeated. */
export type Chance = () => number;

/** Numbers in [0, 1) from a seed (mulberry32). */
export function chanceOf(seed: number): Chance {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export const between = (chance: Chance, from: number, until: number): number => from + (until - from) * chance();

type Place = readonly [x: number, y: number];

/** Where a pixel of the new picture lies in the old one: a projection, row by row. */
type Projection = readonly [number, number, number, number, number, number, number, number, number];

/** A picture of this size, drawn through a projection, whose pixels are bent by `bend`; beyond the page is `ground`. */
function warp(
  { width, height, pixels: source }: GreyPicture,
  size: { readonly width: number; readonly height: number },
  ground: number,
  [a, b, c, d, e, f, g, h, i]: Projection,
  bend: { readonly x: Float32Array; readonly y: Float32Array } | null = null,
): GreyPicture {
  const pixels = new Uint8Array(size.width * size.height);
  for (let y = 0, to = 0; y < size.height; y++)
    for (let x = 0; x < size.width; x++, to++) {
      const depth = g * x + h * y + i;
      const u = (a * x + b * y + c) / depth + (bend === null ? 0 : bend.x[to]!);
      const v = (d * x + e * y + f) / depth + (bend === null ? 0 : bend.y[to]!);
      const [left, top] = [Math.floor(u), Math.floor(v)];
      if (left < 0 || top < 0 || left + 1 >= width || top + 1 >= height) {
        pixels[to] = ground;
        continue;
      }
      const at = top * width + left;
      const upper = source[at]! + (source[at + 1]! - source[at]!) * (u - left);
      const lower = source[at + width]! + (source[at + width + 1]! - source[at + width]!) * (u - left);
      pixels[to] = upper + (lower - upper) * (v - top);
    }
  return { ...size, pixels };
}

/** Smaller by averaging, `factor` times as wide and high. */
export function shrink(from: GreyPicture, factor: number): GreyPicture {
  const [width, height] = [Math.round(from.width * factor), Math.round(from.height * factor)];
  const [sums, counts] = [new Float32Array(width * height), new Uint16Array(width * height)];
  for (let y = 0, at = 0; y < from.height; y++) {
    const row = Math.min(height - 1, Math.floor(y * factor)) * width;
    for (let x = 0; x < from.width; x++, at++) {
      const to = row + Math.min(width - 1, Math.floor(x * factor));
      sums[to]! += from.pixels[at]!;
      counts[to]!++;
    }
  }
  const mean = new Uint8Array(sums.length);
  for (let at = 0; at < mean.length; at++) mean[at] = sums[at]! / counts[at]!;
  return { width, height, pixels: mean };
}

/** Turned around its middle. */
export function turn(from: GreyPicture, degrees: number, ground = 255): GreyPicture {
  const [sin, cos] = [Math.sin((degrees * Math.PI) / 180), Math.cos((degrees * Math.PI) / 180)];
  const [x0, y0] = [from.width / 2, from.height / 2];
  return warp(from, from, ground, [cos, -sin, x0 - x0 * cos + y0 * sin, sin, cos, y0 - x0 * sin - y0 * cos, 0, 0, 1]);
}

/** A quarter turn. */
export const lay = (from: GreyPicture): GreyPicture =>
  warp(from, { width: from.height, height: from.width }, 255, [0, 1, 0, -1, 0, from.height - 1, 0, 0, 1]);

/** Seen at an angle: `corners` are where the corners of the new picture lie on the page, as parts of its sides. */
export function seenFrom(
  from: GreyPicture,
  size: { readonly width: number; readonly height: number },
  ground: number,
  corners: readonly [Place, Place, Place, Place],
): GreyPicture {
  const [[x0, y0], [x1, y1], [x2, y2], [x3, y3]] = corners;
  // From the unit square to a quadrilateral (Heckbert 1989, 2.2.3).
  const [sx, sy] = [x0 - x1 + x2 - x3, y0 - y1 + y2 - y3];
  const [dx1, dy1, dx2, dy2] = [x1 - x2, y1 - y2, x3 - x2, y3 - y2];
  const whole = dx1 * dy2 - dx2 * dy1;
  const [g, h] = [(sx * dy2 - dx2 * sy) / whole, (dx1 * sy - sx * dy1) / whole];
  const [u, v] = [1 / size.width, 1 / size.height];
  const { width, height } = from;
  const across = [width * (x1 - x0 + g * x1) * u, width * (x3 - x0 + h * x3) * v, width * x0] as const;
  const down = [height * (y1 - y0 + g * y1) * u, height * (y3 - y0 + h * y3) * v, height * y0] as const;
  return warp(from, size, ground, [...across, ...down, g * u, h * v, 1]);
}

/** Out of focus: a Gauss curve of this deviation, in pixels. */
export function blur({ width, height, pixels }: GreyPicture, sigma: number): GreyPicture {
  const reach = Math.ceil(sigma * 2.5);
  const weights = Array.from({ length: 2 * reach + 1 }, (_, at) => Math.exp(-((at - reach) ** 2) / (2 * sigma ** 2)));
  const sum = weights.reduce((all, one) => all + one, 0);
  const pass = (source: Uint8Array, step: number) => {
    const sums = new Float32Array(source.length);
    for (const [at, weight] of weights.entries()) {
      const away = (at - reach) * step;
      const end = sums.length - Math.max(0, away);
      for (let to = Math.max(0, -away); to < end; to++) sums[to]! += (weight / sum) * source[to + away]!;
    }
    const blurred = new Uint8Array(source.length);
    for (let at = 0; at < blurred.length; at++) blurred[at] = sums[at]! + 0.5;
    return blurred;
  };
  return { width, height, pixels: pass(pass(pixels, 1), width) };
}

/** Each value anew. */
export function tone({ width, height, pixels }: GreyPicture, light: (value: number) => number): GreyPicture {
  const table = Uint8ClampedArray.from({ length: 256 }, (_, value) => light(value));
  return { width, height, pixels: pixels.map((value) => table[value]!) };
}

/** Darker or lighter by a factor that depends on the place, as parts of the sides; it is told on a grid of 200 × 200. */
export function shade(from: GreyPicture, light: (u: number, v: number) => number): GreyPicture {
  const grid = Float32Array.from({ length: 40_000 }, (_, at) => light((at % 200) / 200, Math.floor(at / 200) / 200));
  const pixels = new Uint8ClampedArray(from.pixels.length);
  for (let y = 0, at = 0; y < from.height; y++) {
    const row = Math.floor((y / from.height) * 200) * 200;
    for (let x = 0; x < from.width; x++, at++)
      pixels[at] = from.pixels[at]! * grid[row + Math.floor((x / from.width) * 200)]!;
  }
  return { ...from, pixels: new Uint8Array(pixels.buffer) };
}

/** Noise of a sensor, out of a table of sums of four. */
export function grain({ width, height, pixels }: GreyPicture, chance: Chance, deviation: number): GreyPicture {
  const size = 1 << 16;
  const table = Int16Array.from({ length: size }, () =>
    Math.round((chance() + chance() + chance() + chance() - 2) * Math.sqrt(3) * deviation),
  );
  const noisy = new Uint8ClampedArray(pixels);
  let state = Math.floor(chance() * 2 ** 32);
  for (let at = 0; at < noisy.length; at++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    noisy[at]! += table[state >>> 16]!;
  }
  return { width, height, pixels: new Uint8Array(noisy.buffer) };
}

/** Dirt on the glass, and toner that did not stick: `count` dark and as many white spots of at most `most` pixels. */
function speckle(from: GreyPicture, chance: Chance, count: number, most: number): GreyPicture {
  const pixels = Uint8Array.from(from.pixels);
  for (let spot = 0; spot < count * 2; spot++) {
    const [x0, y0, size] = [chance() * from.width, chance() * from.height, 1 + chance() * (most - 1)];
    for (let y = Math.floor(y0); y < y0 + size && y < from.height; y++)
      for (let x = Math.floor(x0); x < x0 + size && x < from.width; x++)
        pixels[y * from.width + x] = spot % 2 === 0 ? 20 : 245;
  }
  return { ...from, pixels };
}

/** Paper that was folded up in a bag: it is not flat, and its slopes are lit differently. */
export function crumple(from: GreyPicture, chance: Chance, depth: number): GreyPicture {
  const waves = Array.from({ length: 7 }, () => {
    const [angle, count] = [chance() * Math.PI, between(chance, 1.5, 6)];
    return { x: Math.cos(angle) * count, y: Math.sin(angle) * count, phase: chance() * 2 * Math.PI };
  });
  const slope = (u: number, v: number, along: 'x' | 'y') =>
    waves.reduce(
      (sum, wave) => sum + (wave[along] / 4) * Math.cos(2 * Math.PI * (wave.x * u + wave.y * v) + wave.phase),
      0,
    );
  const [x, y] = [new Float32Array(from.pixels.length), new Float32Array(from.pixels.length)];
  for (let row = 0, at = 0; row < from.height; row++)
    for (let column = 0; column < from.width; column++, at++) {
      x[at] = depth * from.width * slope(column / from.width, row / from.height, 'x');
      y[at] = depth * from.width * slope(column / from.width, row / from.height, 'y');
    }
  const bent = warp(from, from, 200, [1, 0, 0, 0, 1, 0, 0, 0, 1], { x, y });
  return shade(bent, (u, v) => 1 - 0.12 * (1 + slope(u, v, 'x') / 2));
}

/** One pass over the glass of a copier: skewed, dirty, paler, and a little out of focus. */
export function photocopy(page: GreyPicture, chance: Chance): GreyPicture {
  const skewed = blur(turn(page, between(chance, -2, 2)), between(chance, 0.8, 1.4));
  const [dark, pale] = [between(chance, 10, 70), between(chance, 225, 255)];
  return speckle(
    tone(skewed, (value) => dark + ((pale - dark) * value) / 255),
    chance,
    400,
    5,
  );
}
