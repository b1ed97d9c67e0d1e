import type { Language } from '../domain/language.ts';
import type { Reason } from '../domain/reason.ts';
import { textsIn } from './catalogue.ts';
import { fill } from './fill.ts';
import type { Text } from './texts.ts';

/** A reason as a sentence. States, sources and meanings of columns stand in it by their names. */
export function reasonText({ code, params = {} }: Reason, language: Language): string {
  const { reasons, labels } = textsIn(language);
  const named: Record<string, string | number> = { ...params };
  for (const name of ['state', 'to'] as const) {
    const state = labels.recordingState[params[name] as keyof typeof labels.recordingState];
    if (state !== undefined) named[name] = state;
  }
  if (params.title === undefined && params.source !== undefined)
    named.title = labels.source[params.source as keyof typeof labels.source] ?? params.source;
  if (code === 'ROSTER_COLUMN_MISSING')
    named.column = labels.columnMeaning[params.column as keyof typeof labels.columnMeaning] ?? params.column;
  return fill(reasons[code] as Text<string>, named);
}

/** A reason with its sentence, as the API answers it. */
export function tellReason<R extends Reason>(reason: R, language: Language): R & { readonly text: string } {
  return { ...reason, text: reasonText(reason, language) };
}
