import type { log } from './en.ts';

/** What the words of the log's pages have to hold in each language: every key of the English ones. */
export type LogTexts = { readonly [Key in keyof typeof log]: string };
