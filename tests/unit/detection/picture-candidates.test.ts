import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { unitMs } from '../../../src/detection/landmarks.ts';
import { lowDistance, lowWords, mayMatch, type PictureGuess } from '../../../src/detection/picture-candidates.ts';
import type { PictureHash } from '../../../src/detection/picture-hash.ts';
import { type Moment, matchPictures, pictureDistance, pictureKeys } from '../../../src/detection/picture-match.ts';
import { seeded } from '../../eval/sound.ts';

const random = seeded(3);
const anyHash = (): PictureHash => Uint32Array.from({ length: 8 }, () => random() * 2 ** 32);
const flipped = (hash: PictureHash, bits: readonly number[]): PictureHash => {
  const changed = hash.slice();
  for (const bit of bits) changed[bit >> 5]! ^= 1 << (bit & 31);
  return changed;
};

describe('keys of a picture', () => {
  it('are six, told apart by their part, of bits that no other key has', () => {
    const hash = anyHash();
    const keys = pictureKeys(hash);
    expect(keys.map((key) => key >>> 19)).toEqual([0, 1, 2, 3, 4, 5]);
    for (let bit = 0; bit < 256; bit++) {
      const others = pictureKeys(flipped(hash, [bit]));
      expect(others.filter((key) => !keys.includes(key))).toHaveLength(bit >= 1 && bit <= 114 ? 1 : 0);
    }
  });

  it('find a picture of which a bit in each of five parts is wrong', () => {
    const hash = anyHash();
    expect(pictureKeys(flipped(hash, [1, 2, 3, 4, 5])).filter((key) => pictureKeys(hash).includes(key))).toHaveLength(
      1,
    );
  });
});

it('the low bits of a posting tell most other pictures apart', () => {
  const [one, other] = [anyHash(), anyHash()];
  const postings = {
    works: Uint32Array.of(1, 2),
    units: Uint16Array.of(0, 0),
    lows: Uint32Array.from([...other.subarray(0, lowWords), ...one.subarray(0, lowWords)]),
  };
  const bits = (count: number) => Array.from({ length: count }, (_, at) => 4 * at);
  expect(lowDistance(one, postings, 0)).toBeNull();
  expect(lowDistance(flipped(one, bits(31)), postings, 1)).toBe(31);
  expect(lowDistance(flipped(one, bits(32)), postings, 1)).toBeNull();
  // What lies above the low bits is not looked at here.
  expect(lowDistance(flipped(one, [128, 200, 255]), postings, 1)).toBe(0);
});

describe('guesses at a work', () => {
  const guess = (atMs: readonly number[], unit: number, distance = 30): PictureGuess => ({ atMs, unit, distance });

  it('are worth a look where three moments lie on one line of time, over most of a second', () => {
    expect(mayMatch([guess([0], 100), guess([500], 104), guess([1_000], 108)])).toBe(true);
    expect(mayMatch([guess([0], 100), guess([500], 104)])).toBe(false);
    expect(mayMatch([guess([0], 100), guess([250], 102), guess([500], 104)])).toBe(false);
    expect(mayMatch([guess([0], 100), guess([500], 500), guess([1_000], 900)])).toBe(false);
  });

  it('are worth a look where three moments are close to one picture', () => {
    expect(mayMatch([guess([0, 250, 500], 100, 20)])).toBe(true);
    expect(mayMatch([guess([0, 250], 100, 20)])).toBe(false);
    // A page of the lesson that stands still, and is far from the picture.
    expect(mayMatch([guess([0, 250, 500], 100, 21)])).toBe(false);
  });

  it('leave out nothing that would be a match', () => {
    const film = { timesMs: Uint32Array.from({ length: 400 }, (_, at) => at * 125), hashes: new Uint32Array(400 * 8) };
    const moment = fc.record({
      atMs: fc.integer({ min: 0, max: 24 }).map((at) => at * 250),
      picture: fc.integer({ min: 0, max: 60 }),
      distance: fc.integer({ min: 0, max: 62 }),
    });
    let matched = 0;
    fc.assert(
      fc.property(fc.array(moment, { maxLength: 30 }), (seen) => {
        const moments: Moment<null>[] = seen.map(({ atMs, picture, distance }) => ({
          atMs,
          workMs: film.timesMs[picture]!,
          distance,
          place: null,
        }));
        const guesses = moments.map(({ atMs, workMs, distance }) =>
          guess([atMs], Math.floor(workMs / unitMs), distance >> 1),
        );
        if (matchPictures(moments, film).length === 0) return true;
        matched += 1;
        return mayMatch(guesses);
      }),
      { numRuns: 2_000, seed: 1 },
    );
    expect(matched).toBeGreaterThan(100);
  });
});

it('a hash that is close to a picture is close in its low bits, when wrong bits fall anywhere', () => {
  const hash = anyHash();
  const work = { timesMs: Uint32Array.of(0, 125), hashes: Uint32Array.from([...hash, ...hash]) };
  const postings = { works: Uint32Array.of(1), units: Uint16Array.of(0), lows: hash.slice(0, lowWords) };
  let passed = 0;
  for (let run = 0; run < 400; run++) {
    const order = Array.from({ length: 255 }, (_, at) => [random(), at + 1] as const).sort(([a], [b]) => a - b);
    const shown = flipped(
      hash,
      order.slice(0, 50).map(([, bit]) => bit),
    );
    expect(pictureDistance(shown, work, 0)).toBe(50);
    if (lowDistance(shown, postings, 0) !== null) passed += 1;
  }
  expect(passed).toBeGreaterThan(360);
});
