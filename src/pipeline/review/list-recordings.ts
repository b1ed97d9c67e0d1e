import type { Prisma } from '../../adapters/prisma/generated/client.ts';
import type { Id } from '../../domain/ids.ts';
import { type RecordingState, recordingStates } from '../../domain/lifecycle.ts';
import { hasWords } from '../core/has-words.ts';
import { after, type Moment, pageOf } from '../core/newest-first.ts';
import type { Outside } from '../ports/outside.ts';

type Needs = Pick<Outside, 'database'>;

export const summaryOf = {
  lesson: { select: { title: true, teacherId: true } },
  sealed: { select: { mediaBytes: true, mediaSha256: true } },
  _count: { select: { segments: { where: { isOpen: true } } } },
} as const satisfies Prisma.RecordingInclude;

export interface RecordingQuery {
  /** Null: everybody's. */
  readonly teacherId: Id | null;
  readonly state?: readonly RecordingState[] | undefined;
  readonly lessonId?: Id | undefined;
  /** Every word of it stands in the title of the lesson. */
  readonly words?: string | undefined;
  /** Only those with a segment that waits for a decision. */
  readonly open?: boolean | undefined;
  readonly after?: Moment | undefined;
  readonly limit: number;
}

/** Newest first. A recording that is still arriving does not exist for anybody. */
export async function listRecordings({ database }: Needs, query: RecordingQuery) {
  const { teacherId, state, lessonId, limit } = query;
  const words = hasWords(query.words);
  const found = await database.read.recording.findMany({
    where: {
      state: { in: (state ?? recordingStates).filter((one) => one !== 'receiving') },
      ...(lessonId ? { lessonId } : {}),
      ...(teacherId || words.length > 0 ? { lesson: { ...(teacherId ? { teacherId } : {}), AND: words } } : {}),
      ...(query.open ? { segments: { some: { isOpen: true } } } : {}),
      AND: query.after ? after('createdAt', query.after) : [],
    },
    include: summaryOf,
    orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
    take: limit + 1,
  });
  const { rows, next } = pageOf(found, limit, (row) => row.createdAt);
  return { items: rows.map(toSummary), next };
}

type Row = Prisma.RecordingGetPayload<{ include: typeof summaryOf }>;

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
    durationMs: row.analysedDurationMs ?? row.declaredDurationMs,
    createdAt: row.createdAt,
    openSegments: row._count.segments,
    check: {
      state: row.checkState,
      doneMs: row.checkedMs,
      error: row.checkError,
    },
  };
}
