/**
 * Words as a search compares them: without case and without signs above or below letters, so that `ISIK` finds `Işık`.
 * The dotless ı, which Unicode does not fold to i, is one here.
 */
export const folded = (words: string): string =>
  words.toLocaleLowerCase('tr').normalize('NFKD').replace(/\p{M}/gu, '').replaceAll('ı', 'i');
