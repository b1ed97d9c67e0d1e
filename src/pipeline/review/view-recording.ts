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

type Needs = Pick<Outside, 'database'>;

const newestDecision = { decisions: { orderBy: { id: 'desc' }, take: 1 } } as const;
const withDecision = { ...newestDecision, work: { select: { kind: true } } } as const;
const summaryOf = {
  lesson: { select: { title: true, teacherId: true } },
  sealed: { select: { mediaBytes: true, mediaSha256: true } },
  segments: { include: withDecision, orderBy: { startMs: 'asc' } },
} as const satisfies Prisma.RecordingInclude;
const everything = {
  ...summaryOf,
  renditions: { where: { supersededAt: null }, take: 1 },
  releases: { where: { endedAt: null }, take: 1 },
  erasure: true,
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
    segments: row.segments.map(toSegment),
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

function toSegment(segment: Row['segments'][number]) {
  const decision = segment.decisions[0];
  return {
    id: segment.id,
    source: segment.source,
    startMs: segment.startMs,
    endMs: segment.endMs,
    title: segment.title,
    rightsHolder: segment.rightsHolder,
    claimedGround: segment.claimedGround as Ground | null,
    confidence: segment.confidence,
    page: pageOf(segment),
    evidence: segment.evidence,
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

/** Which page of a document a segment shows: its time in the work tells (`pageMs`). */
function pageOf({ work, evidence }: Row['segments'][number]): number | null {
  const atMs = (evidence as { workStartMs?: unknown } | null)?.workStartMs;
  return work?.kind === 'pages' && typeof atMs === 'number' ? Math.floor(atMs / pageMs) + 1 : null;
}

/** The segments of a recording with the decision that counts, inside a transaction. */
export async function getSegments(db: Transaction['db'], recordingId: Id): Promise<SegmentView[]> {
  const rows = await db.segment.findMany({
    where: { recordingId },
    include: withDecision,
    orderBy: { startMs: 'asc' },
  });
  return rows.map(toSegment);
}
