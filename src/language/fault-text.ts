import type { Language } from '../domain/language.ts';
import { textsIn } from './catalogue.ts';
import { fill } from './fill.ts';
import type { Catalogue, Text } from './texts.ts';

/** What is wrong with a log, in one sentence; a fault names its own parameters. */
export function faultText(fault: { readonly fault: keyof Catalogue['logFaults'] }, language: Language): string {
  return fill(textsIn(language).logFaults[fault.fault] as Text<string>, fault as never);
}
