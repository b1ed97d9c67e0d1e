import type { Language } from '../domain/language.ts';
import { textsIn } from './catalogue.ts';
import { fill } from './fill.ts';
import type { Catalogue, Text } from './texts.ts';

/** What is odd about a file, in one sentence; `facts.what` says more of it. */
export function warningText(
  {
    code,
    facts,
  }: { readonly code: keyof Catalogue['labels']['warning']; readonly facts: Readonly<Record<string, string | number>> },
  language: Language,
): string {
  const { warning, warningFact } = textsIn(language).labels;
  const more = warningFact[facts.what as keyof typeof warningFact] as Text<string> | undefined;
  return more === undefined ? warning[code] : `${warning[code]} (${fill(more, facts)})`;
}
