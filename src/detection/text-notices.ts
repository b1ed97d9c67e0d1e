import type { WatchedName } from '../domain/watched-names.ts';
import { rightsNotice } from './container-tags.ts';
import { sureOfCredit } from './credits.ts';
import { fold, holds } from './fold-text.ts';
import type { Box } from './picture-hash.ts';

/** A line of text that was read off a picture. */
export interface LineToCheck {
  readonly text: string;
  /** How sure the reader is of the line, 0 to 1. */
  readonly confidence: number;
  readonly box: Box;
}

/** A line that claims rights, or that names a watched name, whose owner often has rights in pictures. */
export interface TextNotice {
  readonly kind: 'rights_notice' | 'watched_name';
  readonly text: string;
  /** Of `watched_name`: the name as the list spells it. */
  readonly name?: string;
  readonly confidence: number;
  readonly box: Box;
}

/** Phrases of notices, folded as `fold` folds. */
const phrases = [
  'all rights reserved',
  'tum haklari saklidir',
  'her hakki saklidir',
  'her hakki mahfuzdur',
  'telif hakki',
  'copyright',
  'izinsiz kullanilamaz',
  'izinsiz cogaltilamaz',
  'izinsiz kopyalanamaz',
  'izni olmadan',
  'may not be reproduced',
  'without permission',
  'no part of this',
  'may not be copied',
  'unauthorised copying',
  'unauthorised use',
  'unauthorised reproduction',
  'reproduction prohibited',
  'used by permission',
  'used with permission',
  'izni alinmadan',
  'yazili izin',
  'izin alinmadan',
  'izinsiz yayinlanamaz',
  'izinsiz paylasilamaz',
  'kopyalanmasi yasaktir',
  'cogaltilmasi yasaktir',
  'izniyle kullanilmistir',
  'kaynak gosterilmeden',
] as const;

/** A reader takes the sign for another round one, for a letter in brackets, or at the beginning of a line for an O. */
const misreadSign =
  /(?:(?:^|[\s.,;|])(?:[©℗®@€¢]|[([{]?\s?[cC©]\s?[)\]}])|^\s*[OQ0])\s{0,2}(?:19|20)\d\d\b[\s,.-]{0,3}\p{L}{2}/u;
/** Round icons and list letters are read as the sign too: so a year, a credit or two names must stand beside it. */
const signWithSomebody = [
  /[©℗]\s?(?:\p{L}[\p{L} .,&-]{0,40})?(?:19|20)\d\d\b/u,
  /(?:photo|image|picture|foto|fotoğraf|görsel)\P{L}{0,3}[©℗]/iu,
  /[©℗]\s?\p{Lu}\p{Ll}{2,}\s\p{Lu}\p{Ll}{2,}/u,
];
const licence = /\bCC.?BY(?:.?(?:SA|NC|ND)){0,2}\b|\bcreative commons\b/i;
/** Wrong letters that a reader makes of a phrase that is hardly visible: one in so many. In a name: one in two more. */
const lettersPerError = 6;
/** Shorter names are words of other languages: they count only in exactly this spelling. */
const leastFuzzyLetters = 6;
/** Patterns are read as a few capitals as well, and rarely surely. */
const leastConfidenceOfShort = 0.6;

/**
 * Lines about rights. Robust against the errors of readers (dots and cedillas, i and ı, single letters), and silent on
 * ordinary text of a lesson: a phrase or a name must be there as a whole. Attacker-controlled text; the time is linear
 * in it.
 */
export function findTextNotices(lines: readonly LineToCheck[], names: readonly WatchedName[]): TextNotice[] {
  const watched = names.map(({ name }) => ({ name, folded: fold(name) }));
  return lines.flatMap((line) => {
    const notice = (kind: TextNotice['kind'], sure: number, name?: string): TextNotice => ({
      kind,
      text: line.text,
      ...(name === undefined ? {} : { name }),
      confidence: Math.round(sure * (0.5 + line.confidence / 2) * 100) / 100,
      box: line.box,
    });
    const found = watched.filter(
      ({ name, folded }) =>
        isNamed(line.text, name, folded) && (!isShort(folded) || line.confidence >= leastConfidenceOfShort),
    );
    // A credit that names a watched name is one finding, not two.
    const sure = sureOfNotice(line.text) || (found.length > 0 ? 0 : sureOfCredit(line.text));
    return [
      ...(sure === 0 ? [] : [notice('rights_notice', sure)]),
      ...withoutParts(found.map(({ name }) => name)).map((name) => notice('watched_name', 0.8, name)),
    ];
  });
}

/** A notice in a text that nobody had to read off a picture. */
export type SaidNotice = Pick<TextNotice, 'kind' | 'name'>;

/** Finds notices and watched names in lines of text: every letter counts, because none was misread. */
export function findSaidNotices(names: readonly WatchedName[]): (line: string) => SaidNotice[] {
  const watched = names.map(({ name }) => ({ name, folded: fold(name) }));
  return (line) => {
    const plain = line.normalize('NFC');
    const folded = ` ${fold(line)} `;
    const claims =
      rightsNotice.test(plain) ||
      rightsNotice.test(plain.toLocaleLowerCase('tr')) ||
      licence.test(plain) ||
      phrases.some((phrase) => folded.includes(` ${phrase} `));
    const found = watched.filter(({ name, folded: wanted }) =>
      isShort(wanted) ? isNamed(line, name, wanted) : folded.includes(` ${wanted} `),
    );
    return [
      ...(claims ? [{ kind: 'rights_notice' as const }] : []),
      ...withoutParts(found.map(({ name }) => name)).map((name) => ({ kind: 'watched_name' as const, name })),
    ];
  };
}

const isShort = (folded: string): boolean => folded.replaceAll(/[^a-z0-9]/g, '').length < leastFuzzyLetters;

function sureOfNotice(text: string): number {
  const plain = text.normalize('NFC');
  const said = [plain, plain.toLocaleLowerCase('tr')];
  if (said.some((each) => rightsNotice.test(each.replaceAll(/[©℗]/g, ' ')))) return 0.95;
  if (signWithSomebody.some((each) => each.test(plain))) return 0.95;
  if (licence.test(plain)) return 0.9;
  const folded = fold(text);
  if (phrases.some((phrase) => holds(folded, phrase, Math.floor(phrase.length / lettersPerError)))) return 0.85;
  return misreadSign.test(plain) ? 0.7 : 0;
}

function isNamed(text: string, name: string, folded: string): boolean {
  const letters = folded.replaceAll(/[^a-z0-9]/g, '').length;
  // In the exact spelling, between characters that are no letters.
  if (letters < leastFuzzyLetters) {
    const at = text.normalize('NFC').indexOf(name.normalize('NFC'));
    return at >= 0 && isApart(text.normalize('NFC'), at, at + name.normalize('NFC').length);
  }
  return holds(fold(text), folded, Math.floor(letters / (lettersPerError + 2)));
}

const isApart = (text: string, from: number, until: number): boolean =>
  !/[\p{L}\p{N}]$/u.test(text.slice(0, from)) && !/^[\p{L}\p{N}]/u.test(text.slice(until));

/** Drops `Paramount` of `Paramount Pictures`: of names that hold each other, the longest stays. */
const withoutParts = (names: readonly string[]): string[] =>
  names.filter(
    (name) => !names.some((other) => other !== name && fold(other).includes(fold(name).replaceAll('+', ''))),
  );
