import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Finding } from '../../../src/detection/finding.ts';
import { groupFindings } from '../../../src/detection/segments.ts';
import { finding } from '../../support/findings.ts';

const grouping = { gapMs: 3_000, wholeMs: 600_000 };
const groups = (...findings: Finding[]) =>
  groupFindings(findings, grouping).map(({ startMs, endMs, findings: of }) => [
    startMs / 1000,
    endMs / 1000,
    of.length,
  ]);

describe('segments', () => {
  it('are the union of what overlaps, and small gaps are closed', () => {
    expect(groups(finding('music', 10, 30), finding('audio_match', 20, 45), finding('music', 47, 60))).toEqual([
      [10, 60, 3],
    ]);
    expect(groups(finding('music', 10, 30), finding('music', 33.5, 40))).toEqual([
      [10, 30, 1],
      [33.5, 40, 1],
    ]);
  });

  it('keep what is heard apart from what is seen: muting says nothing of the picture', () => {
    expect(groups(finding('audio_match', 10, 30), finding('picture_match', 10, 30), finding('film', 12, 33))).toEqual([
      [10, 30, 1],
      [10, 33, 2],
    ]);
  });

  it('leave alone what concerns the whole recording, what lasts longer than half of it, and what is not known', () => {
    expect(
      groups(
        finding('tag', 0, 600),
        finding('not_analysed', 5, 8),
        finding('not_analysed', 6, 9),
        finding('music', 5, 400),
      ),
    ).toHaveLength(4);
    expect(groups(finding('music', 0, 400), finding('music', 390, 410))).toHaveLength(2);
  });

  it('lose nothing, whatever comes: every finding is in one segment that covers it', () => {
    const sources: Finding['source'][] = [
      'audio_match',
      'music',
      'picture_match',
      'film',
      'notice',
      'subtitle',
      'tag',
      'not_analysed',
    ];
    const anything = fc
      .record({ source: fc.constantFrom(...sources), from: fc.nat(590), length: fc.nat(500) })
      .map(({ source, from, length }) => finding(source, from, Math.min(600, from + length)));
    fc.assert(
      fc.property(fc.array(anything), fc.nat(10_000), (findings, gapMs) => {
        const found = groupFindings(findings, { ...grouping, gapMs });
        expect(found.flatMap(({ findings: of }) => of).toSorted(byKey)).toEqual(findings.toSorted(byKey));
        for (const { startMs, endMs, findings: of } of found) {
          expect(startMs).toBe(Math.min(...of.map((each) => each.startMs)));
          expect(endMs).toBe(Math.max(...of.map((each) => each.endMs)));
        }
        for (const sense of ['heard', 'seen', 'read']) {
          const own = found.filter((group) => group.sense === sense);
          for (const [at, group] of own.entries())
            if (at > 0) expect(group.startMs - own[at - 1]!.endMs).toBeGreaterThan(gapMs);
        }
      }),
    );
  });
});

const byKey = (a: Finding, b: Finding): number => a.key.localeCompare(b.key);
