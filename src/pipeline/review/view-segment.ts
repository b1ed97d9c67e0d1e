import type { Prisma } from '../../adapters/prisma/generated/client.ts';
import { pageMs } from '../../detection/picture-match.ts';
import type { SegmentView } from '../../domain/decision.ts';
import type { Id } from '../../domain/ids.ts';
import { orNull } from '../../domain/json.ts';
import { mustHave } from '../../domain/must-have.ts';
import { readEvidence, readRegion } from '../core/stored-json.ts';
import type { Transaction } from '../ports/database.ts';

export const wholeSegment = {
  decisions: { orderBy: { id: 'desc' }, take: 1 },
  findings: { orderBy: { startMs: 'asc' }, include: { work: { select: { kind: true } } } },
} as const satisfies Prisma.SegmentInclude;

type SegmentRow = Prisma.SegmentGetPayload<{ include: typeof wholeSegment }>;

export function toSegment(segment: SegmentRow, others: readonly SegmentRow[]) {
  const decision = segment.decisions[0];
  const findings = segment.findings.toSorted(byWeight);
  const lead = mustHave(findings[0], 'finding in a segment');
  return {
    id: segment.id,
    source: lead.source,
    startMs: segment.startMs,
    endMs: segment.endMs,
    title: lead.title,
    rightsHolder: lead.rightsHolder,
    claimedGround: segment.claimedGround,
    confidence: lead.confidence,
    findings: findings.map(toFinding),
    declaredBy: segment.declaredById === null ? others.filter((other) => covers(other, segment)).map(toDeclared) : [],
    // Without a kind: it was taken back.
    decision: decision?.kind
      ? {
          kind: decision.kind,
          ground: decision.ground,
          note: decision.note,
          region: orNull(readRegion)(decision.region),
          startMs: decision.startMs,
          endMs: decision.endMs,
          decidedById: decision.decidedById,
          decidedAt: decision.decidedAt,
        }
      : null,
  };
}

type FindingRow = SegmentRow['findings'][number];

const toFinding = (finding: FindingRow) => ({
  source: finding.source,
  startMs: finding.startMs,
  endMs: finding.endMs,
  title: finding.title,
  rightsHolder: finding.rightsHolder,
  workId: finding.workId,
  page: pageOf(finding),
  confidence: finding.confidence,
  evidence: finding.evidence,
});

/** The page of a document that is shown, by its time in the work (`pageMs`). */
function pageOf({ work, evidence }: FindingRow): number | null {
  if (work?.kind !== 'pages') return null;
  const { workStartMs: atMs } = readEvidence(evidence);
  return atMs === undefined ? null : Math.floor(atMs / pageMs) + 1;
}

/** A registered work says more than a guess, and a sure finding more than an unsure one. */
const byWeight = (a: FindingRow, b: FindingRow): number =>
  Number(b.workId !== null) - Number(a.workId !== null) || b.confidence - a.confidence;

/** A person who declares material says when it is shown, to a second or two. */
const declaredSlackMs = 2_000;

const covers = (declared: SegmentRow, { startMs, endMs }: SegmentRow): boolean =>
  declared.declaredById !== null &&
  declared.startMs <= startMs + declaredSlackMs &&
  declared.endMs >= endMs - declaredSlackMs;

const toDeclared = ({ id, findings: [lead], claimedGround }: SegmentRow) => ({
  segmentId: id,
  title: mustHave(lead, 'finding in a segment').title,
  claimedGround,
});

/** The segments of a recording with the decision that counts, inside a transaction. */
export async function getSegments(db: Transaction['db'], recordingId: Id): Promise<SegmentView[]> {
  const rows = await db.segment.findMany({
    where: { recordingId },
    include: wholeSegment,
    orderBy: { startMs: 'asc' },
  });
  return rows.map((row) => toSegment(row, rows));
}
