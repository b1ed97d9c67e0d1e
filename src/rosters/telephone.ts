import { tidy } from './words.ts';

/** A telephone as written. A spreadsheet that takes it for a number drops the zero in front of Turkey's ten digits. */
export function telephone(text: string): string | null {
  const written = tidy(text);
  if (/^[2-5]\d{9}$/.test(written)) return `0${written}`;
  return written === '' ? null : written;
}
