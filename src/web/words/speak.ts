import type { Language } from '../../domain/language.ts';
import { currentLanguage, type Names, nameWith, speakWith, type Words } from './current.ts';

/** Each language is a file of its own, of which a browser loads the one that is read. */
const sentences: Record<Language, () => Promise<Words>> = {
  tr: () => import('./tr.ts'),
  en: () => import('./en.ts'),
};
/** Signing in names nothing: the names come with the application. */
const names: Record<Language, () => Promise<Names>> = {
  tr: () => import('../../language/labels/tr.ts'),
  en: () => import('../../language/labels/en.ts'),
};
let areNamesWanted = false;

/** Loads the words of the staff's pages in this language, and speaks in it. */
export async function speakIn(language: Language): Promise<void> {
  const [loaded, named] = await Promise.all([sentences[language](), areNamesWanted ? names[language]() : undefined]);
  speakWith(language, { pages: loaded.pages, ...(named === undefined ? {} : { labels: named.labels }) });
}

/** Loads the names of values in the language that is spoken, now and whenever another is. */
export async function nameValues(): Promise<void> {
  areNamesWanted = true;
  for (;;) {
    const language = currentLanguage();
    const loaded = await names[language]();
    if (language !== currentLanguage()) continue;
    nameWith({ labels: loaded.labels });
    return;
  }
}
