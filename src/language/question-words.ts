import type { Language } from '../domain/language.ts';
import type { Reader } from '../domain/reader.ts';
import type { Question } from '../domain/terms.ts';
import { textsIn } from './catalogue.ts';

/** One question of the terms in plain words: a label, and one sentence that explains it. */
export function questionWords(
  { purpose, audience }: Question,
  reader: Reader,
  language: Language,
): { readonly label: string; readonly text: string } {
  const words = textsIn(language).questions[reader];
  return audience === null ? words.purpose[purpose] : words.audience[audience];
}
