import fc from 'fast-check';
import { expect, test } from 'vitest';
import { joinPeaks, Peaks } from '../../../src/adapters/ffmpeg/peaks.ts';

const second = 8_000;
function heard(lengthMs: number, loudAtMs: readonly number[], piece = 1_234): Peaks {
  const samples = new Int16Array((lengthMs * second) / 1_000);
  for (const ms of loudAtMs) samples[(ms * second) / 1_000] = -32_768;
  const peaks = new Peaks();
  for (let at = 0; at < samples.length; at += piece) peaks.hear(samples.subarray(at, at + piece));
  return peaks;
}

test('one loud sample stands in the step of its time, whatever the length and the pieces', () => {
  const moments = fc.record({
    lengthMs: fc.integer({ min: 1, max: 300_000 }),
    share: fc.double({ min: 0, max: 0.999, noNaN: true }),
    piece: fc.integer({ min: 50, max: 20_000 }),
  });
  fc.assert(
    fc.property(moments, ({ lengthMs, share, piece }) => {
      const atMs = Math.floor(lengthMs * share);
      const { peaks, stepMs, durationMs } = joinPeaks([heard(lengthMs, [atMs], piece)]);
      expect(durationMs).toBe(lengthMs);
      expect(peaks).toHaveLength(Math.ceil(lengthMs / stepMs));
      expect(peaks.flatMap((peak, place) => (peak === 0 ? [] : [[place, peak]]))).toEqual([
        [Math.floor(atMs / stepMs), 100],
      ]);
    }),
    { numRuns: 30 },
  );
});

test('there are 2000 to 4000 points, and of what is short as many as there are', () => {
  for (const seconds of [40, 41, 79, 80, 600, 3_600]) {
    const { peaks } = joinPeaks([heard(seconds * 1_000, [])]);
    expect(peaks.length).toBeGreaterThanOrEqual(2_000);
    expect(peaks.length).toBeLessThanOrEqual(4_000);
  }
  expect(joinPeaks([heard(1_000, [])]).peaks).toHaveLength(100);
});

test('of two streams the louder counts, also where one is shorter', () => {
  const joined = joinPeaks([heard(90_000, [80_000]), heard(5_000, [1_000])]);
  expect(joined.durationMs).toBe(90_000);
  expect(joined.peaks.flatMap((peak, place) => (peak === 0 ? [] : [place * joined.stepMs]))).toEqual([1_000, 80_000]);
});
