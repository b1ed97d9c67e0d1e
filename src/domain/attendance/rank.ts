import { foldAscii } from './fold.ts';
import { type Known, type People, pairsOf } from './person.ts';
import { jaroWinkler } from './similarity.ts';

/** How many candidates are shown for a row that nothing else tells of. */
const mostCandidates = 5;
/** No name is longer; what a file has in the place of one may be. */
const [mostLetters, mostWords] = [120, 6];
/** Of a large course, so many are compared letter by letter: those that share the most pairs of letters. */
const mostCompared = 40;
/** Less alike than this helps nobody to find the right person. */
const leastAlike = 0.72;

/** Persons of the course by how alike their names are to a shown one, the most alike first. It decides nothing. */
export function rankByName(name: string, people: People): Known[] {
  const shown = foldAscii(name).slice(0, mostLetters);
  if (shown === '') return [];
  const words = shown.split(' ').slice(0, mostWords);
  return preselect(shown, people.course)
    .map((person) => ({ person, alike: alikeness(shown, words, person) }))
    .filter(({ alike }) => alike >= leastAlike)
    .toSorted((a, b) => b.alike - a.alike || (a.person.id < b.person.id ? -1 : 1))
    .slice(0, mostCandidates)
    .map(({ person }) => person);
}

function preselect(shown: string, course: readonly Known[]): readonly Known[] {
  if (course.length <= mostCompared) return course;
  const pairs = pairsOf(shown);
  const shared = (person: Known) => person.pairs.reduce((count, pair) => count + (pairs.has(pair) ? 1 : 0), 0);
  return course
    .map((person) => ({ person, count: shared(person) }))
    .toSorted((a, b) => b.count - a.count)
    .slice(0, mostCompared)
    .map(({ person }) => person);
}

function alikeness(shown: string, words: readonly string[], person: Known): number {
  const whole = jaroWinkler(shown, person.ascii);
  const sorted = jaroWinkler([...words].sort().join(' '), person.sorted);
  const byWord = words.map((word) => Math.max(0, ...person.words.map((one) => jaroWinkler(word, one))));
  const mean = byWord.reduce((sum, one) => sum + one, 0) / words.length;
  // A given name alone is less than the whole name.
  const share = Math.min(1, words.length / person.words.length);
  return Math.max(whole, sorted, mean * (0.9 + 0.08 * share));
}
