import type { Language } from '../../domain/language.ts';
import { speakWith, type Words } from './current.ts';

/** Each language is a file of its own, of which a browser loads the one that is read. */
const load: Record<Language, () => Promise<Words>> = {
  tr: () => import('./tr.ts'),
  en: () => import('./en.ts'),
};

/** Loads the words of the staff's pages in this language, and speaks in it. */
export const speakIn = async (language: Language): Promise<void> => speakWith(language, await load[language]());
