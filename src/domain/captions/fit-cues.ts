import type { Cue } from './cue.ts';
import type { CaptionsNotice } from './notice.ts';
import { unreadableCaptions } from './refusal.ts';

/** Cues as far as a recording of this length goes; 0: nobody knows how long it is. */
export function endWithin(cues: readonly Cue[], durationMs: number): Cue[] {
  if (durationMs <= 0) return [...cues];
  return cues
    .filter(({ startMs }) => startMs < durationMs)
    .map((cue) => ({ ...cue, endMs: Math.min(cue.endMs, durationMs) }));
}

/**
 * Cues of a file for a recording: what begins after its end is left out, what ends after it is shortened, and both are
 * told.
 * @throws Refusal `CAPTIONS_UNREADABLE` when most of them begin after the end: they are of another recording.
 */
export function fitCues(cues: readonly Cue[], durationMs: number): { cues: Cue[]; notices: CaptionsNotice[] } {
  const within = endWithin(cues, durationMs);
  const beyond = cues.length - within.length;
  if (beyond * 2 > cues.length)
    throw unreadableCaptions({ code: 'CAPTIONS_OTHER_RECORDING', params: { beyond, cues: cues.length } });
  const long =
    durationMs <= 0 ? 0 : cues.filter(({ startMs, endMs }) => startMs < durationMs && endMs > durationMs).length;
  const notices: CaptionsNotice[] = [
    { code: 'beyond_end', count: beyond },
    { code: 'shortened', count: long },
  ];
  return { cues: within, notices: notices.filter(({ count }) => count > 0) };
}
