import { describe, expect, it } from 'vitest';
import { failures, type Scored, share, summarise } from '../../eval/score.ts';

const scored = (truth: [string, number, number][], said: [string, number, number][]): Scored => ({
  case: 'a lesson',
  condition: 'any',
  seconds: 100,
  truth: truth.map(([what, start, end]) => ({ what, start, end })),
  said: said.map(([what, start, end]) => ({ what, start, end })),
});

describe('the score of a detector', () => {
  it('counts what is found, what is wrong, and by how much the ends are off', () => {
    const summary = summarise([
      scored(
        [
          ['a', 10, 20],
          ['b', 30, 40],
        ],
        [
          ['a', 11, 22],
          ['c', 50, 60],
        ],
      ),
      scored([], [['a', 0, 10]]),
    ]);
    expect(summary.recall).toMatchObject({ count: 1, of: 2 });
    expect(summary.precision).toMatchObject({ count: 1, of: 3 });
    expect([summary.startError, summary.endError]).toEqual([1, 2]);
    // Of 20 true seconds 9 are said; of 31 said seconds 9 are true.
    expect(summary.secondRecall).toBeCloseTo(9 / 20);
    expect(summary.secondPrecision).toBeCloseTo(9 / 31);
  });

  it('does not take another work, or the same one elsewhere, for a find', () => {
    const one = scored(
      [['a', 10, 20]],
      [
        ['b', 10, 20],
        ['a', 20, 30],
      ],
    );
    expect(summarise([one]).recall).toMatchObject({ count: 0, of: 1 });
    expect(failures([one])).toEqual([
      'missed: a at 10.0–20.0 s in a lesson',
      'wrong: b at 10.0–20.0 s in a lesson',
      'wrong: a at 20.0–30.0 s in a lesson',
    ]);
  });

  it('says nothing where there is nothing to count', () => {
    expect(summarise([scored([], [])])).toMatchObject({
      startError: null,
      secondRecall: null,
      recall: { share: null },
    });
  });

  it('has intervals after Wilson', () => {
    const { low, high } = share(20, 24);
    expect(low).toBeCloseTo(0.641, 3);
    expect(high).toBeCloseTo(0.933, 3);
    expect(share(10, 10)).toMatchObject({ share: 1, high: 1 });
  });
});
