/** As a file writes it, without blanks around and with one blank between words. */
export const tidy = (text: string): string =>
  text
    .normalize('NFC')
    .replace(/[\s\u00A0]+/g, ' ')
    .trim();

/**
 * For comparing words, never for showing: small letters of ASCII, one blank for whatever is no letter or digit. It makes
 * one word of `Sınıf`, `SINIF` and `sinif`.
 */
export const plain = (text: string): string =>
  text
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .replace(/\u0131/g, 'i')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();

/** Headings as written, each once: a second one of a name has ` (2)` behind it. */
export function once(cells: readonly string[]): string[] {
  const seen = new Map<string, number>();
  return cells.map((cell) => {
    const heading = tidy(cell);
    const count = (seen.get(heading) ?? 0) + 1;
    seen.set(heading, count);
    return count === 1 ? heading : `${heading} (${count})`;
  });
}
