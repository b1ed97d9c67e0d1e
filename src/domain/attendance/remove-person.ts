import type { DecisionInput, DecisionKind } from '../decision.ts';
import { object, oneOf, text } from '../json.ts';
import { clip, type Interval, lengthOfAll, unite } from './interval.ts';

/** `cut`: picture and sound go. `mute`: the sound goes. `cover`: the person's part of the picture goes. */
export const removalKinds = ['cut', 'mute', 'cover'] as const;
export type RemovalKind = (typeof removalKinds)[number];

/** The decisions that let a part go; `refuse` refuses the whole recording. */
const goesBy: Readonly<Record<RemovalKind, readonly DecisionKind[]>> = {
  cut: ['cut', 'refuse'],
  mute: ['mute', 'tone', 'cut', 'refuse'],
  cover: ['black_out', 'blur', 'cut', 'refuse'],
};

/** Whether a decision lets the whole of a part go that has to. */
export function isRemovedBy(
  part: { readonly removal: RemovalKind; readonly startMs: number; readonly endMs: number },
  { kind, startMs, endMs }: Pick<DecisionInput, 'kind' | 'startMs' | 'endMs'>,
): boolean {
  return (
    goesBy[part.removal].includes(kind) &&
    (startMs ?? part.startMs) <= part.startMs &&
    (endMs ?? part.endMs) >= part.endMs
  );
}

/** A part of a recording that is proposed to be removed; a person reviews and decides it, as any segment. */
export interface ProposedRemoval {
  readonly kind: RemovalKind;
  /** Milliseconds from the beginning of the recording. */
  readonly startMs: number;
  /** The first millisecond that stays. */
  readonly endMs: number;
}

/** `finding.evidence` of a part that has to go, with the person whom it shows. */
export const readRemovalEvidence = object({ removal: oneOf(removalKinds), person: text });

/**
 * Milliseconds that go before and after what a report tells. Its clock drops parts of a second, and tools tell that
 * somebody speaks a little after they begin.
 */
const marginMs = 1_000;

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
  const there = inRecording(presence.map(withMargin), recorded);
  if (spoke === null) return there.map((part) => ({ kind: 'cut' as const, ...part }));
  return [
    ...inRecording(spoke.map(withMargin), recorded).map((part) => ({ kind: 'mute' as const, ...part })),
    ...there.map((part) => ({ kind: 'cover' as const, ...part })),
  ].toSorted((a, b) => a.startMs - b.startMs || a.endMs - b.endMs);
}

const withMargin = ({ startMs, endMs }: Interval): Interval => ({
  startMs: startMs - marginMs,
  endMs: endMs + marginMs,
});

/** Instants as places in the recording. */
function inRecording(intervals: readonly Interval[], recorded: readonly Interval[]): Interval[] {
  const stretches = unite(recorded);
  let before = 0;
  const parts = stretches.flatMap((stretch) => {
    const shift = before - stretch.startMs;
    before += lengthOfAll([stretch]);
    return clip(intervals, [stretch]).map(({ startMs, endMs }) => ({ startMs: startMs + shift, endMs: endMs + shift }));
  });
  return unite(parts);
}
