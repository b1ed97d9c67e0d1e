import type { player } from './en.ts';

/** What the words of the player have to hold in each language: every key of the English ones. */
export type PlayerTexts = { readonly [Key in keyof typeof player]: string };
