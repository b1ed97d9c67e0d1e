import type { Finding } from '../../src/detection/finding.ts';

/** A finding from one second to another. */
export const finding = (
  source: Finding['source'],
  from: number,
  until: number,
  more: Partial<Finding> = {},
): Finding => ({
  key: `${source}:${from}:${until}`,
  source,
  startMs: from * 1000,
  endMs: until * 1000,
  confidence: 0.8,
  evidence: {},
  ...more,
});
