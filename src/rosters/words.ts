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
