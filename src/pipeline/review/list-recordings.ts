import type { Prisma } from '../../adapters/prisma/generated/client.ts';
import type { Id } from '../../domain/ids.ts';
import type { RecordingState } from '../../domain/lifecycle.ts';
import type { Outside } from '../ports/outside.ts';

type Needs = Pick<Outside, 'database'>;

export const wholeSegment = {
  decisions: { orderBy: { id: 'desc' }, take: 1 },
  findings: { orderBy: { startMs: 'asc' }, include: { work: { select: { kind: true } } } },
} as const satisfies Prisma.SegmentInclude;
export const summaryOf = {
  lesson: { select: { title: true, teacherId: true } },
  sealed: { select: { mediaBytes: true, mediaSha256: true } },
  segments: { include: wholeSegment, orderBy: { startMs: 'asc' } },
} as const satisfies Prisma.RecordingInclude;

/** Newest first. A recording that is still arriving does not exist for anybody. */
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

export type Row = Prisma.RecordingGetPayload<{ include: typeof summaryOf }>;

export function toSummary(row: Row) {
  return {
    id: row.id,
    lessonId: row.lessonId,
    lessonTitle: row.lesson.title,
    state: row.state,
    stateCodes: row.stateCodes,
    stateNote: row.stateNote,
    fileName: row.fileName,
    mediaType: row.mediaType,
    bytes: Number(row.sealed?.mediaBytes ?? 0),
    durationMs: row.declaredDurationMs ?? row.analysedDurationMs,
    createdAt: row.createdAt,
    openSegments: row.segments.filter(({ isOpen }) => isOpen).length,
    check: {
      state: row.checkState,
      doneMs: row.checkedMs,
      error: row.checkError,
    },
  };
}
