import type { Language } from '../../domain/language.ts';
import { currentLanguage, speakWith, type Words } from './current.ts';

/** Each language is a file of its own, of which a browser loads the one that is read: first what the first page says. */
const first: Record<Language, () => Promise<Words>> = {
  tr: () => import('./tr.ts'),
  en: () => import('./en.ts'),
};
const all: Record<Language, () => Promise<Words>> = {
  tr: () => import('./all-tr.ts'),
  en: () => import('./all-en.ts'),
};
let wanted: { readonly language: Language; readonly isAll: boolean } = { language: currentLanguage(), isAll: false };

/** Another wish may come while words are on their way: the last one counts, and everybody waits for it. */
async function speak(next: typeof wanted): Promise<void> {
  wanted = next;
  for (;;) {
    const now = wanted;
    const loaded = await (now.isAll ? all : first)[now.language]();
    if (now === wanted) return speakWith(now.language, loaded);
  }
}

/** Loads the words of this language, and speaks in it. */
export const speakIn = (language: Language): Promise<void> => speak({ ...wanted, language });

/** What is being loaded, and with it the words of all pages in the language that is spoken, now and whenever another is. */
export async function withAllWords<T>(loading: Promise<T>): Promise<T> {
  const [loaded] = await Promise.all([loading, speak({ ...wanted, isAll: true })]);
  return loaded;
}
