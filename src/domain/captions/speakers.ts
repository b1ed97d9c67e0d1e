import type { Cue } from './cue.ts';

/** How Zoom writes who speaks: before the text, in the first line. */
const named = /^(\p{L}[^:\n]{0,79}):[ \t]+(?=\S)/u;
/** A name that comes again, or a file in which most cues have one: otherwise it is a word and a colon. */
const leastShare = 0.5;
const leastCues = 3;

/** Takes names out of the text where the file writes them there. Of a file with voices everything stays. */
export function nameSpeakers(cues: readonly Cue[]): { cues: readonly Cue[]; count: number } {
  const as = { cues, count: 0 };
  if (cues.length < leastCues || cues.some(({ speaker }) => speaker !== null)) return as;
  const names = cues.map(({ text }) => named.exec(text)?.[1] ?? null);
  const times = new Map<string, number>();
  for (const name of names) if (name !== null) times.set(name, (times.get(name) ?? 0) + 1);
  const isMost = names.filter((name) => name !== null).length >= leastShare * cues.length;
  const isName = (name: string | null | undefined): name is string =>
    typeof name === 'string' && (isMost || (times.get(name) ?? 0) >= leastCues);
  return {
    cues: cues.map((cue, at) => {
      const name = names[at];
      return isName(name) ? { ...cue, speaker: name.trim(), text: cue.text.replace(named, '') } : cue;
    }),
    count: names.filter(isName).length,
  };
}
