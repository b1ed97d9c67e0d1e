import type { DecisionInput, DecisionKind } from '../decision.ts';
import { number, object, oneOf, text } from '../json.ts';
import { clip, type Interval, lengthOfAll, unite, without } from './interval.ts';

/** `cut`: picture and sound go. `mute`: the sound goes. `cover`: the person's part of the picture goes. */
export const removalKinds = ['cut', 'mute', 'cover'] as const;
export type RemovalKind = (typeof removalKinds)[number];

/** How somebody goes while they were there: picture and sound are cut, or the sound is muted and the picture covered. */
export const removalWays = ['cut', 'mute_and_cover'] as const;
export type RemovalWay = (typeof removalWays)[number];

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

/**
 * Whether a decision says that a person looked, and that somebody is not seen where no tile of theirs was found: with a note,
 * because nothing is removed then.
 */
export const isNotSeen = (
  { removal, tile }: { readonly removal: RemovalKind; readonly tile?: unknown },
  { kind, ground, note }: Pick<DecisionInput, 'kind' | 'ground'> & { readonly note?: string | undefined },
): boolean =>
  removal === 'cover' &&
  tile === undefined &&
  kind === 'permitted' &&
  ground === 'checked' &&
  (note ?? '').trim() !== '';

/** A part of a recording that is proposed to be removed; a person reviews and decides it, as any segment. */
export interface ProposedRemoval {
  readonly kind: RemovalKind;
  /** Milliseconds from the beginning of the recording. */
  readonly startMs: number;
  /** The first millisecond that stays. */
  readonly endMs: number;
}

/**
 * `finding.evidence` of a part that has to go, with the person whom it shows. `tile`: where their tile stands, as shares of the
 * upright picture, and its label as it was read. `faces`: how many were counted outside of tiles with a name.
 */
export const readRemovalEvidence = object(
  { removal: oneOf(removalKinds), person: text },
  { tile: object({ x: number, y: number, width: number, height: number }), label: text, faces: number },
);

/**
 * Milliseconds that go before and after what a report tells. Its clock drops parts of a second, and tools tell that
 * somebody speaks a little after they begin.
 */
const marginMs = 1_000;

/**
 * What to remove so that somebody who is not covered is neither seen nor heard (design, section 8; issue 16, point 4).
 * Everything while they were there is cut, or their picture is covered for that time and what they said is muted. Everything
 * is in order of time.
 * @param presence when the person was there, as instants.
 * @param spoke when the person was heard, as instants; null: the report does not say, and it may have been at any time.
 * @param recorded what was recorded, as instants. The recording has these stretches one after the other.
 * @param how by default what the report allows: to mute and cover where it says when the person was heard, else to cut.
 */
export function proposeRemovals(
  presence: readonly Interval[],
  spoke: readonly Interval[] | null,
  recorded: readonly Interval[],
  how: RemovalWay = wayOf(spoke),
): ProposedRemoval[] {
  const parts = (kind: RemovalKind, intervals: readonly Interval[]) =>
    inRecording(intervals.map(withMargin), recorded).map((part) => ({ kind, ...part }));
  if (how === 'cut') return parts('cut', presence);
  return [...parts('mute', spoke ?? presence), ...parts('cover', presence)].toSorted(inTime);
}

/** The way that takes least away and is safe by what the reports say. */
export const wayOf = (spoke: readonly Interval[] | null): RemovalWay => (spoke === null ? 'cut' : 'mute_and_cover');

/** The kinds of part that let each kind go: what is cut is neither seen nor heard. */
const goesByPart: Readonly<Record<RemovalKind, readonly RemovalKind[]>> = {
  cut: ['cut'],
  mute: ['mute', 'cut'],
  cover: ['cover', 'cut'],
};

/** The parts, or what of them none of those that are known takes away, in order of time. Each is at least a millisecond. */
export function uncoveredParts(
  parts: readonly ProposedRemoval[],
  known: readonly ProposedRemoval[],
): ProposedRemoval[] {
  const ofKinds = (all: readonly ProposedRemoval[], ...kinds: readonly RemovalKind[]) =>
    all.filter(({ kind }) => kinds.includes(kind));
  return removalKinds
    .flatMap((kind) =>
      without(ofKinds(parts, kind), ofKinds(known, ...goesByPart[kind])).map((part) => ({ kind, ...part })),
    )
    .toSorted(inTime);
}

const inTime = (a: Interval, b: Interval): number => a.startMs - b.startMs || a.endMs - b.endMs;

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
