import type { en } from './en.ts';

declare const parameters: unique symbol;

/** A text with `{name}` for each of its parameters; `fill` puts them in. */
export type Text<Name extends string = never> = string & { readonly [parameters]?: (name: Name) => void };

type NamesIn<S extends string> = S extends `${string}{${infer Name}}${infer Rest}` ? Name | NamesIn<Rest> : never;
type Shape<T> = T extends string ? Text<NamesIn<T>> : { readonly [Key in keyof T]: Shape<T[Key]> };
type Strings<T> = T extends string ? string : { readonly [Key in keyof T]: Strings<T[Key]> };

/** What a catalogue has to hold: every key of the English one. A key that is missing or too many does not compile. */
export type Texts = Strings<typeof en>;
export type Catalogue = Shape<typeof en>;
