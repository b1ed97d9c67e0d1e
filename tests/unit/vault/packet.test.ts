import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chooseFraming, definiteLength, LiteralLayout, readDefiniteLength } from '../../../src/vault/packet.ts';

const gib = 2 ** 30;

describe('definite length octets', () => {
  it.each([
    [0, '00'],
    [191, 'bf'],
    [192, 'c000'],
    [8383, 'dfff'],
    [8384, 'ff000020c0'],
    [2 ** 32 - 1, 'ffffffffff'],
  ])('of %i are %s', (bytes, octets) => {
    expect(Buffer.from(definiteLength(bytes)).toString('hex')).toBe(octets);
  });

  it('are read back', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 32 - 1 }), (bytes) => {
        const octets = definiteLength(bytes);
        expect(readDefiniteLength(octets, 0)).toEqual({ bytes, size: octets.length });
        expect(readDefiniteLength(octets.subarray(0, -1), 0)).toBeNull();
      }),
    );
  });

  it.each([-1, 1.5, 2 ** 32])('do not exist for %d', (bytes) => {
    expect(() => definiteLength(bytes)).toThrow(RangeError);
  });
});

describe('the framing', () => {
  it.each([
    [undefined, 'partial22'],
    [0, 'definite'],
    [2 ** 32 - 1 - 6, 'definite'],
    [2 ** 32 - 6, 'partial30'],
    [5 * gib, 'partial30'],
  ] as const)('of %s bytes is %s', (mediaBytes, framing) => {
    expect(chooseFraming(mediaBytes)).toBe(framing);
  });
});

describe('the layout', () => {
  it.each([
    [0, 'definite', 8],
    [2 ** 32 - 7, 'definite', 2 ** 32 + 5],
    // A body of exactly one part is followed by an empty last one.
    [2 ** 22 - 6, 'partial22', 1 + 1 + 2 ** 22 + 1],
    [2 ** 22 - 7, 'partial22', 1 + 5 + 2 ** 22 - 1],
    [2 ** 22 - 5, 'partial22', 1 + 1 + 2 ** 22 + 1 + 1],
    [4 * gib - 6, 'partial30', 1 + 4 + 4 * gib + 1],
    [4 * gib + 1, 'partial30', 1 + 4 + 4 * gib + 1 + 7],
  ] as const)('of %i bytes, %s, takes %i octets', (mediaBytes, framing, plaintextBytes) => {
    expect(new LiteralLayout(mediaBytes, framing).plaintextBytes).toBe(plaintextBytes);
  });

  it('is covered by its runs without gap or overlap, and the runs from any place are the same', () => {
    const layouts = fc
      .tuple(fc.constantFrom('partial22', 'partial30', 'definite'), fc.integer({ min: 0, max: 6 * gib }))
      .filter(([framing, bytes]) => framing !== 'definite' || bytes < 2 ** 32 - 6)
      .map(([framing, bytes]) => new LiteralLayout(bytes, framing as 'definite' | 'partial22' | 'partial30'));
    fc.assert(
      fc.property(layouts, fc.double({ min: 0, max: 1, noNaN: true }), (layout, fraction) => {
        let plain = 0;
        let media = 0;
        const all = [...layout.runs(0, layout.plaintextBytes)];
        for (const run of all) {
          expect(run.plainStart).toBe(plain);
          if (run.kind === 'media') {
            expect(run.mediaStart).toBe(media);
            expect(layout.plainOffset(media)).toBe(plain);
            expect(layout.plainOffset(media + run.length - 1)).toBe(plain + run.length - 1);
            media += run.length;
          }
          plain += run.kind === 'media' ? run.length : run.octets.length;
        }
        expect([plain, media]).toEqual([layout.plaintextBytes, layout.mediaBytes]);
        const from = Math.floor(fraction * (layout.plaintextBytes - 1));
        const [first, ...rest] = layout.runs(from, layout.plaintextBytes);
        expect(first!.plainStart).toBeLessThanOrEqual(from);
        expect([first, ...rest]).toEqual(all.slice(-rest.length - 1));
      }),
      { numRuns: 60 },
    );
  });
});
