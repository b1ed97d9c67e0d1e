import { differingBits } from './bit-errors.ts';
import { hashWords, type PictureHash } from './picture-hash.ts';

/** The pictures of a registered work that are kept: a hash (8 words) for each time, in order of time. */
export interface WorkPictures {
  readonly timesMs: Uint32Array;
  readonly hashes: Uint32Array;
}

/**
 * Distance of two pages of one document in the time of their work: page one at 0, page two here. A page may have
 * several pictures.
 */
export const pageMs = 4_000;

/** One moment of a recording that looks like one moment of a work. `Place`: where in the picture. */
export interface Moment<Place> {
  readonly atMs: number;
  readonly workMs: number;
  /** Differing bits of 255. */
  readonly distance: number;
  readonly place: Place;
}

/** A stretch of a recording that shows a work. */
export interface PictureMatch<Place> {
  readonly startMs: number;
  readonly endMs: number;
  readonly workStartMs: number;
  readonly workEndMs: number;
  /** Moments at which the picture agreed. */
  readonly seen: number;
  /** Differing bits of 255 at the best moment; unrelated pictures differ in 84 and more. */
  readonly bestDistance: number;
  /** The place at the best moment. */
  readonly place: Place;
  /** One picture that stands still (a page, a photograph, a paused film), or a film that plays. */
  readonly moves: boolean;
}

/**
 * Maximum distance for a film. Unrelated pictures came no closer than 84 bits in `docs/detection.md`; several moments
 * must agree.
 */
const playingDistance = 62;
/** Maximum distance for a still picture, which can only be known by itself. */
const stillDistance = 40;
const leastPlaying = 4;
const leastPlayingMs = 900;
const leastStill = 3;
/** Moments of one film lie on one line through recording time and work time, give or take this. */
const offsetReachMs = 500;
/** Moments further apart than this are two stretches. */
const gapMs = 4_000;

const keyCount = 6;
const keyBits = 19;

/**
 * Keys of a hash in the index of works: of its lowest frequencies, six parts of 19 bits, told apart by the part. Each
 * takes every sixth bit: neighbouring bits resemble each other, and a key of neighbours would stand in many more works.
 */
export function pictureKeys(hash: PictureHash): number[] {
  const keys = Array.from({ length: keyCount }, (_, part) => part << keyBits);
  // The first bit is the same in all.
  for (let bit = 1; bit <= keyCount * keyBits; bit++)
    keys[bit % keyCount]! |= ((hash[bit >> 5]! >>> (bit & 31)) & 1) << Math.floor((bit - 1) / keyCount);
  return keys;
}

/** Distance of a hash from the picture of a work; null if they are too far apart to be the same. */
export function pictureDistance(hash: PictureHash, work: WorkPictures, picture: number): number | null {
  const limit = isStill(work) ? stillDistance : playingDistance;
  let distance = 0;
  for (let word = 0; word < hashWords; word++) {
    distance += differingBits(hash[word]!, work.hashes[picture * hashWords + word]!);
    if (distance > limit) return null;
  }
  return distance;
}

/** A photograph, or pages: pictures that do not follow each other as those of a film, eight a second, do. */
function isStill({ timesMs }: WorkPictures): boolean {
  return timesMs[timesMs.length - 1]! >= ((timesMs.length - 1) * pageMs) / 4;
}

/** Every stretch that shows one work, in order of time. Moments may come in any order. */
export function matchPictures<Place>(moments: readonly Moment<Place>[], work: WorkPictures): PictureMatch<Place>[] {
  const found = [...(isStill(work) ? [] : playing(moments)), ...standing(moments)];
  return withoutCovered(found).toSorted((a, b) => a.startMs - b.startMs || a.endMs - b.endMs);
}

/** Groups moments that lie on one line of slope one, and keeps groups that are long and many enough. */
function playing<Place>(moments: readonly Moment<Place>[]): PictureMatch<Place>[] {
  const byOffset = moments.toSorted((a, b) => a.workMs - a.atMs - (b.workMs - b.atMs));
  const matches: PictureMatch<Place>[] = [];
  for (let from = 0; from < byOffset.length; ) {
    const first = byOffset[from]!;
    let until = from;
    while (until < byOffset.length && offsetOf(byOffset[until]!) - offsetOf(first) <= 2 * offsetReachMs) until++;
    for (const run of runs(byOffset.slice(from, until))) {
      if (run.length < leastPlaying || workSpan(run) < leastPlayingMs) continue;
      const match = describe(run, true);
      if (match.endMs - match.startMs >= leastPlayingMs) matches.push(match);
    }
    // Half a step on, so that a group on a border is whole in one of two.
    const next = byOffset.findIndex((moment, at) => at > from && offsetOf(moment) - offsetOf(first) > offsetReachMs);
    from = next === -1 ? byOffset.length : next;
  }
  return matches;
}

const offsetOf = ({ atMs, workMs }: Moment<unknown>): number => workMs - atMs;

const workSpan = (run: readonly Moment<unknown>[]): number =>
  Math.max(...run.map(({ workMs }) => workMs)) - Math.min(...run.map(({ workMs }) => workMs));

/** Moments that show one and the same picture of the work. */
function standing<Place>(moments: readonly Moment<Place>[]): PictureMatch<Place>[] {
  const close = moments.filter(({ distance }) => distance <= stillDistance);
  const pictures = Map.groupBy(close, ({ workMs }) => Math.round(workMs / 500));
  return [...pictures.values()].flatMap((same) =>
    runs(same)
      .filter((run) => run.length >= leastStill)
      .map((run) => describe(run, false)),
  );
}

/** In order of time, one moment for each time (the closest), split at long gaps. */
function runs<Place>(moments: readonly Moment<Place>[]): Moment<Place>[][] {
  const best = new Map<number, Moment<Place>>();
  for (const moment of moments) {
    const other = best.get(moment.atMs);
    if (other === undefined || moment.distance < other.distance) best.set(moment.atMs, moment);
  }
  const split: Moment<Place>[][] = [];
  let lastMs = -Infinity;
  for (const moment of [...best.values()].sort((a, b) => a.atMs - b.atMs)) {
    const run = split.at(-1);
    if (run !== undefined && moment.atMs - lastMs <= gapMs) run.push(moment);
    else split.push([moment]);
    lastMs = moment.atMs;
  }
  return split;
}

function describe<Place>(run: readonly Moment<Place>[], moves: boolean): PictureMatch<Place> {
  const best = run.reduce((a, b) => (b.distance < a.distance ? b : a));
  const [first, last] = [run[0]!, run[run.length - 1]!];
  return {
    startMs: first.atMs,
    endMs: last.atMs,
    workStartMs: first.workMs,
    workEndMs: last.workMs,
    seen: run.length,
    bestDistance: best.distance,
    place: best.place,
    moves,
  };
}

/** Of matches that overlap, the one with more moments stays, and those that it covers go. */
function withoutCovered<Place>(matches: readonly PictureMatch<Place>[]): PictureMatch<Place>[] {
  const kept: PictureMatch<Place>[] = [];
  for (const match of matches.toSorted((a, b) => b.seen - a.seen || a.bestDistance - b.bestDistance)) {
    const covered = kept.some((other) => {
      const overlap = Math.min(other.endMs, match.endMs) - Math.max(other.startMs, match.startMs);
      return overlap >= 0 && overlap >= (match.endMs - match.startMs) / 2;
    });
    if (!covered) kept.push(match);
  }
  return kept;
}
