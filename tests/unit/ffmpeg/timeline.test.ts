import { describe, expect, test } from 'vitest';
import { soundFilter } from '../../../src/adapters/ffmpeg/sound-filter.ts';
import { planTimeline } from '../../../src/adapters/ffmpeg/timeline.ts';
import { movedTime } from '../../../src/domain/rendition-time.ts';

const cut = (startMs: number, endMs: number) => ({ kind: 'cut', startMs, endMs }) as const;

describe('a timeline', () => {
  test('widens what concerns the picture to whole frames, and nothing else', () => {
    const { covers, muted } = planTimeline(
      [
        { kind: 'black_out', startMs: 1_010, endMs: 1_990 },
        { kind: 'mute', startMs: 1_010, endMs: 1_990 },
      ],
      25,
    );
    expect(covers).toEqual([{ kind: 'black_out', start: 1, end: 2 }]);
    expect(muted).toEqual([{ start: 1.01, end: 1.99 }]);
  });
  test.each([
    ['on a frame', 1_000, 2_000, 1, 2],
    ['on a frame that floating point misses', 1_120, 2_280, 1.12, 2.28],
    ['a millisecond before a frame', 999, 2_000, 0.96, 2],
    ['a millisecond after one', 1_000, 2_001, 1, 2.04],
  ])('begins and ends %s', (_, startMs, endMs, start, end) => {
    const [range] = planTimeline([{ kind: 'blur', startMs, endMs }], 25).covers;
    expect(range!.start).toBeCloseTo(start, 9);
    expect(range!.end).toBeCloseTo(end, 9);
  });
  test('counts frames from where it is told to', () => {
    const [range] = planTimeline([{ kind: 'blur', startMs: 1_000, endMs: 2_000 }], 25, () => 0.01).covers;
    expect(range!.start).toBeCloseTo(0.97, 9);
    expect(range!.end).toBeCloseTo(2.01, 9);
  });
  test('announces a long cut for two seconds, and a short one for half of it', () => {
    const { covers, muted, removed } = planTimeline([cut(10_000, 30_000), cut(50_000, 51_000)], 25);
    expect(covers.map(({ start, end }) => [start, end])).toEqual([
      [10, 12],
      [50, 50.52],
    ]);
    expect(muted).toEqual(covers.map(({ start, end }) => ({ start, end })));
    expect(removed).toEqual([
      { start: 12, end: 30 },
      { start: 50.52, end: 51 },
    ]);
  });
  test('joins cuts that overlap before anything else', () => {
    expect(planTimeline([cut(1_000, 6_000), cut(4_000, 9_000)], 25).removed).toEqual([{ start: 3, end: 9 }]);
  });
  test('cuts sound alone where it says', () => {
    expect(planTimeline([cut(1_001, 2_002)], null)).toEqual({
      muted: [],
      toned: [],
      covers: [],
      removed: [{ start: 1.001, end: 2.002 }],
    });
  });
  test.each([
    [0, 0],
    [12, 12],
    [20, 12],
    [30, 12],
    [31, 13],
    [60, 41.52],
  ])('moves %d s to %d s', (from, to) => {
    expect(movedTime(planTimeline([cut(10_000, 30_000), cut(50_000, 51_000)], 25), from)).toBeCloseTo(to, 9);
  });
});

test('silence wins where a tone and a mute overlap', () => {
  const filter = soundFilter(
    planTimeline(
      [
        { kind: 'tone', startMs: 1_000, endMs: 4_000 },
        { kind: 'mute', startMs: 2_000, endMs: 3_000 },
      ],
      null,
    ),
  );
  const tones = /aeval=.*enable='([^']*)'/.exec(filter)![1]!;
  expect(tones.split('+')).toHaveLength(2);
  expect(tones).toContain('lt(t,1.999990)');
});
