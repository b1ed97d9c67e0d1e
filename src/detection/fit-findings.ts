import type { FindingSource } from '../domain/detection-rules.ts';
import type { Finding } from './finding.ts';

/** A column of the database holds no later time: 24 days. */
const latestMs = 2 ** 31 - 1;
/** What lies outside is pointed at by so much of the end of the recording. */
const pointedAtMs = 1_000;

/**
 * Findings as they lie in a recording of `wholeMs`: a detector's times come from an untrusted file and may be before its
 * beginning, behind its end, the wrong way round or no numbers. One that reaches into the recording is cut to it. Those
 * of a source that lie outside are one `not_analysed` finding at the end: what the detector meant is not known, and that
 * never counts as clean. Repeatable: what fits stays as it is.
 */
export function fitFindings(findings: readonly Finding[], wholeMs: number): Finding[] {
  const lastMs = Number.isFinite(wholeMs) ? Math.min(Math.max(Math.ceil(wholeMs), 0), latestMs) : 0;
  const within = (ms: number) => Math.min(Math.max(ms, 0), lastMs);
  const outside = new Map<FindingSource, number>();
  const fitting = findings.flatMap((finding): Finding[] => {
    const { source, confidence } = finding;
    const [startMs, endMs] = [finding.startMs, finding.endMs].toSorted((a, b) => a - b) as [number, number];
    const isOutside = Number.isNaN(startMs + endMs) || endMs < 0 || startMs > lastMs;
    const isBehind = startMs === lastMs && endMs > lastMs && lastMs > 0;
    if ((isOutside || isBehind) && source !== 'not_analysed') {
      outside.set(source, (outside.get(source) ?? 0) + 1);
      return [];
    }
    const range = isOutside ? { startMs: 0, endMs: lastMs } : { startMs: within(startMs), endMs: within(endMs) };
    return [{ ...finding, ...range, confidence: confidence >= 0 ? Math.min(confidence, 1) : 0 }];
  });
  return [
    ...fitting,
    ...[...outside].map(([of, count]) => ({
      key: `not_analysed:outside:${of}`,
      source: 'not_analysed' as const,
      startMs: Math.max(0, lastMs - pointedAtMs),
      endMs: lastMs,
      confidence: 0,
      evidence: { stream: null, why: 'OUT_OF_RANGE', of, count },
    })),
  ];
}
