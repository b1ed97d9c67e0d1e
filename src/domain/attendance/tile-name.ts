import { foldAscii } from './fold.ts';
import { isDeviceName, namesRelative } from './name-kinds.ts';
import { partsOfName } from './name-parts.ts';

/** Somebody whose tile is looked for. */
export interface WantedPerson {
  readonly id: string;
  /** Their name, and the names by which reports tell them. */
  readonly names: readonly string[];
}

/** What a label says: somebody wanted, or somebody else. */
export type LabelMatch = { readonly personId: string } | 'other';

/** Tools end a label that is too long with dots; readers make two, three or one sign of them. */
const cutShort = /\s*(?:…|\.{2,}|\.$|[.…][\s|]*$).*$/u;
/** A beginning of fewer letters is not enough to know a name by. */
const leastBeginning = 5;
const mostLabelLetters = 100;

interface KnownName {
  readonly words: readonly string[];
  readonly folded: string;
  /** Its number is what tells it from others. */
  readonly isDevice: boolean;
  readonly match: LabelMatch;
}

/**
 * Tells whose label a line of text is, as it was read off a picture. Only a whole name counts, as {@link foldAscii} writes it,
 * or the beginning of one name that dots cut short and that no other known name shares: a letter that was misread names
 * nobody. A name that two people have, a relative's and a device's label name nobody who is wanted.
 * @param others names of everybody else who may be on the picture: a longer one that holds a wanted one wins.
 */
export function createLabelMatcher(
  wanted: readonly WantedPerson[],
  others: readonly string[],
): (line: string) => LabelMatch | null {
  const known = new Map<string, KnownName>();
  const add = (name: string, match: LabelMatch) => {
    const isDevice = isDeviceName(name);
    const folded = foldAscii(isDevice ? name : partsOfName(name).main);
    const before = known.get(folded);
    if (folded.length < 2) return;
    // One name of two people identifies neither.
    const isSame = before === undefined || isSameMatch(before.match, match);
    known.set(folded, { words: folded.split(' '), folded, isDevice, match: isSame ? match : 'other' });
  };
  for (const name of others) add(name, 'other');
  for (const { id, names } of wanted) for (const name of names) add(name, { personId: id });
  const names = [...known.values()].toSorted((a, b) => b.folded.length - a.folded.length);
  return (line) => {
    if (line.length > mostLabelLetters || namesRelative(line)) return null;
    const plain = line.replaceAll(/[|[\]{}<>_~=*•●▾▼©®]/gu, ' ');
    const { main } = partsOfName(plain);
    const whole = foldAscii(plain);
    const words = foldAscii(main).split(' ');
    const found = names.find((name) => (name.isDevice ? whole === name.folded : holds(words, name.words)));
    return found?.match ?? byBeginning(main, names);
  };
}

/** Whether two labels name one wanted person, or both somebody else. */
export const isSameMatch = (a: LabelMatch, b: LabelMatch): boolean =>
  a === 'other' || b === 'other' ? a === b : a.personId === b.personId;

/** Whether the words stand in the line, one after the other. One word alone has to be all that can be a name. */
function holds(line: readonly string[], words: readonly string[]): boolean {
  if (words.length === 1) {
    const letters = line.filter((word) => word.length > 2 || word === words[0]);
    return letters.length === 1 && letters[0] === words[0];
  }
  return line.some((_, at) => words.every((word, next) => line[at + next] === word));
}

function byBeginning(main: string, names: readonly KnownName[]): LabelMatch | null {
  if (!cutShort.test(main)) return null;
  const beginning = foldAscii(main.replace(cutShort, ''));
  if (beginning.replaceAll(' ', '').length < leastBeginning) return null;
  const fitting = names.filter(({ folded, isDevice }) => !isDevice && folded.startsWith(beginning));
  const [only] = fitting;
  return only !== undefined && fitting.every(({ match }) => isSameMatch(match, only.match)) ? only.match : null;
}
