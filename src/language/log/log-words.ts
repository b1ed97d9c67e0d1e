import type { Language } from '../../domain/language.ts';
import { log as en } from './en.ts';
import type { LogTexts } from './log-texts.ts';
import { log as tr } from './tr.ts';

/** The words of the log's pages in each language; both come with these pages. */
export const logWords: Record<Language, LogTexts> = { tr, en };
