import type { MediaStream, NotAnalysed } from '../../pipeline/ports/media.ts';
import type { AnalysisLog } from './analysis-log.ts';

/** How far a stream may end before the declared end and still count as whole. */
const toleranceMs = (declaredMs: number): number => Math.max(1_000, declaredMs * 0.02);

/**
 * Streams that gave no data, and the end of the file if the longest stream stops before the declared end. A single
 * stream may well be shorter than the file (a camera switched off): only the file as a whole owes its declared
 * duration.
 */
export function missingFromStreams(
  streams: readonly MediaStream[],
  log: Pick<AnalysisLog, 'endMs' | 'frames'>,
  declaredMs: number | null,
  hitTimeLimit: boolean,
): NotAnalysed[] {
  const longestMs = Math.max(0, ...streams.map((stream) => log.endMs(stream.index)));
  const untilMs = Math.max(longestMs, declaredMs ?? 0);
  // A stream that gave no data before the time limit may well be decodable.
  if (hitTimeLimit) {
    return streams.map((stream) => ({
      stream: stream.index,
      startMs: log.endMs(stream.index),
      endMs: untilMs,
      why: 'TIME_LIMIT',
    }));
  }
  const missing: NotAnalysed[] = streams
    .filter((stream) => log.frames(stream.index) === 0)
    .map((stream) => ({ stream: stream.index, startMs: 0, endMs: untilMs, why: 'NOTHING_DECODED' }));
  if (streams.length > 0 && declaredMs !== null && declaredMs - longestMs > toleranceMs(declaredMs)) {
    missing.push({
      stream: null,
      startMs: longestMs,
      endMs: declaredMs,
      why: 'ENDS_TOO_EARLY',
    });
  }
  return missing;
}

/** So much of the last picture is believed beyond the declared end. */
const lastPictureMs = 1_000;

/**
 * The end of the longest stream: what was decoded rules, and not what the file declares. Only the last picture has no
 * length of its own and is given that of the one before, which overshoots in screen sharing: the declared end bounds it
 * where the picture itself begins before that.
 */
export function decodedEndMs(
  streams: readonly MediaStream[],
  log: Pick<AnalysisLog, 'endMs' | 'lastMs'>,
  declaredMs: number | null,
): number {
  const ends = streams.map(({ kind, index }) => {
    const endMs = log.endMs(index);
    if (kind !== 'video' || declaredMs === null || endMs <= declaredMs) return endMs;
    const lastMs = log.lastMs(index);
    return lastMs < declaredMs ? declaredMs : Math.min(endMs, lastMs + lastPictureMs);
  });
  return Math.max(0, ...ends);
}

/**
 * What was decoded behind the end that the file declares. Its head is broken or lies: a player may stop there, and a
 * person has to look at what comes after.
 */
export function longerThanDeclared(endMs: number, declaredMs: number | null): NotAnalysed[] {
  if (declaredMs === null || endMs - declaredMs <= toleranceMs(declaredMs)) return [];
  return [{ stream: null, startMs: declaredMs, endMs, why: 'LONGER_THAN_DECLARED' }];
}

/** Joins stretches of one stream that touch or lie less than three seconds apart; the first reason is kept. */
export function mergeNotAnalysed(stretches: readonly NotAnalysed[]): NotAnalysed[] {
  const merged: NotAnalysed[] = [];
  const ordered = stretches.toSorted(
    (a, b) => (a.stream ?? -1) - (b.stream ?? -1) || a.startMs - b.startMs || b.endMs - a.endMs,
  );
  for (const stretch of ordered) {
    const last = merged.at(-1);
    if (last !== undefined && last.stream === stretch.stream && stretch.startMs <= last.endMs + 3_000) {
      merged[merged.length - 1] = { ...last, endMs: Math.max(last.endMs, stretch.endMs) };
    } else merged.push(stretch);
  }
  return merged;
}
