import type { labels, pages } from './en.ts';

type Strings<T> = T extends string ? string : { readonly [Key in keyof T]: Strings<T[Key]> };

/** What the first words have to hold in each language: every key of the English ones. */
export interface FirstTexts {
  readonly pages: Strings<typeof pages>;
  readonly labels: Strings<typeof labels>;
}
