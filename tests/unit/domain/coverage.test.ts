import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { lengthOf, mergeStretches, missingStretches, percentOf, type Stretch } from '../../../src/domain/coverage.ts';

const lengthMs = 60;
const stretch = fc
  .tuple(fc.integer({ min: -10, max: 80 }), fc.integer({ min: -10, max: 80 }))
  .map(([startMs, endMs]): Stretch => ({ startMs, endMs }));
const stretches = fc.array(stretch, { maxLength: 30 });

/** Every millisecond on its own: slow, and without a thought. */
const momentsOf = (some: readonly Stretch[]) =>
  Array.from({ length: lengthMs }, (_, ms) => ms).filter((ms) =>
    some.some(({ startMs, endMs }) => startMs <= ms && ms < endMs),
  );

describe('merged stretches', () => {
  test('cover exactly the moments of the recording that were covered', () => {
    fc.assert(
      fc.property(stretches, (some) => {
        expect(momentsOf(mergeStretches(some, lengthMs))).toEqual(momentsOf(some));
      }),
    );
  });
  test('lie inside the recording, in order, with a gap between any two', () => {
    fc.assert(
      fc.property(stretches, (some) => {
        let last = -1;
        for (const { startMs, endMs } of mergeStretches(some, lengthMs)) {
          expect(startMs).toBeGreaterThan(last);
          expect(endMs).toBeGreaterThan(startMs);
          expect(endMs).toBeLessThanOrEqual(lengthMs);
          last = endMs;
        }
      }),
    );
  });
  test('are the same whichever came first, and however often', () => {
    fc.assert(
      fc.property(stretches, stretches, (some, more) => {
        const merged = mergeStretches([...some, ...more], lengthMs);
        expect(mergeStretches([...mergeStretches(more, lengthMs), ...some], lengthMs)).toEqual(merged);
        expect(mergeStretches([...merged, ...some], lengthMs)).toEqual(merged);
      }),
    );
  });
  test('and what they leave are the whole recording, and share nothing', () => {
    fc.assert(
      fc.property(stretches, (some) => {
        const merged = mergeStretches(some, lengthMs);
        const missing = missingStretches(merged, lengthMs);
        const played = new Set(momentsOf(merged));
        expect(momentsOf(missing).filter((ms) => played.has(ms))).toEqual([]);
        expect(lengthOf(merged) + lengthOf(missing)).toBe(lengthMs);
        expect(mergeStretches([...merged, ...missing], lengthMs)).toEqual([{ startMs: 0, endMs: lengthMs }]);
      }),
    );
  });
  test('of which there are too many lose the shortest, and never gain', () => {
    fc.assert(
      fc.property(stretches, fc.integer({ min: 1, max: 5 }), (some, most) => {
        const all = mergeStretches(some, lengthMs);
        const kept = mergeStretches(some, lengthMs, most);
        expect(kept).toHaveLength(Math.min(most, all.length));
        const lost = all.filter((one) => !kept.some(({ startMs }) => startMs === one.startMs));
        for (const one of kept) {
          expect(all).toContainEqual(one);
          for (const other of lost) expect(lengthOf([other])).toBeLessThanOrEqual(lengthOf([one]));
        }
        expect(kept).toEqual(kept.toSorted((a, b) => a.startMs - b.startMs));
      }),
    );
  });
});

test('a share is rounded down: only all of it is 100 %', () => {
  expect([percentOf(0, 10), percentOf(999, 1_000), percentOf(1_000, 1_000), percentOf(5, 0)]).toEqual([
    0,
    99,
    100,
    null,
  ]);
});
