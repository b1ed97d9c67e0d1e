import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planTimeline } from '../../../../src/adapters/ffmpeg/timeline.ts';
import { type Cue, sortCues } from '../../../../src/domain/captions/cue.ts';
import { cuesOfRendition, takenOutMark, withoutNames } from '../../../../src/domain/captions/rendition-cues.ts';
import type { Edit } from '../../../../src/domain/decision.ts';
import { movedTime } from '../../../../src/domain/rendition-time.ts';

const cue = (startMs: number, endMs: number, text: string, speaker: string | null = null): Cue => ({
  startMs,
  endMs,
  text,
  speaker,
});
const takenOut = (edits: readonly Edit[], rate: number | null) => {
  const { removed, muted, toned } = planTimeline(edits, rate);
  return { removed, unheard: [...muted, ...toned] };
};
const edit = (kind: Edit['kind'], startMs: number, endMs: number): Edit => ({ kind, startMs, endMs });

describe('cues of a rendition', () => {
  it('go with what was cut, lose their text where they reach into it, and follow the picture after it', () => {
    const cues = [
      cue(9_000, 10_000, 'before', 'Ada'),
      cue(9_500, 10_500, 'into the cut'),
      cue(12_000, 19_000, 'inside'),
      cue(19_000, 21_000, 'out of the cut'),
      cue(20_000, 21_000, 'after'),
    ];
    // Two seconds of the cut stay as a slate, in silence.
    expect(cuesOfRendition(cues, takenOut([edit('cut', 10_000, 20_000)], 25))).toEqual([
      cue(9_000, 10_000, 'before', 'Ada'),
      cue(9_500, 10_000, takenOutMark),
      cue(12_000, 13_000, takenOutMark),
      cue(12_000, 13_000, 'after'),
    ]);
  });

  it('are silent where the sound is: muted, or under a tone', () => {
    const cues = [
      cue(0, 10_000, 'around'),
      cue(4_000, 6_000, 'muted'),
      cue(5_900, 8_000, 'out of it'),
      cue(20_000, 30_000, 'tone'),
    ];
    const edits = [edit('mute', 4_000, 6_000), edit('tone', 25_000, 40_000)];
    expect(cuesOfRendition(cues, takenOut(edits, null))).toEqual([
      cue(0, 10_000, takenOutMark),
      cue(6_000, 8_000, takenOutMark),
      cue(20_000, 25_000, takenOutMark),
    ]);
  });

  it('stay where only the picture is covered', () => {
    const cues = [cue(0, 1_000, 'a')];
    expect(cuesOfRendition(cues, takenOut([edit('black_out', 0, 5_000), edit('blur', 0, 5_000)], 25))).toEqual(cues);
  });

  const edits = fc.array(
    fc
      .tuple(
        fc.constantFrom<Edit['kind']>('cut', 'mute', 'tone', 'blur'),
        fc.nat(60_000),
        fc.integer({ min: 1, max: 20_000 }),
      )
      .map(([kind, startMs, length]) => edit(kind, startMs, startMs + length)),
    { maxLength: 8 },
  );
  const cues = fc.array(fc.tuple(fc.nat(80_000), fc.integer({ min: 1, max: 8_000 })), { maxLength: 40 }).map((all) =>
    sortCues(all.map(([startMs, length]) => cue(startMs, startMs + length, '', 'Ada'))).map((one, at) => ({
      ...one,
      text: `cue ${at}`,
    })),
  );
  const rate = fc.constantFrom(null, 25, 30, 29.97);

  it('no text of a second that is not heard any more survives, and everything else does', () => {
    fc.assert(
      fc.property(cues, edits, rate, (all, decided, frames) => {
        const { removed, unheard } = takenOut(decided, frames);
        const kept = new Map(cuesOfRendition(all, { removed, unheard }).map((one) => [one.text, one]));
        for (const one of all) {
          const touches = [...removed, ...unheard].some(
            ({ start, end }) => one.startMs / 1000 < end && start < one.endMs / 1000,
          );
          const asked = decided.some(
            ({ kind, startMs, endMs }) => kind !== 'blur' && startMs < one.endMs && one.startMs < endMs,
          );
          if (asked) expect(kept.has(one.text)).toBe(false);
          expect(kept.has(one.text)).toBe(!touches);
          const moved = kept.get(one.text);
          if (moved) {
            expect(moved.startMs).toBe(Math.round(1000 * movedTime({ removed }, one.startMs / 1000)));
            expect(moved.endMs - moved.startMs).toBeGreaterThanOrEqual(one.endMs - one.startMs - 1);
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  it('keep their order and a length, and end with the rendition', () => {
    fc.assert(
      fc.property(cues, edits, rate, (all, decided, frames) => {
        const parts = takenOut(decided, frames);
        const kept = cuesOfRendition(all, parts);
        const endMs = Math.ceil(1000 * movedTime(parts, 100));
        expect(kept).toEqual(sortCues(kept));
        for (const one of kept) expect(one.endMs).toBeGreaterThan(one.startMs);
        for (const one of kept) expect(one.endMs).toBeLessThanOrEqual(endMs);
        const numbers = kept.flatMap(({ text }) => (text === takenOutMark ? [] : [Number(text.slice(4))]));
        expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
      }),
    );
  });
});

it('names are left out, and a dash shows where somebody else begins', () => {
  const cues = [cue(0, 1, 'a', 'Ada'), cue(1, 2, 'b', 'Ada'), cue(2, 3, 'c'), cue(3, 4, 'd', 'Can')];
  expect(withoutNames(cues)).toEqual([cue(0, 1, 'a'), cue(1, 2, 'b'), cue(2, 3, 'c'), cue(3, 4, '– d')]);
});
