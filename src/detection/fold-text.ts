/** Small letters without marks, one space between words. `ı` and `İ` become `i`. */
export function fold(text: string): string {
  return text
    .toLocaleLowerCase('tr')
    .replaceAll(/ı/g, 'i')
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .replaceAll(/[^\p{L}\p{N}+©]+/gu, ' ')
    .trim();
}

/**
 * Whether `text` holds `wanted` from the beginning of a word to the end of one, with at most `errors` wrong letters
 * (Sellers, 1980).
 */
export function holds(text: string, wanted: string, errors: number): boolean {
  let row = Array.from({ length: wanted.length + 1 }, (_, at) => at);
  for (let at = 0; at < text.length; at++) {
    const startsWord = at === 0 || text[at - 1] === ' ';
    // A match may begin at the beginning of a word only.
    const next = [startsWord ? 0 : wanted.length];
    if (startsWord) row[0] = 0;
    for (let place = 1; place <= wanted.length; place++) {
      const same = text[at] === wanted[place - 1] ? 0 : 1;
      next[place] = Math.min(row[place - 1]! + same, row[place]! + 1, next[place - 1]! + 1);
    }
    next[0] = wanted.length;
    if (next[wanted.length]! <= errors && (at + 1 === text.length || text[at + 1] === ' ')) return true;
    row = next;
  }
  return false;
}
