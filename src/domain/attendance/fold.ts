import { foldName } from '../person.ts';

/** Cannot be seen: marks of direction, joiners, the tatweel of Arabic, variation selectors. */
const unseen = /\p{Cf}|\u0640|[\uFE00-\uFE0F]|\u034F/gu;
/** Between letters of one word, in the many forms that keyboards and editors write. */
const apostrophes = /['\u2018\u2019\u02BC\u02B9\u0060\u00B4\u2032\uFF07\u05F3\u05F4"\u201C\u201D]/gu;
/** Marks that people leave out. Vowel signs of Indic scripts are no such marks: without them another name is left. */
const marks = /[\u0300-\u036F\u0591-\u05C7\u064B-\u065F\u0670]/gu;
/** Letters that no mark makes, as people write them without. */
const letters: Readonly<Record<string, string>> = {
  ı: 'i',
  ł: 'l',
  ø: 'o',
  đ: 'd',
  ð: 'd',
  þ: 'th',
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ə: 'e',
  ħ: 'h',
  ŋ: 'n',
  ς: 'σ',
  ى: 'ي',
  ة: 'ه',
};
const special = new RegExp(`[${Object.keys(letters).join('')}]`, 'gu');
/** As typed on a keyboard without them, in German and in the Nordic languages. */
const twoLetters: Readonly<Record<string, string>> = { ä: 'ae', ö: 'oe', ü: 'ue', å: 'aa', ø: 'oe' };

const words = (text: string): string => text.replaceAll(/[^\p{L}\p{M}\p{N}]+/gu, ' ').trim();
const seen = (text: string): string => text.normalize('NFKC').replaceAll(unseen, '').replaceAll(apostrophes, '');

/**
 * A name by which two writings of it are the same: small letters by Turkish rules, without punctuation, signs and what
 * cannot be seen. SILA is Sıla and not Sila (design, section 8).
 */
export const foldTurkish = (name: string): string =>
  words(foldName(seen(name)).replaceAll('\u0307', '')).normalize('NFC');

const bare = (folded: string): string =>
  words(
    folded
      .normalize('NFKD')
      .replaceAll(marks, '')
      .replaceAll(special, (letter) => letters[letter] ?? letter),
  ).normalize('NFC');

/** As {@link foldTurkish}, and without what a keyboard without Turkish letters cannot type: `ı→i`, marks off. */
export const foldAscii = (name: string): string => bare(foldTurkish(name));

/** The other way to write a name in ASCII: Müller as Mueller. Equal to {@link foldAscii} where there is none. */
export const foldTwoLetters = (name: string): string =>
  bare(foldTurkish(name).replaceAll(/[äöüåø]/gu, (letter) => twoLetters[letter] ?? letter));
