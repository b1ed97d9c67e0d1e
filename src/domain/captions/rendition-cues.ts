import { joinRanges, movedTime, type Range } from '../rendition-time.ts';
import { type Cue, sortCues } from './cue.ts';

/** What a rendition no longer has, in seconds of the recording: `removed` in order, with gaps between them. */
export interface TakenOut {
  readonly removed: readonly Range[];
  /** Silent, or under a tone. */
  readonly unheard: readonly Range[];
}

/** Stands for what was taken out, so that who reads knows as much as who hears the silence. */
export const takenOutMark = '[…]';

/**
 * Cues as they belong to the rendition. One that lies in what was taken out goes. One that reaches into it keeps the time
 * that is left and loses its text, because nobody can tell which of its words were said there. All others move with the
 * picture.
 */
export function cuesOfRendition(cues: readonly Cue[], { removed, unheard }: TakenOut): Cue[] {
  const gone = joinRanges([...removed, ...unheard]);
  const kept = sortCues(cues).flatMap((cue): Cue[] => {
    const range = { start: cue.startMs / 1000, end: cue.endMs / 1000 };
    const touching = gone.filter(({ start, end }) => start < range.end && end > range.start);
    const left = touching.reduce(clip, range);
    if (left.end <= left.start) return [];
    const startMs = Math.round(1000 * movedTime({ removed }, left.start));
    const endMs = Math.round(1000 * movedTime({ removed }, left.end));
    if (endMs <= startMs) return [];
    return [touching.length === 0 ? { ...cue, startMs, endMs } : { startMs, endMs, text: takenOutMark, speaker: null }];
  });
  return sortCues(kept);
}

/** Without what is gone at its beginning and at its end; what is gone in its middle leaves it as long as it is. */
const clip = ({ start, end }: Range, gone: Range): Range => ({
  start: gone.start <= start ? Math.min(Math.max(start, gone.end), end) : start,
  end: gone.end >= end ? Math.max(Math.min(end, gone.start), start) : end,
});

/** Names of who speaks are left out; a dash shows where somebody else begins. */
export function withoutNames(cues: readonly Cue[]): Cue[] {
  let before: string | null = null;
  return cues.map((cue) => {
    const isOther = cue.speaker !== null && before !== null && before !== cue.speaker;
    before = cue.speaker ?? before;
    return { ...cue, text: isOther ? `– ${cue.text}` : cue.text, speaker: null };
  });
}
