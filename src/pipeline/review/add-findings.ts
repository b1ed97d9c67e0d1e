import type { Prisma } from '../../adapters/prisma/generated/client.ts';
import type { Finding } from '../../detection/finding.ts';
import { fitFindings } from '../../detection/fit-findings.ts';
import { type FindingGroup, type Grouping, groupFindings, senseOf, senseOfStretch } from '../../detection/segments.ts';
import type { FindingSource } from '../../domain/detection-rules.ts';
import type { Id } from '../../domain/ids.ts';
import { mustHave } from '../../domain/must-have.ts';
import { storableJson, storableMs, storableText } from '../core/storable.ts';
import type { Transaction } from '../ports/database.ts';

/**
 * Adds what is new to the segments of a recording, as far as it lies in it. A segment without a decision takes in what touches it. A decided
 * segment stays as it is, and a new finding beside it becomes a segment of its own. Returns the new findings.
 */
export async function addFindings(
  { db }: Transaction,
  recordingId: Id,
  findings: readonly Finding[],
  grouping: Grouping,
): Promise<Finding[]> {
  const known = await db.finding.findMany({
    where: { recordingId },
    select: { key: true, source: true, workId: true, rightsHolder: true, startMs: true, endMs: true },
  });
  const fitting = fitFindings(findings, grouping.wholeMs);
  const fresh = fitting.filter((finding) => !known.some((each) => isSame(each, finding)));
  const undecided = await db.segment.findMany({
    where: { recordingId, isOpen: true },
    // Of several that it touches, a finding goes into the first.
    orderBy: [{ startMs: 'asc' }, { id: 'asc' }],
    select: { id: true, startMs: true, endMs: true, findings: { select: { source: true }, take: 1 } },
  });
  const segments = undecided.map(({ findings: [first], ...segment }) => ({
    ...segment,
    sense: senseOfStretch(mustHave(first, 'finding in a segment').source, segment, grouping.wholeMs),
  }));
  for (const group of groupFindings(fresh, grouping)) {
    const range = rangeOf(group);
    const near = segments.find((segment) => touches(segment, group, grouping.gapMs));
    if (near === undefined) {
      const { id } = await db.segment.create({ data: { recordingId, ...range }, select: { id: true } });
      segments.push({ id, ...range, sense: group.sense });
      await db.finding.createMany({ data: group.findings.map((finding) => toRow(recordingId, id, finding)) });
      continue;
    }
    near.startMs = Math.min(near.startMs, range.startMs);
    near.endMs = Math.max(near.endMs, range.endMs);
    await db.segment.update({ where: { id: near.id }, data: { startMs: near.startMs, endMs: near.endMs } });
    await db.finding.createMany({ data: group.findings.map((finding) => toRow(recordingId, near.id, finding)) });
  }
  return fresh;
}

function touches(
  segment: { startMs: number; endMs: number; sense: string },
  group: FindingGroup,
  gapMs: number,
): boolean {
  if (group.sense === 'alone' || segment.sense !== group.sense) return false;
  return group.startMs - segment.endMs <= gapMs && segment.startMs - group.endMs <= gapMs;
}

/** A newer detector may see the edges of the same thing elsewhere: half of the shorter one in common is the same. */
function isSame(
  known: {
    readonly key: string;
    readonly source: FindingSource;
    readonly workId: string | null;
    readonly rightsHolder: string | null;
    readonly startMs: number;
    readonly endMs: number;
  },
  { key, source, workId, rightsHolder, startMs, endMs }: Finding,
): boolean {
  if (known.key === key) return true;
  if (known.source !== source || known.workId !== (workId ?? null)) return false;
  const hasEdges = ['heard', 'seen'].includes(senseOf(source));
  if (!hasEdges || (source === 'notice' && known.rightsHolder !== (rightsHolder ?? null))) return false;
  const overlapMs = Math.min(known.endMs, endMs) - Math.max(known.startMs, startMs);
  return overlapMs > Math.min(known.endMs - known.startMs, endMs - startMs) / 2;
}

const rangeOf = ({ startMs, endMs }: { readonly startMs: number; readonly endMs: number }) => ({
  startMs: storableMs(Math.floor(startMs)),
  endMs: storableMs(Math.ceil(endMs)),
});

function toRow(recordingId: Id, segmentId: Id, finding: Finding): Prisma.FindingCreateManyInput {
  return {
    segmentId,
    recordingId,
    key: finding.key,
    source: finding.source,
    ...rangeOf(finding),
    title: finding.title === undefined ? null : storableText(finding.title),
    rightsHolder: finding.rightsHolder === undefined ? null : storableText(finding.rightsHolder),
    workId: finding.workId ?? null,
    confidence: finding.confidence,
    evidence: storableJson(finding.evidence),
  };
}
