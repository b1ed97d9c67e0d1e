import { clip, type Interval, lengthOfAll, unite } from './interval.ts';

/** `cut`: picture and sound go. `mute`: the sound goes. `cover`: the person's part of the picture goes. */
export const removalKinds = ['cut', 'mute', 'cover'] as const;
export type RemovalKind = (typeof removalKinds)[number];

/** A part of a recording that is proposed to be removed; a person reviews and decides it, as any segment. */
export interface ProposedRemoval {
  readonly kind: RemovalKind;
  /** Milliseconds from the beginning of the recording. */
  readonly startMs: number;
  /** The first millisecond that stays. */
  readonly endMs: number;
}

/**
 * Milliseconds that are muted before and after a stretch of speech. Tools tell that somebody speaks a little after they
 * begin, and the words before it are theirs as well.
 */
const speechMarginMs = 1_000;

/**
 * What to remove so that somebody who is not covered is neither seen nor heard (design, section 8; issue 16, point 4).
 * Where the tool says when the person was heard, those stretches are muted and the person's picture is covered while they
 * were there; where it does not, everything while they were there is cut. Everything is in order of time.
 * @param presence when the person was there, as instants.
 * @param spoke when the person was heard, as instants; null: the report does not say.
 * @param recorded what was recorded, as instants. The recording has these stretches one after the other.
 */
export function proposeRemovals(
  presence: readonly Interval[],
  spoke: readonly Interval[] | null,
  recorded: readonly Interval[],
): ProposedRemoval[] {
  const there = inRecording(presence, recorded);
  if (spoke === null) return there.map((part) => ({ kind: 'cut' as const, ...part }));
  const heard = spoke.map(({ startMs, endMs }) => ({
    startMs: startMs - speechMarginMs,
    endMs: endMs + speechMarginMs,
  }));
  return [
    ...inRecording(heard, recorded).map((part) => ({ kind: 'mute' as const, ...part })),
    ...there.map((part) => ({ kind: 'cover' as const, ...part })),
  ].toSorted((a, b) => a.startMs - b.startMs || a.endMs - b.endMs);
}

/** Instants as places in the recording. A moment without length is a second: nobody can be cut out of nothing. */
function inRecording(intervals: readonly Interval[], recorded: readonly Interval[]): Interval[] {
  const stretches = unite(recorded);
  const long = unite(intervals).map(({ startMs, endMs }) => ({ startMs, endMs: Math.max(endMs, startMs + 1_000) }));
  let before = 0;
  const parts = stretches.flatMap((stretch) => {
    const shift = before - stretch.startMs;
    before += lengthOfAll([stretch]);
    return clip(long, [stretch]).map(({ startMs, endMs }) => ({ startMs: startMs + shift, endMs: endMs + shift }));
  });
  return unite(parts);
}
