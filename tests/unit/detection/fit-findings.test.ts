import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Finding } from '../../../src/detection/finding.ts';
import { findingsOf } from '../../../src/detection/findings.ts';
import { fitFindings } from '../../../src/detection/fit-findings.ts';
import { finding } from '../../support/findings.ts';

const sources = ['audio_match', 'picture_match', 'music', 'film', 'notice', 'subtitle', 'tag', 'not_analysed'] as const;
/** Also before the beginning, behind every end, and no number at all. */
const anyMs = fc.oneof(
  fc.double(),
  fc.integer({ min: -100_000, max: 200_000 }),
  fc.constantFrom(Number.NaN, Infinity, -Infinity, -1, 0, 2 ** 31, 2 ** 53),
);
const anyFinding: fc.Arbitrary<Finding> = fc.record({
  key: fc.uuid(),
  source: fc.constantFrom(...sources),
  startMs: anyMs,
  endMs: anyMs,
  confidence: fc.double(),
  evidence: fc.constant({}),
});

/** As the database demands it, and within the recording. */
function expectWithin(findings: readonly Finding[], wholeMs: number): void {
  const lastMs = Math.min(Math.max(0, Math.ceil(wholeMs) || 0), 2 ** 31 - 1);
  for (const { startMs, endMs, confidence } of findings) {
    expect(startMs).toBeGreaterThanOrEqual(0);
    expect(endMs).toBeGreaterThanOrEqual(startMs);
    expect(endMs).toBeLessThanOrEqual(lastMs);
    expect(confidence >= 0 && confidence <= 1).toBe(true);
  }
}

it('brings whatever a detector says into the recording, or says that it was not analysed', () => {
  fc.assert(
    fc.property(fc.array(anyFinding), fc.oneof(fc.nat(150_000), anyMs), (findings, wholeMs) => {
      const fitted = fitFindings(findings, wholeMs);
      expectWithin(fitted, wholeMs);
      for (const { source } of findings)
        expect(fitted.some((each) => each.source === source || each.source === 'not_analysed')).toBe(true);
      expect(new Set(fitted.map(({ key }) => key)).size).toBe(fitted.length);
      expect(fitFindings(fitted, wholeMs)).toEqual(fitted);
    }),
  );
});

it('leaves what lies in the recording as it is', () => {
  const findings = [finding('music', 0, 10), finding('film', 3, 7), finding('not_analysed', 10, 10)];
  expect(fitFindings(findings, 10_000)).toEqual(findings);
});

it('cuts what reaches out, and points at the end for what lies outside', () => {
  const findings = [finding('music', -1, 4), finding('film', 8, 99), finding('film', 50, 60), finding('film', 70, 80)];
  expect(fitFindings(findings, 10_000)).toMatchObject([
    { source: 'music', startMs: 0, endMs: 4_000 },
    { source: 'film', startMs: 8_000, endMs: 10_000 },
    {
      source: 'not_analysed',
      startMs: 9_000,
      endMs: 10_000,
      evidence: { why: 'OUT_OF_RANGE', of: 'film', count: 2 },
    },
  ]);
});

it('holds for every detector of a check', () => {
  const anyStretch = fc.record({ startMs: anyMs, endMs: anyMs, confidence: fc.double() });
  const place = { x: 0, y: 0, width: 1, height: 1 };
  const work = { id: 'w', title: 'Song', rightsHolder: null };
  fc.assert(
    fc.property(
      fc.array(anyStretch, { maxLength: 5 }),
      fc.oneof(fc.nat(100_000), fc.constant(0)),
      fc.option(fc.double({ min: 0, noNaN: true }), { nil: null }),
      fc.double(),
      (stretches, analysedDurationMs, declaredDurationMs, strength) => {
        const tags = [{ stream: null, name: 'copyright', value: 'x' }];
        const times = stretches.map((each) => ({ ...each, workStartMs: 0, workEndMs: 1 }));
        const found = findingsOf(
          { declaredDurationMs, tags },
          {
            analysedDurationMs,
            subtitles: stretches.map((each) => ({ ...each, stream: 2, text: '© Somebody' })),
            notAnalysed: stretches.map((each) => ({ ...each, stream: null, why: 'DAMAGED' })),
          },
          {
            heard: times.map((match) => ({ stream: 1, work, match: { ...match, strength, least: 6.5 } })),
            seen: times.map((match) => ({
              stream: 0,
              work,
              match: { ...match, seen: 1, bestDistance: strength, place, moves: true },
            })),
          },
          {
            music: new Map([[1, stretches]]),
            films: new Map([[0, stretches.map((each) => ({ ...each, cuts: 1, place }))]]),
            notices: new Map([
              [0, stretches.map((each) => ({ ...each, kind: 'rights_notice' as const, text: '©', place }))],
            ]),
          },
        );
        expectWithin(found, Math.max(analysedDurationMs, declaredDurationMs ?? 0));
      },
    ),
  );
});
