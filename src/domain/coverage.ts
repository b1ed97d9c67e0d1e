/** A stretch of a recording; `endMs` is the first moment that is no longer in it. */
export interface Stretch {
  readonly startMs: number;
  readonly endMs: number;
}

/** Maximum number of stretches that one request may bring. */
export const mostStretchesAtOnce = 1_000;
/** Maximum number of stretches that are kept of one reviewer and recording. */
export const mostStretchesKept = 5_000;

/**
 * Everything that one of the stretches covers, inside the recording: in order of time, and no two overlap or touch. Where
 * that is more than `most`, the shortest go, and count as not played.
 */
export function mergeStretches(
  stretches: readonly Stretch[],
  lengthMs: number,
  most: number = mostStretchesKept,
): Stretch[] {
  const merged: { startMs: number; endMs: number }[] = [];
  const inside = stretches
    .map(({ startMs, endMs }) => ({ startMs: Math.max(0, startMs), endMs: Math.min(lengthMs, endMs) }))
    .filter(({ startMs, endMs }) => startMs < endMs)
    .sort((a, b) => a.startMs - b.startMs);
  for (const { startMs, endMs } of inside) {
    const last = merged.at(-1);
    if (last === undefined || startMs > last.endMs) merged.push({ startMs, endMs });
    else last.endMs = Math.max(last.endMs, endMs);
  }
  if (merged.length <= most) return merged;
  return merged
    .toSorted((a, b) => b.endMs - b.startMs - (a.endMs - a.startMs))
    .slice(0, most)
    .sort((a, b) => a.startMs - b.startMs);
}

/** What merged stretches leave of a recording, in order of time. */
export function missingStretches(merged: readonly Stretch[], lengthMs: number): Stretch[] {
  const starts = [0, ...merged.map(({ endMs }) => endMs)];
  const ends = [...merged.map(({ startMs }) => startMs), lengthMs];
  return starts.flatMap((startMs, place) => {
    const endMs = ends[place] ?? lengthMs;
    return startMs < endMs ? [{ startMs, endMs }] : [];
  });
}

/** How long merged stretches last together. */
export const lengthOf = (merged: readonly Stretch[]): number =>
  merged.reduce((sum, { startMs, endMs }) => sum + endMs - startMs, 0);

/** The share of a recording in whole percents, never more than was played; null while its length is not known. */
export const percentOf = (playedMs: number, lengthMs: number): number | null =>
  lengthMs > 0 ? Math.min(100, Math.floor((100 * playedMs) / lengthMs)) : null;
