import type { FindingSource } from '../domain/detection-rules.ts';
import type { Finding } from './finding.ts';

/**
 * Findings heard and findings seen are decided on apart: muting does not touch the picture, a black picture does not
 * touch the sound. A finding about the whole recording, or about an unanalysed part, stays alone.
 */
export type Sense = 'heard' | 'seen' | 'read' | 'alone';

const senses: Record<FindingSource, Sense> = {
  audio_match: 'heard',
  music: 'heard',
  picture_match: 'seen',
  film: 'seen',
  notice: 'seen',
  subtitle: 'read',
  tag: 'alone',
  not_analysed: 'alone',
  declared: 'alone',
  attendance: 'alone',
};

export const senseOf = (source: FindingSource): Sense => senses[source];

/** A finding that lasts longer than half of the recording stays alone, or everything would be one segment. */
export const senseOfStretch = (
  source: FindingSource,
  { startMs, endMs }: { readonly startMs: number; readonly endMs: number },
  wholeMs: number,
): Sense => (endMs - startMs > wholeMs / 2 ? 'alone' : senseOf(source));

/** Findings that a reviewer decides on together. */
export interface FindingGroup {
  readonly sense: Sense;
  readonly startMs: number;
  readonly endMs: number;
  readonly findings: readonly Finding[];
}

export interface Grouping {
  /** Findings this close to each other are one segment. */
  readonly gapMs: number;
  readonly wholeMs: number;
}

/** Joins findings of one sense that overlap or nearly touch, in order of time. */
export function groupFindings(findings: readonly Finding[], { gapMs, wholeMs }: Grouping): FindingGroup[] {
  const open = new Map<Sense, FindingGroup>();
  const groups: FindingGroup[] = [];
  for (const finding of findings.toSorted((a, b) => a.startMs - b.startMs || a.endMs - b.endMs)) {
    const { startMs, endMs } = finding;
    const sense = senseOfStretch(finding.source, finding, wholeMs);
    const last = open.get(sense);
    if (sense === 'alone' || last === undefined || startMs - last.endMs > gapMs) {
      if (last !== undefined) groups.push(last);
      open.set(sense, { sense, startMs, endMs, findings: [finding] });
    } else open.set(sense, { ...last, endMs: Math.max(last.endMs, endMs), findings: [...last.findings, finding] });
  }
  return [...groups, ...open.values()].toSorted((a, b) => a.startMs - b.startMs || a.endMs - b.endMs);
}
