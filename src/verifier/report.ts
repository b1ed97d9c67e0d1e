import { describeFault } from './fault-words.ts';
import { type Language, messages } from './messages.ts';
import { tellReceipt } from './receipt-words.ts';
import type { Summary } from './summary.ts';
import type { Verified } from './verify-source.ts';

/** The report on a file that could be checked, as lines. */
export function report({ summary, faults, more }: Verified, language: Language): string {
  const t = messages[language];
  return [
    ...(summary && faults.length === 0 ? tellIntact(summary, language) : [t.tampered]),
    ...faults.map((fault) => `  ${describeFault(fault, language)}`),
    ...(more > 0 ? [`  ${t.more(more)}`] : []),
    ...(summary ? [t.read(summary)] : []),
    ...(summary && !summary.isKeyKnown ? [t.keyNotKnown(summary.key)] : []),
    ...(summary && 'notCompared' in summary ? summary.notCompared.map(t.notCompared) : []),
  ].join('\n');
}

const tellIntact = (summary: Summary, language: Language): readonly string[] =>
  summary.kind === 'receipt' ? tellReceipt(summary, language) : [messages[language].intact(summary)];
