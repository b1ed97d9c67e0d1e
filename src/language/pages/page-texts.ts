import type { pages } from './en.ts';

/** What the words of the pages have to hold in each language: every key of the English ones. */
export type PageTexts = { readonly [Key in keyof typeof pages]: string };
