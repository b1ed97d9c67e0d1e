import type { Text } from './texts.ts';

/** Puts values in for `{name}`. */
export function fill<Name extends string>(text: Text<Name>, values: Readonly<Record<Name, string | number>>): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: Name) => String(values[name] ?? whole));
}
