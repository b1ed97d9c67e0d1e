import { foldForSearch } from '../person.ts';
import type { Cue } from './cue.ts';

/** Words as they are compared: small, without marks, with whatever stands between them as one space. */
const wordsOf = (text: string): string =>
  ` ${foldForSearch(text)
    .replaceAll(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()} `;

/**
 * Whether a name stands in captions as it is written in full: in what is said, also from one cue into the next, or as who
 * speaks. A first name alone is a name of many.
 */
export function isNamedIn(cues: readonly Cue[], name: string): boolean {
  const wanted = wordsOf(name);
  if (wanted.trim() === '') return false;
  return [cues.map(({ text }) => text).join(' '), ...new Set(cues.map(({ speaker }) => speaker ?? ''))].some((said) =>
    wordsOf(said).includes(wanted),
  );
}
