import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import type { UploadState } from '../../domain/lifecycle.ts';
import type { Reason } from '../../domain/reason.ts';
import { readMetadata, readRefusals } from '../core/stored-json.ts';
import type { Outside } from '../ports/outside.ts';

type Needs = Pick<Outside, 'database'>;

export const withLesson = { lesson: { select: { title: true } } } as const;

/** Progress of an upload; one that has become a recording says so. @throws Refusal `NOT_FOUND`. */
export async function getUpload({ database }: Needs, uploadId: Id) {
  const row = await database.read.upload.findUnique({ where: { id: uploadId }, include: withLesson });
  if (row) return toView(row);
  const recording = await database.read.recording.findUnique({
    where: { id: uploadId },
    include: { ...withLesson, sealed: { select: { mediaBytes: true } } },
  });
  if (!recording || recording.state === 'receiving') throw new Refusal('NOT_FOUND');
  const bytes = Number(recording.sealed?.mediaBytes ?? recording.declaredBytes ?? 0);
  return {
    id: uploadId,
    lessonId: recording.lessonId,
    lessonTitle: recording.lesson.title,
    state: 'sealed' as const,
    bytes,
    offset: bytes,
    sealedShare: 1,
    fileName: recording.fileName,
    fileModifiedAt: null,
    createdAt: recording.createdAt,
    expiresAt: null,
    code: null,
    reasons: [] as Reason[],
  };
}

export function toView(row: {
  id: Id;
  lessonId: Id;
  lesson: { title: string };
  state: UploadState;
  bytes: bigint;
  offset: bigint;
  sealedBytes: bigint | null;
  fileName: string | null;
  createdAt: Date;
  expiresAt: Date;
  metadata: unknown;
  reasons: unknown;
}) {
  const [why] = row.reasons === null ? [] : readRefusals(row.reasons);
  const bytes = Number(row.bytes);
  return {
    id: row.id,
    lessonId: row.lessonId,
    lessonTitle: row.lesson.title,
    state: row.state,
    bytes,
    offset: Number(row.offset),
    sealedShare: bytes === 0 ? 0 : Math.min(1, Number(row.sealedBytes ?? 0) / (2 * bytes)),
    fileName: row.fileName,
    fileModifiedAt: modifiedAt(row.metadata),
    createdAt: row.createdAt,
    expiresAt: row.expiresAt as Date | null,
    code: why?.code ?? null,
    reasons: why?.reasons ?? [],
  };
}

/** What the sender said in `lastmodified`, milliseconds since 1970; null when it said nothing of use. */
function modifiedAt(metadata: unknown): Date | null {
  const { lastmodified } = readMetadata(metadata);
  const at = new Date(/^\d{1,15}$/.test(String(lastmodified)) ? Number(lastmodified) : Number.NaN);
  return Number.isNaN(at.getTime()) ? null : at;
}
