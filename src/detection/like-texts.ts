import { fold } from './fold-text.ts';

/** Letters that readers take for each other, as one. */
const confused: readonly (readonly [RegExp, string])[] = [
  [/[1lj|!]/g, 'i'],
  [/[0q]/g, 'o'],
  [/5/g, 's'],
  [/8/g, 'b'],
  [/rn/g, 'm'],
  [/vv/g, 'w'],
];
/** Share of the letters that a reader reads otherwise the second time. */
const mostErrors = 0.25;
/** A piece of a line must have this many letters to be known as one. */
const leastPiece = 6;
const mostLetters = 200;

/**
 * Whether two readings may be of the same line: nearly the same letters, or one a piece of the other. Another year is
 * another notice.
 */
export function areLikeTexts(a: string, b: string, errors = mostErrors): boolean {
  const [yearsA, yearsB] = [yearsOf(a), yearsOf(b)];
  if (yearsA.length > 0 && yearsB.length > 0 && !yearsA.some((year) => yearsB.includes(year))) return false;
  return areLikeLetters(a, b, errors);
}

/** The same for lines that may differ in a year: a reader takes one digit for another. */
export function areLikeLetters(a: string, b: string, errors = mostErrors): boolean {
  const [short, long] = [lettersOf(a), lettersOf(b)].toSorted((one, other) => one.length - other.length) as [
    string,
    string,
  ];
  if (short.length === 0) return long.length === 0;
  const whole = distance(short, long, false);
  if (whole <= Math.floor(errors * long.length)) return true;
  return short.length >= leastPiece && distance(short, long, true) <= Math.floor(0.8 * errors * short.length);
}

const yearsOf = (text: string): string[] => text.match(/(?<!\d)(?:19|20)\d\d(?!\d)/g) ?? [];

function lettersOf(text: string): string {
  let letters = fold(text).replaceAll(' ', '').slice(0, mostLetters);
  for (const [pattern, letter] of confused) letters = letters.replaceAll(pattern, letter);
  return letters;
}

/** Wrong letters between two texts (Levenshtein), or between the first and the nearest piece of the second. */
function distance(a: string, b: string, isPiece: boolean): number {
  let row = Array.from({ length: b.length + 1 }, (_, at) => (isPiece ? 0 : at));
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++)
      next[j] = Math.min(row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1), row[j]! + 1, next[j - 1]! + 1);
    row = next;
  }
  return isPiece ? Math.min(...row) : row[b.length]!;
}
