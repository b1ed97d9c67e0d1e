import type { GreyPicture } from '../picture-hash.ts';
import { CornerFinder, tile } from './corners.ts';
import { describe, descriptorWords } from './descriptor.ts';
import { wordsApart } from './work-keypoints.ts';

/** A page is looked at as it is, and halved so many times: each picture is registered at the sizes of one octave. */
export const octaves = 4;
/** A tile stands if its pixels changed by no more than this from one page to the next. Levels of grey, mean. */
const standingLevels = 3;
/** A keypoint that is described again is the same if it is so near, looks so much the same, and was gone no longer. */
const [samePixels, sameBits, sameMs] = [1, 20, 10_000];
/**
 * Of one video, more are not taken in: about 110 MB, and five hours of somebody who goes through code (370,000 an hour).
 * Noise that changes with every other page comes to nine million an hour.
 */
const mostKeypoints = 2_000_000;

/** Keypoints of what stood still in a video, with their times. Lists are equally long, but `words`: four for each. */
export class KeypointsSeen {
  width = 0;
  height = 0;
  /** From when on nothing more was taken in; null: everything was. */
  fullSinceMs: number | null = null;
  readonly octaves: number[] = [];
  /** Places in pixels of the octave. */
  readonly xs: number[] = [];
  readonly ys: number[] = [];
  readonly startsMs: number[] = [];
  readonly endsMs: number[] = [];
  #words = new Uint32Array(1_024 * descriptorWords);

  get count(): number {
    return this.xs.length;
  }

  get words(): Uint32Array {
    return this.#words;
  }

  /** `words`: of as many keypoints as the lists have, which are added with them. */
  static from(
    lists: Pick<KeypointsSeen, 'octaves' | 'xs' | 'ys' | 'startsMs' | 'endsMs'> & {
      readonly words: Uint32Array<ArrayBuffer>;
    },
  ): KeypointsSeen {
    const seen = new KeypointsSeen();
    for (const name of ['octaves', 'xs', 'ys', 'startsMs', 'endsMs'] as const)
      for (const value of lists[name]) seen[name].push(value);
    seen.#words = lists.words;
    return seen;
  }

  add(octave: number, x: number, y: number, startMs: number, endMs: number, words: Uint32Array): number {
    const at = this.count;
    if ((at + 1) * descriptorWords > this.#words.length) {
      const grown = new Uint32Array(this.#words.length * 2);
      grown.set(this.#words);
      this.#words = grown;
    }
    this.#words.set(words, at * descriptorWords);
    this.octaves.push(octave);
    this.xs.push(x);
    this.ys.push(y);
    this.startsMs.push(startMs);
    this.endsMs.push(endMs);
    return at;
  }
}

interface Octave {
  readonly corners: CornerFinder;
  /** The last page, and each tile as it was when it was described. */
  last: GreyPicture;
  readonly described: GreyPicture;
  readonly isDescribed: Uint8Array;
  /** Keypoints of each tile, by their numbers. */
  readonly keypoints: number[][];
}

/**
 * Describes the corners of what stands on a screen for two pages or more. What moves (films, cameras, a page that is
 * scrolled) is only compared with the page before. `most`: the first page that brings more keypoints is the last.
 */
export function createStandingKeypoints(most = mostKeypoints): {
  push(page: GreyPicture, atMs: number): void;
  readonly seen: KeypointsSeen;
} {
  const seen = new KeypointsSeen();
  let levels: Octave[] = [];
  let lastMs = 0;
  return {
    seen,
    push(page, atMs) {
      if (seen.count >= most) {
        seen.fullSinceMs ??= atMs;
        return;
      }
      const pictures = halvedOften(page);
      if (levels[0]?.last.width !== page.width || levels[0].last.height !== page.height) {
        levels = pictures.map(startOctave);
        [seen.width, seen.height] = [page.width, page.height];
      } else {
        for (const [octave, level] of levels.entries()) look(seen, level, pictures[octave]!, octave, [lastMs, atMs]);
      }
      lastMs = atMs;
    },
  };
}

function startOctave(picture: GreyPicture): Octave {
  const tiles = Math.ceil(picture.width / tile) * Math.ceil(picture.height / tile);
  return {
    corners: new CornerFinder(picture),
    last: picture,
    described: { ...picture, pixels: new Uint8Array(picture.pixels.length) },
    isDescribed: new Uint8Array(tiles),
    keypoints: Array.from({ length: tiles }, () => []),
  };
}

const words = new Uint32Array(descriptorWords);

function look(
  seen: KeypointsSeen,
  level: Octave,
  picture: GreyPicture,
  octave: number,
  [lastMs, atMs]: readonly [number, number],
): void {
  const columns = Math.ceil(picture.width / tile);
  const fresh = new Uint8Array(level.isDescribed.length);
  let isAnyFresh = false;
  for (let at = 0; at < fresh.length; at++) {
    const [x, y] = [(at % columns) * tile, Math.floor(at / columns) * tile];
    if (level.isDescribed[at] === 1) {
      if (stands(level.described, picture, x, y)) {
        for (const keypoint of level.keypoints[at]!) seen.endsMs[keypoint] = atMs;
        continue;
      }
      level.isDescribed[at] = 0;
    }
    if (!stands(level.last, picture, x, y)) continue;
    fresh[at] = 1;
    isAnyFresh = true;
    level.isDescribed[at] = 1;
    paste(picture, level.described, x, y);
  }
  level.last = picture;
  if (!isAnyFresh) return;
  const before = new Map<number, number[]>();
  for (const { x, y } of level.corners.find(picture, fresh)) {
    const at = Math.floor(y / tile) * columns + Math.floor(x / tile);
    if (!before.has(at)) {
      before.set(at, level.keypoints[at]!);
      level.keypoints[at] = [];
    }
    describe(picture, x, y, words, 0);
    const same = before
      .get(at)
      ?.find(
        (other) =>
          Math.abs(seen.xs[other]! - x) <= samePixels &&
          Math.abs(seen.ys[other]! - y) <= samePixels &&
          lastMs - seen.endsMs[other]! <= sameMs &&
          wordsApart(seen.words, other * descriptorWords, words, 0) <= sameBits,
      );
    if (same !== undefined) seen.endsMs[same] = atMs;
    level.keypoints[at]!.push(same ?? seen.add(octave, x, y, lastMs, atMs, words));
  }
  for (let at = 0; at < fresh.length; at++) if (fresh[at] === 1 && !before.has(at)) level.keypoints[at] = [];
}

function stands({ width, height, pixels: a }: GreyPicture, { pixels: b }: GreyPicture, x: number, y: number): boolean {
  const [right, bottom] = [Math.min(width, x + tile), Math.min(height, y + tile)];
  const most = standingLevels * (right - x) * (bottom - y);
  let sum = 0;
  for (let row = y; row < bottom; row++) {
    for (let at = row * width + x; at < row * width + right; at++) {
      const difference = a[at]! - b[at]!;
      sum += difference < 0 ? -difference : difference;
    }
    if (sum > most) return false;
  }
  return true;
}

function paste({ width, height, pixels }: GreyPicture, onto: GreyPicture, x: number, y: number): void {
  const right = Math.min(width, x + tile);
  for (let row = y; row < Math.min(height, y + tile); row++)
    onto.pixels.set(pixels.subarray(row * width + x, row * width + right), row * width + x);
}

function halvedOften(page: GreyPicture): GreyPicture[] {
  const pictures = [page];
  while (pictures.length < octaves) pictures.push(halved(pictures[pictures.length - 1]!));
  return pictures;
}

function halved({ width: across, height: down, pixels }: GreyPicture): GreyPicture {
  const [width, height] = [across >> 1, down >> 1];
  const small = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    let from = 2 * y * across;
    for (let at = y * width; at < (y + 1) * width; at++, from += 2)
      small[at] = (pixels[from]! + pixels[from + 1]! + pixels[from + across]! + pixels[from + across + 1]! + 2) >> 2;
  }
  return { width, height, pixels: small };
}
