import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  clip,
  type Interval,
  lengthOfAll,
  overlap,
  unite,
  without,
} from '../../../../src/domain/attendance/interval.ts';
import { presenceOf, stayOf } from '../../../../src/domain/attendance/presence.ts';
import { rowOf } from '../../../support/attendance.ts';

const span = (startMs: number, endMs: number): Interval => ({ startMs, endMs });
const anySpan = fc
  .tuple(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 0, max: 20 }))
  .map(([start, length]) => span(start, start + length));
const anySpans = fc.array(anySpan, { maxLength: 12 });
/** The moments that intervals cover, one by one: what each function has to agree with. */
const moments = (spans: readonly Interval[]) =>
  new Set(spans.flatMap(({ startMs, endMs }) => Array.from({ length: endMs - startMs }, (_, at) => startMs + at)));

describe('intervals', () => {
  test('united, clipped and taken away, moment by moment', () => {
    fc.assert(
      fc.property(anySpans, anySpans, (one, other) => {
        const [ones, others] = [moments(one), moments(other)];
        expect(moments(unite(one))).toEqual(ones);
        expect(moments(clip(one, other))).toEqual(ones.intersection(others));
        expect(moments(without(one, other))).toEqual(ones.difference(others));
        expect(lengthOfAll(one)).toBe(ones.size);
      }),
    );
  });
  test('are in order and apart, whatever the order they came in', () => {
    fc.assert(
      fc.property(anySpans, anySpans, (one, within) => {
        for (const list of [unite(one), clip(one, within), without(one, within)])
          for (const [at, next] of list.slice(1).entries()) expect(next.startMs).toBeGreaterThan(list[at]!.endMs);
        expect(unite(unite(one))).toEqual(unite(one));
        expect(unite(one.toReversed())).toEqual(unite(one));
      }),
    );
  });
  test('overlap where they share a moment', () => {
    fc.assert(
      fc.property(anySpan, anySpan, (one, other) => {
        fc.pre(one.startMs < one.endMs && other.startMs < other.endMs);
        expect(overlap(one, other)).toBe(!moments([one]).isDisjointFrom(moments([other])));
      }),
    );
  });
  test('without length stay where they are inside, and not at the end', () => {
    expect(clip([span(5, 5), span(0, 0), span(10, 10)], [span(0, 10)])).toEqual([span(0, 0), span(5, 5)]);
    expect(clip([span(10, 14)], [span(0, 10)])).toEqual([]);
  });
});

describe('a stay', () => {
  const lesson = span(1_000_000, 2_000_000);
  const stay = (joinedMs: number | null, leftMs: number | null) => stayOf(rowOf('Ada', { joinedMs, leftMs }), lesson);
  test.each([
    ['of known times', 1_100_000, 1_200_000, span(1_100_000, 1_200_000)],
    ['without an end lasts to the end of the lesson', 1_100_000, null, span(1_100_000, 2_000_000)],
    ['without a beginning lasts from the beginning', null, 1_200_000, span(1_000_000, 1_200_000)],
    ['without either is the lesson', null, null, span(1_000_000, 2_000_000)],
    ['whose end is before its beginning has no end', 1_500_000, 1_400_000, span(1_500_000, 2_000_000)],
    ['that begins after the lesson is a moment', 2_500_000, null, span(2_500_000, 2_500_000)],
    ['that only ends, before the lesson, is a moment', null, 900_000, span(900_000, 900_000)],
  ])('%s', (_, joinedMs, leftMs, right) => expect(stay(joinedMs, leftMs)).toEqual(right));

  test('in the waiting room is none', () => {
    expect(stayOf(rowOf('Ada', { isWaiting: true }), lesson)).toBeNull();
  });
  test('of a report in whole minutes may last to the end of its minute', () => {
    const row = rowOf('Ada', { joinedMs: 900_000, leftMs: 960_000 });
    const recorded = [span(1_000_000, 2_000_000)];
    expect(presenceOf([row], { lesson, recorded })).toEqual([]);
    expect(presenceOf([row], { lesson, recorded, resolutionMs: 60_000 })).toEqual([span(1_000_000, 1_019_000)]);
    const open = rowOf('Ada', { joinedMs: 1_900_000 });
    expect(presenceOf([open], { lesson, recorded, resolutionMs: 60_000 })).toEqual([span(1_900_000, 2_000_000)]);
  });
});
