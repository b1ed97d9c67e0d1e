import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeText } from '../../../src/rosters/decode-text.ts';
import { kindOf } from '../../../src/rosters/file-kind.ts';
import { refusalOf } from './grids.ts';

const list = 'Okul No;Adı;Soyadı\n0042;İlgın Şükrü;Öğütçü\n';
const wide = (text: string, isBig: boolean) => {
  const octets = Buffer.from(text, 'utf16le');
  return isBig ? octets.swap16() : octets;
};
/** windows-1254 differs from Latin-1 in six letters. */
const turkish = (text: string) => {
  const letters: Record<string, number> = { Ğ: 0xd0, İ: 0xdd, Ş: 0xde, ğ: 0xf0, ı: 0xfd, ş: 0xfe };
  return Uint8Array.from([...text], (letter) => letters[letter] ?? letter.charCodeAt(0));
};

describe('text of a list', () => {
  it.each([
    ['UTF-8', Buffer.from(list)],
    ['UTF-8 with a mark', Buffer.from(`\uFEFF${list}`)],
    ['UTF-16LE with a mark', wide(`\uFEFF${list}`, false)],
    ['UTF-16BE with a mark', wide(`\uFEFF${list}`, true)],
    ['UTF-16LE without', wide(list, false)],
    ['UTF-16BE without', wide(list, true)],
    ['windows-1254', turkish(list)],
  ])('is the same in %s', (_, octets) => {
    expect(decodeText(octets, 'a.csv')).toBe(list);
  });

  it('is what any letters of Turkish were written as', () => {
    const names = fc.string({ unit: fc.constantFrom(...'abcçdefgğhıijklmnoöprsştuüvyzABCÇĞIİÖŞÜâîû ;\n') });
    fc.assert(
      fc.property(names, (name) => {
        const text = `ad;${name}`;
        for (const octets of [Buffer.from(text), turkish(text), wide(`\uFEFF${text}`, true)])
          expect(decodeText(octets, 'a.csv')).toBe(text);
      }),
    );
  });

  it.each([
    ['UTF-8 that was read as windows-1254', Buffer.from('Okul No\nÃ–rnek\nAda\nSÄ±la', 'utf8'), [2, 4]],
    ['letters that were lost', Buffer.from('Okul No\nAda \uFFFDrnek\n', 'utf8'), [2]],
    ['UTF-8 that was read as Latin-1', Buffer.from(Buffer.from('Ada\nŞıla').toString('latin1'), 'utf8'), [2]],
  ])('is refused for %s, with the lines', (_, octets, lines) => {
    expect(refusalOf(() => decodeText(octets, 'a.csv'))).toEqual(lines.map((line) => `ROSTER_WRONG_ENCODING ${line}`));
  });

  it.each([
    ['what is no text', Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 1, 2, 3])],
    ['half a letter of UTF-16', Buffer.from([0xff, 0xfe, 0x41])],
    ['letters that windows-1254 does not have', Buffer.from([0x41, 0x81, 0x41])],
  ])('is refused for %s', (_, octets) => {
    expect(refusalOf(() => decodeText(octets, 'a.csv'))).toEqual(['ROSTER_UNKNOWN_KIND']);
  });

  it.each([true, false])('is known by its mark where no letter is of ASCII (big endian: %s)', (isBig) => {
    const names = 'ليان؛Тимур';
    expect(decodeText(wide(`\uFEFF${names}`, isBig), 'a.csv')).toBe(names);
  });

  it('takes the names of other countries as they are', () => {
    for (const name of ['Åse Ärlig', 'José Ñúñez', 'RÂNÂ’NIN', 'Тимур', 'ليان'])
      expect(decodeText(Buffer.from(name), 'a.csv')).toBe(name);
  });
});

describe('the kind of a file', () => {
  it.each([
    ['empty', Buffer.alloc(0)],
    ['archive', Buffer.from('PK\x03\x04rest')],
    ['archive', Buffer.from('PK\x05\x06rest')],
    ['xls', Buffer.from('d0cf11e0a1b11ae100', 'hex')],
    ['pdf', Buffer.from('%PDF-1.7')],
    ['markup', Buffer.from('<html><table>')],
    ['markup', Buffer.from('\uFEFF  <?xml version="1.0"?>')],
    ['markup', Buffer.from('\uFEFF<html>', 'utf16le')],
    ['text', Buffer.from('<5 yaş;Ada')],
    ['text', Buffer.from('Adı;Soyadı')],
  ])('is %s by its bytes', (kind, octets) => {
    expect(kindOf(octets)).toBe(kind);
  });
});
