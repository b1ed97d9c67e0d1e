import fc from 'fast-check';
import { expect, test } from 'vitest';
import { coverPieces, type ShownTile } from '../../../../src/domain/attendance/cover-pieces.ts';
import { lengthOfAll, without } from '../../../../src/domain/attendance/interval.ts';

const range = { startMs: 10_000, endMs: 60_000 };
const at = (x: number, startMs: number, endMs: number): ShownTile => ({
  region: { x, y: 0.5, width: 0.25, height: 0.25 },
  label: 'Ada Yılmaz',
  startMs,
  endMs,
});

test('a piece for each place, and pieces without a tile for the rest', () => {
  const pieces = coverPieces(range, [at(0, 12_000, 30_000), at(0.5, 29_000, 50_000)]);
  expect(
    pieces.map(({ startMs, endMs, tile }) => [startMs, endMs, tile === null ? null : tile.region.x > 0.4]),
  ).toEqual([
    [10_000, 12_000, null],
    [12_000, 30_000, false],
    [29_000, 50_000, true],
    [50_000, 60_000, null],
  ]);
});

test('a tile that was lost for a moment is one piece', () => {
  const pieces = coverPieces({ startMs: 0, endMs: 20_000 }, [at(0.2, 0, 9_000), at(0.203, 11_000, 20_000)]);
  expect(pieces).toHaveLength(1);
  expect(pieces[0]?.tile?.region.x).toBeLessThan(0.2);
});

test('no tile: the whole stretch, for a person to look at', () => {
  expect(coverPieces(range, [])).toEqual([{ ...range, tile: null }]);
});

test('more places than anybody could confirm are none', () => {
  const hour = { startMs: 0, endMs: 3_600_000 };
  const flickering = Array.from({ length: 700 }, (_, n) => at((n % 7) / 10, n * 5_000, n * 5_000 + 4_000));
  expect(coverPieces(hour, flickering)).toEqual([{ ...hour, tile: null }]);
});

const share = fc.double({ min: 0, max: 0.7, noNaN: true });
const tile = fc
  .record({
    x: share,
    y: share,
    startMs: fc.integer({ min: -5_000, max: 90_000 }),
    ms: fc.integer({ min: 1, max: 40_000 }),
  })
  .map(
    ({ x, y, startMs, ms }): ShownTile => ({
      region: { x, y, width: 0.3, height: 0.3 },
      label: 'Ada',
      startMs,
      endMs: startMs + ms,
    }),
  );

test('all pieces together leave nothing of the stretch out, and lie within it and within the picture', () => {
  fc.assert(
    fc.property(fc.array(tile, { maxLength: 20 }), (tiles) => {
      const pieces = coverPieces(range, tiles);
      expect(lengthOfAll(without([range], pieces))).toBe(0);
      for (const { startMs, endMs, tile } of pieces) {
        expect(startMs).toBeGreaterThanOrEqual(range.startMs);
        expect(endMs).toBeLessThanOrEqual(range.endMs);
        expect(startMs).toBeLessThan(endMs);
        if (tile === null) continue;
        const { x, y, width, height } = tile.region;
        expect(Math.min(x, y)).toBeGreaterThanOrEqual(0);
        expect(Math.max(x + width, y + height)).toBeLessThanOrEqual(1 + 1e-9);
      }
    }),
  );
});
