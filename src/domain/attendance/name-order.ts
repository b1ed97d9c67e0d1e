import { foldAscii } from './fold.ts';

/** A word of a shown name. `isShort`: it stands for any word that begins with it, as `k.` and `elif k` do. */
interface Word {
  readonly text: string;
  readonly isShort: boolean;
}

export function wordsOfShown(name: string): Word[] {
  return name
    .normalize('NFC')
    .replaceAll(/\.(?=\p{L})/gu, '. ')
    .split(/[\s,]+/u)
    .flatMap((raw) =>
      foldAscii(raw)
        .split(' ')
        .filter((text) => text !== '')
        .map((text) => ({ text, isShort: [...text].length === 1 || /\p{L}\.$/u.test(raw) })),
    );
}

/** How a shown name can be another writing of a full name; null: it cannot. */
export type NameLikeness = 'order' | 'initials' | 'left_out';

/**
 * Whether a shown name is the full name in another order, with initials or abbreviations, or with names left out. The
 * family name and one more word have to be there, one of them whole. The order is the full name's, begun at any word, as
 * `YALINDAĞ Kâmil` and `van den Berg, Anna` begin at the family name.
 */
export function likenessOf(shown: readonly Word[], full: readonly string[]): NameLikeness | null {
  if (shown.length < 2 || full.length < 2 || shown.length > full.length || full.length > 12) return null;
  if (!shown.some(({ isShort }) => !isShort)) return null;
  for (let begin = 0; begin < full.length; begin++) {
    const order = [...full.slice(begin), ...full.slice(0, begin)];
    if (!follows(shown, order, full.length - 1 - begin)) continue;
    if (shown.some(({ isShort, text }) => isShort && !full.includes(text))) return 'initials';
    return shown.length < full.length ? 'left_out' : 'order';
  }
  return null;
}

/** Whether the words are in this order, names left out or not; the word at `family` is not left out. */
function follows(shown: readonly Word[], order: readonly string[], family: number): boolean {
  const place = (family + order.length) % order.length;
  const walk = (at: number, from: number, hasFamily: boolean): boolean => {
    if (at === shown.length) return hasFamily;
    const word = shown[at];
    if (word === undefined) return false;
    for (let there = from; there < order.length; there++) {
      const full = order[there] ?? '';
      const fits = word.isShort ? full.startsWith(word.text) : full === word.text;
      if (fits && walk(at + 1, there + 1, hasFamily || there === place)) return true;
    }
    return false;
  };
  return walk(0, 0, false);
}
