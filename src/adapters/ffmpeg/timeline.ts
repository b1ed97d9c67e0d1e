import type { Edit, Region } from '../../domain/decision.ts';
import { joinRanges, type Range } from '../../domain/rendition-time.ts';

/** A stretch over which a part of the picture is covered; without a region the whole of it. */
export interface Cover extends Range {
  readonly kind: 'black_out' | 'blur';
  readonly region?: Region;
}

/**
 * The edits and their times. Ranges of one list may overlap; those of `removed` are in order, with gaps between them.
 */
export interface Timeline {
  readonly muted: readonly Range[];
  readonly toned: readonly Range[];
  readonly covers: readonly Cover[];
  readonly removed: readonly Range[];
}

/** A cut is announced in the picture for so long before the jump. A short one keeps half of its length for that. */
const announcedSeconds = 2;

/**
 * Edits in seconds, each widened to whole frames of `frameRate` where it concerns the picture, so that sound and
 * picture lose exactly the same time at every cut. With a picture, a cut begins with a black slate in silence: a viewer
 * sees why the lesson jumps. Null for sound alone, which is cut exactly at the edits. `firstFrameAt` gives the frame
 * from which the frames around a moment are counted.
 */
export function planTimeline(
  edits: readonly Edit[],
  frameRate: number | null,
  firstFrameAt: (seconds: number) => number = () => 0,
): Timeline {
  const grid = (edit: Edit): Range => {
    const [start, end] = [edit.startMs / 1000, edit.endMs / 1000];
    if (frameRate === null) return { start, end };
    const first = firstFrameAt(start);
    // A hair of tolerance: 0.04 × 25 is 1, and 1.1 × 25 is 27.500000000000004.
    return {
      start: first + Math.floor((start - first) * frameRate + 1e-4) / frameRate,
      end: first + Math.ceil((end - first) * frameRate - 1e-4) / frameRate,
    };
  };
  const of = (kind: Edit['kind']) => edits.filter((edit) => edit.kind === kind);
  const cuts = joinRanges(of('cut').map(grid));
  const announced =
    frameRate === null ? [] : cuts.map(({ start, end }) => ({ start, end: slateEnd(start, end, frameRate) }));
  const plain = (edit: Edit): Range => ({ start: edit.startMs / 1000, end: edit.endMs / 1000 });
  return {
    muted: joinRanges([...of('mute').map(plain), ...announced]),
    toned: joinRanges(of('tone').map(plain)),
    covers: [
      ...announced.map((range) => ({ kind: 'black_out' as const, ...range })),
      ...edits.flatMap((edit): Cover[] =>
        edit.kind === 'black_out' || edit.kind === 'blur'
          ? [{ kind: edit.kind, ...grid(edit), ...(edit.region ? { region: edit.region } : {}) }]
          : [],
      ),
    ],
    removed: cuts
      .map(({ start, end }, at) => ({ start: announced[at]?.end ?? start, end }))
      .filter(({ start, end }) => end > start),
  };
}

function slateEnd(start: number, end: number, frameRate: number): number {
  const frames = Math.round((end - start) * frameRate);
  const kept = Math.min(Math.ceil(announcedSeconds * frameRate), Math.ceil(frames / 2));
  return start + kept / frameRate;
}

/** The same timeline, counted from `seconds`. */
export function timelineFrom(timeline: Timeline, seconds: number): Timeline {
  const earlier = <T extends Range>(ranges: readonly T[]): T[] =>
    ranges.map((range) => ({ ...range, start: range.start - seconds, end: range.end - seconds }));
  return {
    muted: earlier(timeline.muted),
    toned: earlier(timeline.toned),
    covers: earlier(timeline.covers),
    removed: earlier(timeline.removed).filter(({ end }) => end > 0),
  };
}

/** 1 while a frame or piece that begins at `t` is in one of the ranges, each extended `early` seconds to the front. */
export function whileIn(ranges: readonly Range[], early: number): string {
  const at = (seconds: number) => (seconds - early).toFixed(6);
  return ranges.map(({ start, end }) => `gte(t,${at(start)})*lt(t,${at(end)})`).join('+');
}

/** Moves a frame forward by all that was removed before it; for `setpts` and `asetpts`. */
export function movedStamp({ removed }: Pick<Timeline, 'removed'>, early: number): string {
  const parts = removed.map(({ start, end }) => `gte(T,${(end - early).toFixed(6)})*${(end - start).toFixed(9)}`);
  return `PTS-(${parts.join('+')})/TB`;
}
