import { formatTime, plain } from './format.ts';
import { fill } from './language.ts';

const words = {
  en: '{what}\nIt waits until {when}. A second administrator can confirm it at once (emanet retention confirm {id}), and any administrator can call it back (emanet retention call-back {id}).',
  tr: '{what}\n{when} tarihine kadar bekler. İkinci bir yönetici hemen onaylayabilir (emanet retention confirm {id}); her yönetici geri alabilir (emanet retention call-back {id}).',
};

/** A change that waits, and what can be done about it. */
export function waitingText(
  change: { id: string; effectiveAt: string; sentence: { tr: string; en: string } },
  language: 'tr' | 'en',
): string {
  const { id, effectiveAt, sentence } = change;
  return fill(words[language], { what: plain(sentence[language]), when: formatTime(effectiveAt), id });
}
