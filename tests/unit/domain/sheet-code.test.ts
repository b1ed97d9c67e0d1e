import { array, assert, constantFrom, integer, nat, property, uint8Array } from 'fast-check';
import { expect, test } from 'vitest';
import {
  findSheetCode,
  makeSheetCode,
  parseSheetAddress,
  parseSheetCode,
  type SheetPage,
  sheetAddress,
  sheetCodeBytes,
  showSheetCode,
} from '../../../src/domain/sheet-code.ts';

const random = uint8Array({ minLength: sheetCodeBytes, maxLength: sheetCodeBytes });
const alphabet = [...'0123456789ABCDEFGHJKMNPQRSTVWXYZ'];
const codeOf = (seed: number) => makeSheetCode(Uint8Array.from({ length: sheetCodeBytes }, (_, at) => seed * 7 + at));

test('a code is read back from what is printed, however it is typed', () => {
  assert(
    property(random, (octets) => {
      const code = makeSheetCode(octets);
      const shown = showSheetCode(code);
      expect(shown).toMatch(/^[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){2}-[0-9A-HJKMNP-TV-Z]{5}$/);
      expect(parseSheetCode(shown)).toBe(code);
      expect(parseSheetCode(` ${shown.toLowerCase().replaceAll('-', ' ')}`)).toBe(code);
      expect(parseSheetCode(code.replaceAll('0', 'o').replaceAll('1', 'l'))).toBe(code);
    }),
  );
});

test('octets that differ make codes that differ: all eighty bits are in it', () => {
  assert(
    property(random, nat(sheetCodeBytes * 8 - 1), (octets, bit) => {
      const other = octets.map((octet, at) => (at === bit >> 3 ? octet ^ (1 << (bit & 7)) : octet));
      expect(makeSheetCode(other)).not.toBe(makeSheetCode(octets));
    }),
  );
  expect(() => makeSheetCode(new Uint8Array(9))).toThrow();
});

test('each wrong letter is noticed, and each two letters that changed places, neighbours or not', () => {
  assert(
    property(random, (octets) => {
      const code = [...makeSheetCode(octets)];
      for (const [at, letter] of code.entries()) {
        for (const other of alphabet)
          if (other !== letter) expect(parseSheetCode(code.with(at, other).join(''))).toBeNull();
        for (const [place, other] of code.entries())
          if (other !== letter) expect(parseSheetCode(code.with(at, other).with(place, letter).join(''))).toBeNull();
      }
    }),
    { numRuns: 20 },
  );
});

test('a letter too few or too many, and letters of no code, are noticed', () => {
  const code = codeOf(3);
  for (const wrong of ['', code.slice(1), code.slice(0, -1), `${code}0`, `U${code.slice(1)}`, `İ${code.slice(1)}`])
    expect(parseSheetCode(wrong), wrong).toBeNull();
});

test('an address holds to the letters of the alphanumeric mode, and is read back whatever its host', () => {
  assert(
    property(random, integer({ min: 1, max: 99 }), (octets, page) => {
      const code = makeSheetCode(octets);
      const address = sheetAddress('https://emanet.okul.example:8443/', { code, page });
      expect(address).toBe(`HTTPS://EMANET.OKUL.EXAMPLE:8443/S/${code}/${page}`);
      expect(parseSheetAddress(address)).toEqual({ code, page });
    }),
  );
  expect(() => sheetAddress('https://okul_1.example', { code: codeOf(1), page: 1 })).toThrow();
  expect(() => sheetAddress('https://okul.example/emanet', { code: codeOf(1), page: 1 })).toThrow();
  expect(() => sheetAddress('https://okul.example', { code: codeOf(1), page: 100 })).toThrow();
});

test('of the codes in a picture only ours count, and two different ones are never guessed at', () => {
  const of = (page: SheetPage) => ({ text: sheetAddress('https://okul.example', page) });
  const first = { code: codeOf(1), page: 1 };
  expect(findSheetCode([])).toBe('none');
  expect(findSheetCode([{ text: 'HTTPS://OKUL.EXAMPLE/' }, { text: `${of(first).text}00` }])).toBe('none');
  expect(findSheetCode([{ text: 'WIFI:S:okul;;' }, of(first), of(first)])).toEqual(first);
  expect(findSheetCode([of(first), of({ ...first, page: 2 })])).toBe('several');
  expect(findSheetCode([of(first), of({ code: codeOf(2), page: 1 })])).toBe('several');
  const typo = {
    text: of(first).text.replace(first.code, `${first.code.slice(0, -1)}${first.code.at(-1) === 'A' ? 'B' : 'A'}`),
  };
  expect(findSheetCode([typo])).toBe('none');
});

test('what a stranger puts into a code is never taken for a page', () => {
  assert(
    property(array(constantFrom(...alphabet, '/', ':', '-', 'S', ' '), { maxLength: 60 }), (text) => {
      expect(parseSheetAddress(`HTTPS://A/${text.join('')}`)).toBeNull();
    }),
  );
});
