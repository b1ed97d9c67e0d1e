import type { Language } from '../domain/language.ts';
import { en } from './en.ts';
import type { Catalogue, Texts } from './texts.ts';
import { tr } from './tr.ts';

const catalogues: Record<Language, Texts> = { tr, en };

/** Every text of one language. */
export const textsIn = (language: Language): Catalogue => catalogues[language] as Catalogue;

/** For a test: one more language, in which no sentence is one of another language. */
export function addCatalogue(language: string, texts: Texts): Language {
  (catalogues as Record<string, Texts>)[language] = texts;
  return language as Language;
}
