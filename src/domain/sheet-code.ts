/**
 * The code of a sheet of paper: it says which sheet this is, and nothing else. It is an address and never a way to sign:
 * whoever knows it reads nothing and answers nothing with it. Who may see what a sheet asks, and who may note what it
 * answers, is decided as everywhere else, by signing in.
 */
export type SheetCode = string & { readonly isSheetCode: true };

/** Base 32 of Crockford: no I, L, O or U, which are taken for other letters. */
const letters = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const letterBits = 5;
const dataLetters = 16;
const codeLetters = dataLetters + 1;

/** Random octets that a code is made of. */
export const sheetCodeBytes = (dataLetters * letterBits) / 8;

/** A code from octets that nobody can guess, given by the caller. @throws Error unless they are ten. */
export function makeSheetCode(random: Uint8Array): SheetCode {
  if (random.length !== sheetCodeBytes) throw new Error(`a code of a sheet is made of ${sheetCodeBytes} octets`);
  let bits = random.reduce((all, octet) => (all << 8n) | BigInt(octet), 0n);
  const values: number[] = [];
  for (let at = 0; at < dataLetters; at++) {
    values.unshift(Number(bits & 31n));
    bits >>= 5n;
  }
  return [...values, checkOf(values)].map((value) => letters.charAt(value)).join('') as SheetCode;
}

/**
 * A code as somebody typed it: in small letters, with hyphens or blanks anywhere, with O for 0 and I or L for 1. Null: it is
 * no code. Every letter that is wrong, and every two letters that changed places, make it none.
 */
export function parseSheetCode(typed: string): SheetCode | null {
  const read = typed.toUpperCase().replaceAll(/[\s-]/g, '').replaceAll('O', '0').replaceAll(/[IL]/g, '1');
  const values = [...read].map((letter) => letters.indexOf(letter));
  if (values.length !== codeLetters || values.includes(-1)) return null;
  return checkOf(values.slice(0, dataLetters)) === values.at(-1) ? (read as SheetCode) : null;
}

/** A code in groups, as a person reads it. */
export const showSheetCode = (code: SheetCode): string => code.replace(/^(.{4})(.{4})(.{4})(.{5})$/, '$1-$2-$3-$4');

/**
 * The check letter: the sum of all letters, each times another power of a generator of the field of 32 elements. Powers that
 * differ notice one wrong letter and any two letters that changed places, the check letter among them.
 */
function checkOf(values: readonly number[]): number {
  // The last letter is multiplied once, the check letter would be by one.
  return values.reduce((sum, value) => twice(sum ^ value), 0);
}

/** Times x in GF(2⁵), modulo x⁵ + x² + 1. */
const twice = (value: number): number => (value << 1) ^ (value & 16 ? 0b100101 : 0);

/** A page of a sheet, as the code on it says. */
export interface SheetPage {
  readonly code: SheetCode;
  /** Counted from 1. */
  readonly page: number;
}

/** A QR code has a mode for these only, in which a letter takes 5.5 bits (ISO/IEC 18004, 7.4.5). */
const alphanumeric = /^[0-9A-Z $%*+\-./:]*$/;
/** Pages of one sheet: two digits in its address. */
export const mostSheetPages = 99;

/**
 * The address in the code on a page: `HTTPS://HOST/S/CODE/PAGE`, in capital letters, which scheme and host allow.
 * @param origin scheme, host and perhaps port of this server.
 * @throws Error if the origin has letters that a small QR code cannot hold.
 */
export function sheetAddress(origin: string, { code, page }: SheetPage): string {
  const address = `${origin.toUpperCase().replace(/\/$/, '')}/S/${code}/${page}`;
  if (!/^HTTPS?:\/\/[^/]+\/S\//.test(address) || !alphanumeric.test(address))
    throw new Error(`sheets cannot be printed with the address ${origin}`);
  if (page < 1 || page > mostSheetPages) throw new Error(`a sheet has no page ${page}`);
  return address;
}

/** The page that a text read from a code names, whatever its host; null: it names none. */
export function parseSheetAddress(text: string): SheetPage | null {
  const [, typed = '', page = ''] = /^HTTPS?:\/\/[^/]+\/S\/([0-9A-Z]+)\/([1-9][0-9]?)$/.exec(text) ?? [];
  const code = parseSheetCode(typed);
  return code === null ? null : { code, page: Number(page) };
}

/**
 * The one sheet page that the codes in a picture name. `none`: no code there is one of ours. `several`: it could be either
 * of two pages, and nobody guesses.
 */
export function findSheetCode(codes: readonly { readonly text: string }[]): SheetPage | 'none' | 'several' {
  const pages = codes.map(({ text }) => parseSheetAddress(text)).filter((page) => page !== null);
  const [first, ...others] = pages;
  if (first === undefined) return 'none';
  return others.every(({ code, page }) => code === first.code && page === first.page) ? first : 'several';
}
