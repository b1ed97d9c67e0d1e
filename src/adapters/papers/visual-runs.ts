import { createRequire } from 'node:module';

/** By `require`: the package is CommonJS, and its types say that it is not. */
const bidiFactory: typeof import('bidi-js').default = createRequire(import.meta.url)('bidi-js');
const bidi = bidiFactory();
/** Scripts from right to left that the fonts have; what is shaped in them comes out reversed. */
const rightToLeft = /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Nko}]/u;
/** What can make a line run the other way: letters beyond the European scripts, and marks of direction. */
const turning =
  /[\u0590-\u08ff\u200e\u200f\u202a-\u202e\u2066-\u2069\ufb1d-\ufdff\ufe70-\ufeff\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;

/**
 * A line in the order in which it is seen from left to right, cut where its direction changes (UAX #9). A run from right to
 * left keeps its letters in the order of reading, because shaping turns them around. The line itself begins at the left.
 */
export function visualRuns(line: string): string[] {
  if (line === '') return [];
  if (!turning.test(line)) return [line];
  const levels = bidi.getEmbeddingLevels(line, 'ltr');
  const runs: { level: number; text: string }[] = [];
  for (let at = 0; at < line.length; at++) {
    const level = levels.levels[at] ?? 0;
    const mirrored = level % 2 === 1 ? bidi.getMirroredCharacter(line.charAt(at)) : null;
    const letter = mirrored ?? line.charAt(at);
    const last = runs.at(-1);
    if (last !== undefined && last.level === level) last.text += letter;
    else runs.push({ level, text: letter });
  }
  // UAX #9, L2: from the highest level to the lowest odd one, whatever is at least so high is turned around.
  for (let level = Math.max(0, ...runs.map((run) => run.level)); level >= 1; level--)
    for (let start = 0; start < runs.length; start++) {
      const past = runs.findIndex((run, at) => at >= start && run.level < level);
      const end = past < 0 ? runs.length : past;
      if (end > start) runs.splice(start, end - start, ...runs.slice(start, end).reverse());
      start = Math.max(start, end);
    }
  return runs.map(({ level, text }) =>
    level % 2 === 1 && !rightToLeft.test(text) ? [...text].reverse().join('') : text,
  );
}
