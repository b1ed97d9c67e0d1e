import type { labels } from './en.ts';

type Strings<T> = T extends string ? string : { readonly [Key in keyof T]: Strings<T[Key]> };

/** What the names have to hold in each language: every key of the English ones. */
export type LabelTexts = Strings<typeof labels>;
