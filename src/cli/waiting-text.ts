import type { Language } from '../domain/language.ts';
import { textsIn } from '../language/catalogue.ts';
import { fill } from '../language/fill.ts';
import { formatTime, plain } from './format.ts';

/** A pending change, and the commands that confirm it or call it back. */
export function waitingText(
  { id, effectiveAt, sentence }: { id: string; effectiveAt: string; sentence: string },
  language: Language,
): string {
  return fill(textsIn(language).cli.waiting, { what: plain(sentence), when: formatTime(effectiveAt), id });
}
