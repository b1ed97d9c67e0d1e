import type { Place } from '../parts-seen.ts';
import { descriptorWords } from './descriptor.ts';
import { type KeypointsSeen, octaves } from './standing-keypoints.ts';
import {
  groundGreys,
  sizeOf,
  sizeSteps,
  stepOf,
  stepsPerOctave,
  type WorkKeypoints,
  wordsApart,
} from './work-keypoints.ts';

/** A keypoint of a recording that may be one of a work, which stood there so large and so far from its middle. */
export interface Hit {
  readonly keypoint: number;
  readonly step: number;
  readonly x: number;
  readonly y: number;
  /** Differing bits. */
  readonly distance: number;
}

/** Where a work may be: its middle, and the square root of its area. Pixels of the page. */
export interface Pose {
  readonly x: number;
  readonly y: number;
  readonly size: number;
}

/** A stretch of a recording in which much of a work's keypoints stands where it should. */
export interface Placement {
  readonly pose: Pose;
  /** Around the keypoints, cut to the picture. */
  readonly place: Place;
  readonly startMs: number;
  readonly endMs: number;
  /** Keypoints that agree. */
  readonly matched: number;
  /** Their differing bits of 128, mean. */
  readonly distance: number;
  /** How much of the work's keypoints was there: each counts for 1 if it is the same, for 0 at `nearBits`. */
  readonly strength: number;
}

/** Hits agree if their poses differ by at most this: sizes in steps, middles as a part of the size. */
const [nearSteps, nearMiddle] = [1.2, 0.09];
const leastHits = 2;
/** One alone is a guess if it differs by so few bits. */
const loneBits = 24;
const mostPoses = 4;
const mostHits = 400;

const poseOf = (seen: KeypointsSeen, { keypoint, step, x, y }: Hit): Pose => {
  const scale = 2 ** seen.octaves[keypoint]!;
  return {
    x: (seen.xs[keypoint]! - x) * scale,
    y: (seen.ys[keypoint]! - y) * scale,
    size: sizeOf(step) * scale,
  };
};

/** Poses on which the most hits at a work agree (a Hough transform over places and sizes), the best first. */
export function likelyPoses(seen: KeypointsSeen, hits: readonly Hit[]): Pose[] {
  let left = hits.slice(0, mostHits).map((hit) => ({ hit, pose: poseOf(seen, hit) }));
  const poses: Pose[] = [];
  while (poses.length < mostPoses && left.length > 0) {
    let best: typeof left = [];
    let bestCount = 0;
    for (const { pose } of left) {
      const near = left.filter((other) => agree(pose, other.pose));
      const count = new Set(near.map(({ hit }) => hit.keypoint)).size;
      if (count > bestCount) [best, bestCount] = [near, count];
    }
    if (bestCount < leastHits && best.every(({ hit }) => hit.distance > loneBits)) break;
    poses.push(
      fitted(
        seen,
        best.map(({ hit }) => hit),
      ),
    );
    left = left.filter((each) => !best.includes(each));
  }
  return poses;
}

function agree(a: Pose, b: Pose): boolean {
  const size = Math.min(a.size, b.size);
  return (
    Math.abs(stepOf(a.size) - stepOf(b.size)) <= nearSteps &&
    Math.abs(a.x - b.x) <= nearMiddle * size &&
    Math.abs(a.y - b.y) <= nearMiddle * size
  );
}

/** The pose that puts the keypoints of a work nearest to those of the page: least squares, if they are apart. */
function fitted(seen: KeypointsSeen, hits: readonly Hit[]): Pose {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const pairs = hits.map((hit) => {
    const scale = 2 ** seen.octaves[hit.keypoint]!;
    const unit = sizeOf(hit.step);
    return { u: hit.x / unit, v: hit.y / unit, x: seen.xs[hit.keypoint]! * scale, y: seen.ys[hit.keypoint]! * scale };
  });
  const middle = (name: 'u' | 'v' | 'x' | 'y') => mean(pairs.map((pair) => pair[name]));
  const [u, v, x, y] = [middle('u'), middle('v'), middle('x'), middle('y')];
  const spread = pairs.reduce((sum, pair) => sum + (pair.u - u) ** 2 + (pair.v - v) ** 2, 0);
  const common = pairs.reduce((sum, pair) => sum + (pair.u - u) * (pair.x - x) + (pair.v - v) * (pair.y - y), 0);
  const voted = Math.exp(mean(hits.map((hit) => Math.log(poseOf(seen, hit).size))));
  const fit = spread === 0 ? 0 : common / spread;
  const size = spread / pairs.length > 0.02 && fit > voted / 1.15 && fit < voted * 1.15 ? fit : voted;
  return { x: x - u * size, y: y - v * size, size };
}

/** A keypoint is where it should be within so many pixels of its octave, and looks as it should below so many bits. */
const [nearPixels, nearBits] = [3, 45];
/**
 * What has to agree: so many keypoints, and so much in all and for each keypoint of the work. Other works and pages of
 * writing came to 0.14 for each; frames of the same shape around another picture, as discs, to 0.36.
 */
const [leastMatched, leastStrength, leastShare] = [5, 2.2, 0.2];

/** Keypoints of a recording by octave and place. */
export class KeypointGrid {
  readonly #cells = new Map<number, number[]>();
  readonly seen: KeypointsSeen;

  constructor(seen: KeypointsSeen) {
    this.seen = seen;
    for (let at = 0; at < seen.count; at++) {
      const name = nameOf(seen.octaves[at]!, cellOf(seen.xs[at]!), cellOf(seen.ys[at]!));
      const others = this.#cells.get(name);
      if (others === undefined) this.#cells.set(name, [at]);
      else others.push(at);
    }
  }

  /** Keypoints near a place that look like one of a work, and how many bits of the likest differ. */
  like(
    octave: number,
    x: number,
    y: number,
    words: Uint32Array,
    at: number,
  ): { keypoints: number[]; distance: number } {
    const { seen } = this;
    const keypoints: number[] = [];
    let distance = nearBits;
    for (let row = cellOf(y - nearPixels); row <= cellOf(y + nearPixels); row++)
      for (let column = cellOf(x - nearPixels); column <= cellOf(x + nearPixels); column++)
        for (const keypoint of this.#cells.get(nameOf(octave, column, row)) ?? []) {
          if (Math.abs(seen.xs[keypoint]! - x) > nearPixels || Math.abs(seen.ys[keypoint]! - y) > nearPixels) continue;
          const bits = wordsApart(seen.words, keypoint * descriptorWords, words, at);
          if (bits >= nearBits) continue;
          keypoints.push(keypoint);
          distance = Math.min(distance, bits);
        }
    return { keypoints, distance };
  }
}

const cellOf = (pixel: number): number => Math.floor(pixel / 32);
const nameOf = (octave: number, column: number, row: number): number => (octave * 1_024 + row) * 1_024 + column;

/** The stretches in which a work stands at a pose, if it does. */
export function placementsAt(grid: KeypointGrid, work: WorkKeypoints, pose: Pose): Placement[] {
  let best: Placement[] = [];
  let bestShare = leastShare;
  for (const { octave, step } of drawnAs(stepOf(pose.size))) {
    const scale = pose.size / sizeOf(step) / 2 ** octave;
    for (let ground = 0; ground < groundGreys.length; ground++) {
      const matched: number[][] = [];
      const box = { x0: Infinity, x1: 0, y0: Infinity, y1: 0 };
      let [of, bits] = [0, 0];
      for (let at = 0; at < work.steps.length; at++) {
        if (work.steps[at] !== step || ((work.grounds[at]! >> ground) & 1) === 0) continue;
        of += 1;
        const x = pose.x / 2 ** octave + work.xs[at]! * scale;
        const y = pose.y / 2 ** octave + work.ys[at]! * scale;
        [box.x0, box.x1] = [Math.min(box.x0, x), Math.max(box.x1, x)];
        [box.y0, box.y1] = [Math.min(box.y0, y), Math.max(box.y1, y)];
        const { keypoints, distance } = grid.like(octave, x, y, work.words, at * descriptorWords);
        if (keypoints.length === 0) continue;
        matched.push(keypoints);
        bits += distance;
      }
      const strength = matched.length - bits / nearBits;
      if (matched.length < leastMatched || strength < leastStrength || strength < bestShare * of) continue;
      const found = stretches(grid.seen, matched, Math.max(leastMatched, matched.length / 2));
      if (found.length === 0) continue;
      bestShare = strength / of;
      const place = inShares(grid.seen, 2 ** octave, box);
      best = found.map((stretch) => ({ ...stretch, pose, place, strength, distance: bits / matched.length }));
    }
  }
  return best;
}

function inShares(
  { width, height }: KeypointsSeen,
  scale: number,
  { x0, x1, y0, y1 }: { x0: number; x1: number; y0: number; y1: number },
): Place {
  const share = (pixel: number, whole: number) =>
    Math.round(Math.min(1, Math.max(0, (pixel * scale) / whole)) * 1_000) / 1_000;
  const [x, y] = [share(x0, width), share(y0, height)];
  return { x, y, width: share(x1, width) - x, height: share(y1, height) - y };
}

/** Sizes of two works in one place differ by less than this factor; a logo in a photograph is smaller. */
const sameSize = 1.6;

/** Of works that would stand in the same place at the same time, the one of which most is there: frames are alike. */
export function withoutRivals<Found extends Placement>(found: readonly Found[]): Found[] {
  const kept: Found[] = [];
  for (const each of found.toSorted((a, b) => b.strength - a.strength))
    if (!kept.some((other) => areRivals(each, other))) kept.push(each);
  return kept;
}

function areRivals(a: Placement, b: Placement): boolean {
  const [less, more] = [Math.min(a.pose.size, b.pose.size), Math.max(a.pose.size, b.pose.size)];
  const overlap = Math.min(a.endMs, b.endMs) - Math.max(a.startMs, b.startMs);
  return overlap >= 0 && more <= sameSize * less && Math.hypot(a.pose.x - b.pose.x, a.pose.y - b.pose.y) <= less / 2;
}

/** The octaves in which a size is one of those of works. */
function drawnAs(nearest: number): { octave: number; step: number }[] {
  return [Math.floor(nearest), Math.ceil(nearest)].flatMap((whole) =>
    Array.from({ length: octaves }, (_, octave) => ({ octave, step: whole - octave * stepsPerOctave })).filter(
      ({ step }) => step >= 0 && step < sizeSteps,
    ),
  );
}

/** When at least so many of a work's keypoints stand at once; each may be matched by several of the recording. */
function stretches(
  seen: KeypointsSeen,
  matched: readonly (readonly number[])[],
  least: number,
): { startMs: number; endMs: number; matched: number }[] {
  const changes: { atMs: number; by: 1 | -1; spot: number }[] = [];
  for (const [spot, keypoints] of matched.entries()) {
    for (const keypoint of keypoints) {
      changes.push({ atMs: seen.startsMs[keypoint]!, by: 1, spot });
      changes.push({ atMs: seen.endsMs[keypoint]!, by: -1, spot });
    }
  }
  changes.sort((a, b) => a.atMs - b.atMs || b.by - a.by);
  const standing = new Int32Array(matched.length);
  const found: { startMs: number; endMs: number; matched: number }[] = [];
  let count = 0;
  let most = 0;
  let startMs = 0;
  for (const { atMs, by, spot } of changes) {
    if (standing[spot] === 0) count += 1;
    standing[spot]! += by;
    if (standing[spot] === 0) count -= 1;
    if (count >= least) {
      if (most === 0) startMs = atMs;
      most = Math.max(most, count);
    } else if (most > 0) {
      found.push({ startMs, endMs: atMs, matched: most });
      most = 0;
    }
  }
  return found;
}

const keyCount = 4;
const keyBits = 18;

/** Keys of a descriptor in the index of works, from its lowest frequencies: each takes every fourth bit. */
export function keypointKeys(words: Uint32Array, at: number): number[] {
  const keys = Array.from({ length: keyCount }, (_, part) => part << keyBits);
  for (let bit = 0; bit < keyCount * keyBits; bit++)
    keys[bit % keyCount]! |= ((words[at + (bit >> 5)]! >>> (bit & 31)) & 1) << Math.floor(bit / keyCount);
  return keys;
}

/**
 * The size and the place of a work's keypoint in 16 bits, as the index keeps them beside its descriptor. Places are
 * counted in cells of a part of the size; those further from the middle are put on the edge.
 */
const [cellsAcross, furthest] = [68, 1.3];
const cellOfPlace = (part: number): number =>
  Math.min(cellsAcross - 1, Math.max(0, Math.floor(((part / furthest + 1) / 2) * cellsAcross)));
const placeOfCell = (cell: number): number => (((cell + 0.5) / cellsAcross) * 2 - 1) * furthest;

export const packSpot = (step: number, x: number, y: number): number =>
  (step * cellsAcross + cellOfPlace(y / sizeOf(step))) * cellsAcross + cellOfPlace(x / sizeOf(step));

export function unpackSpot(spot: number): Pick<Hit, 'step' | 'x' | 'y'> {
  const step = Math.floor(spot / cellsAcross ** 2);
  const size = sizeOf(step);
  return {
    step,
    x: placeOfCell(spot % cellsAcross) * size,
    y: placeOfCell(Math.floor(spot / cellsAcross) % cellsAcross) * size,
  };
}
