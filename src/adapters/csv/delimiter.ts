const delimiters = ['\t', ';', ','] as const;
type Delimiter = (typeof delimiters)[number];

/**
 * What stands between cells: spreadsheets write semicolons where the comma is in numbers, and copy tabs. It is the most
 * frequent one outside of quotation marks, in the first row that has any: the rows below may have others in their cells.
 */
export function delimiterOf(text: string): Delimiter {
  let isQuoted = false;
  const counts = new Map<string, number>();
  for (const letter of text) {
    if (letter === '"') isQuoted = !isQuoted;
    else if (isQuoted) continue;
    else if (letter === '\n' && counts.size > 0) break;
    else if (letter === '\t' || letter === ';' || letter === ',') counts.set(letter, (counts.get(letter) ?? 0) + 1);
  }
  return delimiters.reduce((best, one) => ((counts.get(one) ?? 0) > (counts.get(best) ?? 0) ? one : best));
}
