import { differingBits } from './bit-errors.ts';
import type { Postings } from './candidates.ts';
import { unitMs } from './landmarks.ts';
import type { PictureHash } from './picture-hash.ts';

/** The index keeps these words of a picture beside its keys: the lowest 128 bits of its hash. */
export const lowWords = 4;

/** The places of one key in the pictures of works, with the low bits of each picture: four words for each place. */
export interface PicturePostings extends Postings {
  readonly lows: Uint32Array;
}

/** A guess: the pictures at some moments look like those of a work in one unit of its time. */
export interface PictureGuess {
  /** In milliseconds of the recording. */
  readonly atMs: readonly number[];
  /** In units of 128 ms from the beginning of the work. */
  readonly unit: number;
  /** Differing bits of the lowest 128. */
  readonly distance: number;
}

/** The bounds of `pictureDistance`, for half of the bits: low frequencies survive better than the rest. */
const playingDistance = 31;
const stillDistance = 20;

/** Differing bits of the lowest 128; null if so many differ that the whole is too far. */
export function lowDistance(hash: PictureHash, { lows }: PicturePostings, place: number): number | null {
  let distance = 0;
  for (let word = 0; word < lowWords; word++) distance += differingBits(hash[word]!, lows[place * lowWords + word]!);
  return distance > playingDistance ? null : distance;
}

const leastMoments = 3;
const leastPlayingMs = 900;
/**
 * Moments of one film lie on one line within a second, a still picture in one place within half a second; a unit each
 * is added for rounding.
 */
const lineMs = 1_000 + 2 * unitMs;
const standingUnits = 6;

/**
 * Whether guesses at one work are worth reading its prints for: at least as many moments as `matchPictures` needs, on
 * one line of time or at one picture. Nearly all guesses are chance, and fail here.
 */
export function mayMatch(guesses: readonly PictureGuess[]): boolean {
  const moments = guesses.flatMap(({ atMs, unit, distance }) => atMs.map((ms) => ({ atMs: ms, unit, distance })));
  if (moments.length < leastMoments) return false;
  const standing = moments.filter(({ distance }) => distance <= stillDistance);
  return (
    together(
      standing,
      ({ unit }) => unit / standingUnits,
      ({ length }) => length > 0,
    ) || together(moments, ({ unit, atMs }) => (unit * unitMs - atMs) / lineMs, moves)
  );
}

interface Guessed {
  readonly atMs: number;
  readonly unit: number;
}

/** Whether enough different moments have places within 1 of each other, and fulfil the condition. */
function together<Moment extends Guessed>(
  moments: readonly Moment[],
  placeOf: (moment: Moment) => number,
  holds: (near: readonly Moment[]) => boolean,
): boolean {
  const byPlace = Map.groupBy(moments, (moment) => Math.floor(placeOf(moment)));
  return [...byPlace].some(([place, here]) => {
    const near = [...here, ...(byPlace.get(place + 1) ?? [])];
    return new Set(near.map(({ atMs }) => atMs)).size >= leastMoments && holds(near);
  });
}

const moves = (moments: readonly Guessed[]): boolean =>
  span(moments.map(({ atMs }) => atMs)) >= leastPlayingMs &&
  span(moments.map(({ unit }) => unit * unitMs)) >= leastPlayingMs - unitMs;

function span(values: readonly number[]): number {
  let [least, most] = [Infinity, -Infinity];
  for (const value of values) {
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  return most - least;
}
