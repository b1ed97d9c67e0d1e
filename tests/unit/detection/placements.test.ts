import { describe, expect, it } from 'vitest';
import { descriptorWords } from '../../../src/detection/keypoints/descriptor.ts';
import {
  type Hit,
  KeypointGrid,
  keypointKeys,
  likelyPoses,
  packSpot,
  placementsAt,
  unpackSpot,
  withoutRivals,
} from '../../../src/detection/keypoints/placements.ts';
import { createStandingKeypoints } from '../../../src/detection/keypoints/standing-keypoints.ts';
import {
  keypointsOf,
  type StillPicture,
  sizeOf,
  sizeSteps,
  type WorkKeypoints,
  wordsApart,
} from '../../../src/detection/keypoints/work-keypoints.ts';
import { type GreyPicture, shrink, sumUp } from '../../../src/detection/picture-hash.ts';
import { notSearched } from '../../../src/pipeline/review/watch-recording.ts';
import { keypointsFromBytes, keypointsToBytes } from '../../../src/pipeline/review/work-prints.ts';
import { seeded } from '../../eval/sound.ts';

const [width, height] = [640, 360];

/** Flat bars on nothing, other for every seed. */
function logo(seed: number): StillPicture {
  const random = seeded(seed);
  const side = 240;
  const picture = { width: side, height: side, pixels: new Uint8Array(side ** 2), alpha: new Uint8Array(side ** 2) };
  for (let bar = 0; bar < 14; bar++) {
    const [x0, y0] = [Math.floor(random() * 180), Math.floor(random() * 180)];
    const [w, h] = [20 + Math.floor(random() * 80), 20 + Math.floor(random() * 80)];
    const light = Math.floor(random() * 256);
    for (let y = y0; y < Math.min(side, y0 + h); y++) {
      picture.pixels.fill(light, y * side + x0, y * side + Math.min(side, x0 + w));
      picture.alpha.fill(255, y * side + x0, y * side + Math.min(side, x0 + w));
    }
  }
  return picture;
}

const page = (light: number): GreyPicture => ({ width, height, pixels: new Uint8Array(width * height).fill(light) });

/** A page with a logo of so many pixels on it. */
function put(onto: GreyPicture, picture: StillPicture, size: number, x0: number, y0: number): GreyPicture {
  const whole = { x: 0, y: 0, width: picture.width, height: picture.height };
  const small = (pixels: Uint8Array) => shrink(sumUp({ ...picture, pixels }), whole, size, size);
  const [light, cover] = [small(picture.pixels), small(picture.alpha)];
  const pixels = onto.pixels.slice();
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const [from, to] = [y * size + x, (y0 + y) * width + x0 + x];
      pixels[to] = light[from]! + (pixels[to]! * (255 - cover[from]!)) / 255;
    }
  }
  return { ...onto, pixels };
}

/** Searches pages two seconds apart for works, as `searchKeypoints` does with the index. */
function find(pages: readonly GreyPicture[], works: readonly WorkKeypoints[]) {
  const standing = createStandingKeypoints();
  for (const [at, each] of pages.entries()) standing.push(each, at * 2_000);
  const { seen } = standing;
  const grid = new KeypointGrid(seen);
  const found = works.flatMap((work, number) => {
    const hits: Hit[] = [];
    for (let keypoint = 0; keypoint < seen.count; keypoint++) {
      const keys = keypointKeys(seen.words, keypoint * descriptorWords);
      for (let at = 0; at < work.steps.length; at++) {
        const distance = wordsApart(seen.words, keypoint * descriptorWords, work.words, at * descriptorWords);
        const others = keypointKeys(work.words, at * descriptorWords);
        if (distance > 40 || !keys.some((key, part) => key === others[part])) continue;
        hits.push({ keypoint, distance, ...unpackSpot(packSpot(work.steps[at]!, work.xs[at]!, work.ys[at]!)) });
      }
    }
    return likelyPoses(seen, hits).flatMap((pose) =>
      placementsAt(grid, work, pose).map((placement) => ({ ...placement, number })),
    );
  });
  return withoutRivals(found);
}

const registered = [1, 2, 3, 4].map((seed) => keypointsOf(logo(seed)));

describe('a registered logo', () => {
  it.each([
    ['small in a corner of a white page', 255, 64, 560, 12],
    ['on black', 0, 80, 20, 250],
    ['on grey', 128, 100, 300, 120],
    ['large', 230, 240, 200, 60],
  ])('is found %s, at its time and place', (_, ground, size, x, y) => {
    const empty = page(ground);
    const shown = put(empty, logo(2), size, x, y);
    const [one, ...others] = find([empty, empty, shown, shown, shown, empty], registered);
    expect(others).toEqual([]);
    expect(one).toMatchObject({ number: 1, startMs: 4_000, endMs: 8_000 });
    expect(one!.place.x * width).toBeGreaterThanOrEqual(x - 4);
    expect((one!.place.x + one!.place.width) * width).toBeLessThanOrEqual(x + size + 4);
  });

  it('is found twice on one page', () => {
    const shown = put(put(page(255), logo(3), 90, 20, 20), logo(3), 90, 400, 200);
    expect(find([shown, shown, shown], registered).map(({ number }) => number)).toEqual([2, 2]);
  });

  it('is not found while it moves', () => {
    const pages = [10, 60, 110, 160, 210].map((x) => put(page(255), logo(2), 64, x, 30));
    expect(find(pages, registered)).toEqual([]);
  });

  it('is not found where there is another, or nothing', () => {
    for (const seed of [11, 12, 13]) {
      const shown = put(page(255), logo(seed), 96, 100, 100);
      expect(find([shown, shown, shown], registered)).toEqual([]);
    }
    expect(find([page(255), page(255), page(255)], registered)).toEqual([]);
  });
});

describe('too much on a screen', () => {
  it('is taken in up to a limit, and since when nothing more was is told', () => {
    const random = seeded(5);
    const noise = () => ({ ...page(0), pixels: Uint8Array.from({ length: width * height }, () => random() * 256) });
    const standing = createStandingKeypoints(2_000);
    const shown = Array.from({ length: 4 }, noise).flatMap((each) => [each, each]);
    for (const [at, each] of shown.entries()) standing.push(each, at * 2_000);
    expect(standing.seen.fullSinceMs).toBe(4_000);
    // The page that went over the limit was taken in whole.
    const { count } = standing.seen;
    expect(count).toBeGreaterThan(2_000);
    standing.push(noise(), 16_000);
    expect([standing.seen.count, standing.seen.fullSinceMs]).toEqual([count, 4_000]);
    const seen = { keypoints: new Map([[3, standing.seen]]) };
    expect(notSearched(seen, 60_000)).toEqual([
      { stream: 3, startMs: 4_000, endMs: 60_000, why: 'PARTS_NOT_SEARCHED' },
    ]);
  });

  it('is nothing to tell of where everything was taken in', () => {
    expect(notSearched({ keypoints: new Map([[0, createStandingKeypoints().seen]]) }, 60_000)).toEqual([]);
  });
});

describe('keypoints of a work', () => {
  it('come back from their bytes', () => {
    expect(keypointsFromBytes(keypointsToBytes(registered[0]!))).toEqual(registered[0]);
  });

  it('are none of a picture of one colour', () => {
    const [side, alpha] = [100, new Uint8Array(100 ** 2).fill(255)];
    const flat = { width: side, height: side, pixels: new Uint8Array(side ** 2).fill(90), alpha };
    expect(keypointsOf(flat).steps).toHaveLength(0);
  });

  it('have sizes and places that fit in the 16 bits of the index', () => {
    for (const [step, x, y] of [
      [0, -30, -30],
      [sizeSteps - 1, 125, -125],
      [4, 0, -37],
    ] as const) {
      const spot = packSpot(step, x, y);
      expect(spot).toBeLessThan(2 ** 16);
      const back = unpackSpot(spot);
      expect(back.step).toBe(step);
      expect(Math.abs(back.x - x)).toBeLessThan(0.02 * sizeOf(step));
      expect(Math.abs(back.y - y)).toBeLessThan(0.02 * sizeOf(step));
    }
  });
});
