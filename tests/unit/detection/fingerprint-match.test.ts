import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { differingBits } from '../../../src/detection/bit-errors.ts';
import { itemMs, matchWorks } from '../../../src/detection/fingerprint-match.ts';

/** A small generator with a seed, so that a failure can be repeated. */
function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
}

const noise = (length: number, seed: number): Uint32Array => Uint32Array.from({ length }, random(seed));

/** Flips each bit with the given chance. */
function damage(items: Uint32Array, chance: number, seed: number): Uint32Array {
  const next = random(seed);
  return items.map((item) => {
    let flipped = item;
    for (let bit = 0; bit < 32; bit++) if (next() / 2 ** 32 < chance) flipped ^= 1 << bit;
    return flipped >>> 0;
  });
}

function placed(parts: readonly { at: number; items: Uint32Array }[], length: number, seed = 99): Uint32Array {
  const recording = noise(length, seed);
  for (const { at, items } of parts) recording.set(items, at);
  return recording;
}

const seconds = (items: number) => items * itemMs;

describe('matching works', () => {
  it('finds a stretch of a work with its place in the recording and in the work', () => {
    const work = { id: 'song', fingerprint: noise(900, 1) };
    const [match, ...more] = matchWorks(placed([{ at: 300, items: work.fingerprint.subarray(200, 320) }], 1000), [
      work,
    ]);
    expect(more).toEqual([]);
    expect(match).toMatchObject({ workId: 'song', score: 1, bitErrorRate: 0 });
    expect(match!.startMs).toBeGreaterThan(seconds(300) - 1_500);
    expect(match!.startMs).toBeLessThanOrEqual(seconds(300) + 500);
    expect(match!.endMs).toBeGreaterThanOrEqual(seconds(420));
    expect(match!.workStartMs - match!.startMs).toBeCloseTo(seconds(-100), -2);
  });

  it('finds the same work twice and two works at once', () => {
    const one = { id: 'one', fingerprint: noise(500, 1) };
    const two = { id: 'two', fingerprint: noise(500, 2) };
    const recording = placed(
      [
        { at: 50, items: one.fingerprint.subarray(10, 80) },
        { at: 400, items: one.fingerprint.subarray(300, 380) },
        { at: 600, items: two.fingerprint.subarray(0, 60) },
      ],
      800,
    );
    expect(matchWorks(recording, [one, two]).map((match) => match.workId)).toEqual(['one', 'one', 'two']);
  });

  it('finds a work under bits that are wrong one time in five', () => {
    const work = { id: 'song', fingerprint: noise(600, 3) };
    const recording = placed([{ at: 100, items: damage(work.fingerprint.subarray(200, 300), 0.2, 4) }], 500);
    expect(matchWorks(recording, [work])).toHaveLength(1);
  });

  it.each([
    ['an empty recording', new Uint32Array(), noise(300, 1)],
    ['an empty work', noise(300, 1), new Uint32Array()],
    ['silence in both', new Uint32Array(300).fill(627_964_279), new Uint32Array(300).fill(627_964_279)],
    ['a second of a work', placed([{ at: 90, items: noise(300, 1).subarray(0, 8) }], 300), noise(300, 1)],
  ])('finds nothing in %s', (_, recording, fingerprint) => {
    expect(matchWorks(recording, [{ id: 'work', fingerprint }])).toEqual([]);
  });

  it('does not take one slowly changing sound for another', () => {
    const drone = (seed: number) => {
      const changes = noise(60, seed);
      // Long-held chords: few bits change from one to the next.
      return Uint32Array.from(
        { length: 600 },
        (_, at) => (0xa5a5a5a5 ^ (changes[Math.floor(at / 4) % 60]! & 0x01010101)) >>> 0,
      );
    };
    expect(matchWorks(drone(5), [{ id: 'other', fingerprint: drone(6) }])).toEqual([]);
  });

  it('finds nothing in unrelated recordings', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e6 }), (seed) => {
        expect(matchWorks(noise(400, seed), [{ id: 'work', fingerprint: noise(400, seed + 7) }])).toEqual([]);
      }),
      { numRuns: 30 },
    );
  });

  it('finds every stretch of 40 items and more, wherever it lies', () => {
    const work = { id: 'work', fingerprint: noise(700, 11) };
    const others = [12, 13].map((seed) => ({ id: `other ${seed}`, fingerprint: noise(500, seed) }));
    fc.assert(
      fc.property(fc.nat(560), fc.nat(600), fc.integer({ min: 40, max: 100 }), (at, from, length) => {
        const items = work.fingerprint.subarray(from, from + length);
        const matches = matchWorks(placed([{ at, items }], 700), [others[0]!, work, others[1]!]);
        expect(matches.map((match) => match.workId)).toEqual(['work']);
        expect(matches[0]!.endMs).toBeGreaterThan(matches[0]!.startMs);
      }),
      { numRuns: 60 },
    );
  });

  it('counts differing bits', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer(), (a, b) => {
        expect(differingBits(a, b)).toBe([...((a ^ b) >>> 0).toString(2)].filter((bit) => bit === '1').length);
      }),
    );
  });
});
