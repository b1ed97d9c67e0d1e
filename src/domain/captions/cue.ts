/** What is said, and when it is to be read. `text` is plain: no markup, no empty line. */
export interface Cue {
  readonly startMs: number;
  /** Later than `startMs`. */
  readonly endMs: number;
  readonly text: string;
  /** As the meeting tool named who speaks; null: it did not say. */
  readonly speaker: string | null;
}

/** Cues of one recording. A lesson of three hours has about 5,000. */
export const mostCues = 20_000;
/** Characters of one cue; a speaker's name has fewer. */
export const mostCueLetters = 2_000;
export const mostSpeakerLetters = 200;
/** Octets of one file. */
export const mostCaptionsBytes = 5 * 2 ** 20;
/** Milliseconds that a column of the database holds. */
export const latestMs = 2_000_000_000;

/** In order of time. Cues that begin together stay as they were. */
export const sortCues = (cues: readonly Cue[]): Cue[] => cues.toSorted((a, b) => a.startMs - b.startMs);

/** Plain text as a cue holds it: lines without blanks around them, none empty, nothing that cannot be seen. */
export const tidyText = (text: string): string =>
  text
    .toWellFormed()
    .split(/\r\n|[\r\n\u0085\u2028\u2029]/)
    .map((line) => line.replaceAll(unseen, ' ').trim())
    .filter((line) => line !== '')
    .join('\n');

/** One line. */
export const tidyName = (name: string): string => tidyText(name).replaceAll('\n', ' ');

/** Controls; marks of direction are text and stay. */
const unseen = /[\u0000-\u001F\u007F-\u009F\uFEFF]/g;
