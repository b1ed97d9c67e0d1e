import type { Prisma } from '../../adapters/prisma/generated/client.ts';
import { pageMs } from '../../detection/picture-match.ts';
import type { DecisionKind, Ground, Region, SegmentView } from '../../domain/decision.ts';
import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import type { RecordingState } from '../../domain/lifecycle.ts';
import type { Audience } from '../../domain/permission.ts';
import type { ErasureReason } from '../../domain/retention.ts';
import type { MediaProbe, Outside, Transaction } from '../ports.ts';
import { findFate } from '../retention/preview.ts';
import { toChange } from '../retention/settle-change.ts';

type Needs = Pick<Outside, 'database'>;

const wholeSegment = {
  decisions: { orderBy: { id: 'desc' }, take: 1 },
  findings: { orderBy: { startMs: 'asc' }, include: { work: { select: { kind: true } } } },
} as const satisfies Prisma.SegmentInclude;
const summaryOf = {
  lesson: { select: { title: true, teacherId: true } },
  sealed: { select: { mediaBytes: true, mediaSha256: true } },
  segments: { include: wholeSegment, orderBy: { startMs: 'asc' } },
} as const satisfies Prisma.RecordingInclude;
const everything = {
  ...summaryOf,
  renditions: { where: { supersededAt: null }, take: 1 },
  releases: { where: { endedAt: null }, take: 1 },
  erasure: true,
  changes: { where: { state: 'waiting' }, take: 1 },
  reSeal: true,
} as const satisfies Prisma.RecordingInclude;

/** Newest first. A recording that is still arriving is not there for anybody. */
export async function listRecordings(
  { database }: Needs,
  filter: { teacherId: Id | null; state?: RecordingState | undefined; lessonId?: Id | undefined },
) {
  const rows = await database.read.recording.findMany({
    where: {
      state: filter.state && filter.state !== 'receiving' ? filter.state : { not: 'receiving' },
      ...(filter.lessonId ? { lessonId: filter.lessonId } : {}),
      ...(filter.teacherId ? { lesson: { teacherId: filter.teacherId } } : {}),
    },
    include: summaryOf,
    orderBy: { createdAt: 'desc' },
    take: 500,
  });
  return rows.map(toSummary);
}

/** @throws Refusal `NOT_FOUND`. */
export async function getRecording({ database, clock }: Pick<Outside, 'database' | 'clock'>, recordingId: Id) {
  const row = await database.read.recording.findUnique({ where: { id: recordingId }, include: everything });
  if (!row || row.state === 'receiving') throw new Refusal('NOT_FOUND');
  const rendition = row.renditions[0];
  const release = row.releases[0];
  return {
    ...toSummary(row),
    uploaderId: row.uploaderId,
    analysedDurationMs: row.analysedDurationMs,
    mediaSha256: row.sealed?.mediaSha256 ?? null,
    warnings: [...((row.probe as unknown as MediaProbe | null)?.warnings ?? [])],
    clearedById: row.clearedById,
    approvedById: row.approvedById,
    segments: row.segments.map((segment) => toSegment(segment, row.segments)),
    rendition: rendition
      ? {
          id: rendition.id,
          state: rendition.state as 'making' | 'ready' | 'failed',
          doneMs: rendition.renderedMs,
          error: rendition.error,
        }
      : null,
    release: release
      ? {
          id: release.id,
          audience: release.audience as Audience,
          endsAt: release.endsAt,
          releasedAt: release.releasedAt,
        }
      : null,
    fate: await findFate({ database, clock }, recordingId),
    erasure: row.erasure && {
      state: row.erasure.state as 'removing' | 'held' | 'done',
      why: row.erasure.why as ErasureReason,
      startedAt: row.erasure.startedAt,
      finishedAt: row.erasure.finishedAt,
      heldUntil: row.erasure.retryAt,
    },
    erasureAsked: row.changes[0] ? toChange(row.changes[0]) : null,
    reSeal: row.reSeal && {
      state: row.reSeal.state as 'waiting' | 'running' | 'done' | 'failed',
      doneBytes: Number(row.reSeal.doneBytes),
      totalBytes: Number(row.reSeal.totalBytes),
      error: row.reSeal.error,
    },
  };
}

type Row = Prisma.RecordingGetPayload<{ include: typeof summaryOf }>;

function toSummary(row: Row) {
  return {
    id: row.id,
    lessonId: row.lessonId,
    lessonTitle: row.lesson.title,
    state: row.state,
    stateReason: row.stateReason,
    fileName: row.fileName,
    mediaType: row.mediaType,
    bytes: Number(row.sealed?.mediaBytes ?? 0),
    durationMs: row.declaredDurationMs ?? row.analysedDurationMs,
    createdAt: row.createdAt,
    openSegments: row.segments.filter((segment) => segment.decisions.length === 0).length,
    check: {
      state: row.checkState as 'waiting' | 'running' | 'done' | 'failed',
      doneMs: row.checkedMs,
      error: row.checkError,
    },
  };
}

type SegmentRow = Row['segments'][number];

function toSegment(segment: SegmentRow, others: readonly SegmentRow[]) {
  const decision = segment.decisions[0];
  const findings = segment.findings.toSorted(byWeight);
  const [lead] = findings;
  return {
    id: segment.id,
    source: lead!.source,
    startMs: segment.startMs,
    endMs: segment.endMs,
    title: lead!.title,
    rightsHolder: lead!.rightsHolder,
    claimedGround: segment.claimedGround as Ground | null,
    confidence: lead!.confidence,
    findings: findings.map(toFinding),
    declaredBy: segment.declaredById === null ? others.filter((other) => covers(other, segment)).map(toDeclared) : [],
    decision: decision
      ? {
          kind: decision.kind as DecisionKind,
          ground: decision.ground as Ground | null,
          note: decision.note,
          region: decision.region as Region | null,
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

/** Which page of a document is shown: its time in the work tells (`pageMs`). */
function pageOf({ work, evidence }: FindingRow): number | null {
  const atMs = (evidence as { workStartMs?: unknown } | null)?.workStartMs;
  return work?.kind === 'pages' && typeof atMs === 'number' ? Math.floor(atMs / pageMs) + 1 : null;
}

/** A registered work says more than a guess, and a sure finding more than an unsure one. */
const byWeight = (a: FindingRow, b: FindingRow): number =>
  Number(b.workId !== null) - Number(a.workId !== null) || b.confidence - a.confidence;

/** Who declares material says when it is shown to the second or two. */
const declaredSlackMs = 2_000;

const covers = (declared: SegmentRow, { startMs, endMs }: SegmentRow): boolean =>
  declared.declaredById !== null &&
  declared.startMs <= startMs + declaredSlackMs &&
  declared.endMs >= endMs - declaredSlackMs;

const toDeclared = ({ id, findings: [lead], claimedGround }: SegmentRow) => ({
  segmentId: id,
  title: lead!.title,
  claimedGround: claimedGround as Ground | null,
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
