import { foldAscii } from './fold.ts';
import type { Known, People } from './person.ts';
import { jaroWinkler } from './similarity.ts';

/** How many candidates are shown for a row that nothing else tells of. */
const mostCandidates = 5;
/** Less alike than this helps nobody to find the right person. */
const leastAlike = 0.72;

/** Persons of the course by how alike their names are to a shown one, the most alike first. It decides nothing. */
export function rankByName(name: string, people: People): Known[] {
  const shown = foldAscii(name);
  if (shown === '') return [];
  const words = shown.split(' ');
  return people.course
    .map((person) => ({ person, alike: alikeness(shown, words, person) }))
    .filter(({ alike }) => alike >= leastAlike)
    .toSorted((a, b) => b.alike - a.alike || (a.person.id < b.person.id ? -1 : 1))
    .slice(0, mostCandidates)
    .map(({ person }) => person);
}

function alikeness(shown: string, words: readonly string[], person: Known): number {
  const whole = jaroWinkler(shown, person.ascii);
  const sorted = jaroWinkler([...words].sort().join(' '), [...person.words].sort().join(' '));
  const byWord = words.map((word) => Math.max(0, ...person.words.map((one) => jaroWinkler(word, one))));
  const mean = byWord.reduce((sum, one) => sum + one, 0) / words.length;
  // A given name alone is less than the whole name.
  const share = Math.min(1, words.length / person.words.length);
  return Math.max(whole, sorted, mean * (0.9 + 0.08 * share));
}
