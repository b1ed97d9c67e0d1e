import type { Prisma } from '../../adapters/prisma/generated/client.ts';
import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import { orNull } from '../../domain/json.ts';
import { listRemovals } from '../attendance/list-removals.ts';
import { readLayout, readProbe } from '../core/stored-json.ts';
import type { Outside } from '../ports/outside.ts';
import { findFate } from '../retention/find-fate.ts';
import { toChange } from '../retention/list-changes.ts';
import { summaryOf, toSummary } from './list-recordings.ts';
import { getCoverage, lengthOfRecording } from './view-coverage.ts';
import { toSegment, wholeSegment } from './view-segment.ts';

const everything = {
  ...summaryOf,
  segments: { include: wholeSegment, orderBy: { startMs: 'asc' } },
  renditions: { where: { supersededAt: null }, take: 1 },
  releases: { where: { endedAt: null }, take: 1 },
  erasure: true,
  changes: { where: { state: 'waiting' }, take: 1 },
  reSeal: true,
  captions: { include: { versions: true }, orderBy: { createdAt: 'asc' } },
} as const satisfies Prisma.RecordingInclude;

/** `showsCoverage`: how far reviewers have come, which is not for the teacher. @throws Refusal `NOT_FOUND`. */
export async function getRecording(
  { database, clock, lookUp }: Pick<Outside, 'database' | 'clock' | 'lookUp'>,
  recordingId: Id,
  { showsCoverage }: { readonly showsCoverage: boolean },
) {
  const row = await database.read.recording.findUnique({ where: { id: recordingId }, include: everything });
  if (!row || row.state === 'receiving') throw new Refusal('NOT_FOUND');
  const rendition = row.renditions[0];
  const release = row.releases[0];
  return {
    ...toSummary(row),
    uploaderId: row.uploaderId,
    analysedDurationMs: row.analysedDurationMs,
    mediaSha256: row.sealed?.mediaSha256 ?? null,
    warnings: orNull(readProbe)(row.probe)?.warnings.slice() ?? [],
    clearedById: row.clearedById,
    approvedById: row.approvedById,
    segments: row.segments.map((segment) => toSegment(segment, row.segments)),
    coverage: showsCoverage ? await getCoverage(database.read, recordingId, lengthOfRecording(row)) : [],
    looksUpAt: lookUp?.host ?? null,
    removals: await listRemovals(database.read, recordingId),
    captions: row.captions.flatMap(({ id, language, current, versions }) =>
      versions
        .filter(({ number }) => number === current)
        .map(({ number, source, cues, showsSpeakers }) => ({
          id,
          language,
          version: number,
          source,
          cues,
          showsSpeakers,
        })),
    ),
    rendition: rendition
      ? {
          id: rendition.id,
          state: rendition.state,
          doneMs: rendition.renderedMs,
          error: rendition.error,
          // Null: nobody knows before it is made.
          hasCaptions: rendition.layout === null ? null : readLayout(rendition.layout).subtitles.length > 0,
        }
      : null,
    release: release
      ? {
          id: release.id,
          audience: release.audience,
          endsAt: release.endsAt,
          releasedAt: release.releasedAt,
        }
      : null,
    fate: await findFate({ database, clock }, recordingId),
    erasure: row.erasure && {
      state: row.erasure.state,
      why: row.erasure.why,
      startedAt: row.erasure.startedAt,
      finishedAt: row.erasure.finishedAt,
      heldUntil: row.erasure.retryAt,
    },
    erasureAsked: row.changes[0] ? toChange(row.changes[0]) : null,
    reSeal: row.reSeal && {
      state: row.reSeal.state,
      doneBytes: Number(row.reSeal.doneBytes),
      totalBytes: Number(row.reSeal.totalBytes),
      error: row.reSeal.error,
    },
  };
}
