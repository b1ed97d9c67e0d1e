import { isLanguage, type Language, languageTags } from '../../domain/language.ts';
import { fill } from '../../language/fill.ts';
import type { labels } from '../../language/labels/en.ts';
import type { LabelTexts } from '../../language/labels/label-texts.ts';
import type { pages } from '../../language/pages/en.ts';
import type { PageTexts } from '../../language/pages/page-texts.ts';
import type { Text } from '../../language/texts.ts';

/** Sentences of the pages and names of the values of closed sets, in one language. */
export interface Words {
  readonly pages: Partial<PageTexts>;
  readonly labels: Partial<LabelTexts>;
}
type Placed<S extends string> = S extends `${string}{${infer Name}}${infer Rest}` ? Name | Placed<Rest> : never;
export type PageKey = keyof typeof pages;
/** Sentences without values. */
export type PlainKey = { [K in PageKey]: [Placed<(typeof pages)[K]>] extends [never] ? K : never }[PageKey];
export type LabelSet = keyof typeof labels;
type Values<K extends PageKey> = [Placed<(typeof pages)[K]>] extends [never]
  ? []
  : [Readonly<Record<Placed<(typeof pages)[K]>, string | number>>];

const rememberedAs = 'emanet-language';
let language: Language = first();
let words: Words | null = null;

function first(): Language {
  const kept = localStorage.getItem(rememberedAs);
  if (isLanguage(kept)) return kept;
  const spoken = navigator.languages.map((tag) => tag.toLowerCase().split('-')[0]).find(isLanguage);
  return spoken ?? languageTags[0];
}

export const currentLanguage = (): Language => language;

/** Speaks in this language with these words from now on, and remembers it on this device. */
export function speakWith(next: Language, loaded: Words): void {
  words = loaded;
  language = next;
  localStorage.setItem(rememberedAs, next);
  document.documentElement.lang = next;
}

function spoken(): Words {
  if (words === null) throw new Error('the words are not loaded yet');
  return words;
}

function sentence(key: PageKey): Text<string> {
  const found = spoken().pages[key];
  if (found === undefined) throw new Error(`the words of “${key}” are not loaded`);
  return found;
}

/** A sentence of the pages, with its values put in. */
export function text<K extends PageKey>(key: K, ...values: Values<K>): string {
  return fill(sentence(key), (values[0] ?? {}) as Readonly<Record<string, string | number>>);
}

/** Sentences about `n` things that have another form, `…1`, for one thing. */
type Counted = { [K in PageKey]: `${K}1` extends PageKey ? K : never }[PageKey];

/** A sentence about `n` things. */
export function count(key: Counted, n: number): string {
  const form: PageKey = n === 1 ? `${key}1` : key;
  return fill(sentence(form), { n: new Intl.NumberFormat(language).format(n) });
}

/** The name of a value of a closed set. */
export function label(set: LabelSet, value: string): string {
  const found: Readonly<Record<string, unknown>> | undefined = spoken().labels[set];
  const name = found?.[value];
  return typeof name === 'string' ? name : value;
}
