import { foldAscii, foldTurkish } from './fold.ts';
import type { Interval } from './interval.ts';
import {
  isBotName,
  isDeviceName,
  isTelephoneName,
  namesRelative,
  partsOfShared,
  withoutDevice,
  withoutRelatives,
} from './name-kinds.ts';
import { likenessOf, type NameLikeness, wordsOfShown } from './name-order.ts';
import { type NameParts, partsOfName } from './name-parts.ts';
import {
  type AttendancePerson,
  type ConfirmedAlias,
  foldEmail,
  indexPeople,
  type Known,
  type People,
} from './person.ts';
import { stayOf } from './presence.ts';
import { rankByName } from './rank.ts';
import type { ReportedRow } from './row.ts';
import type { MatchNote, RowMatch } from './row-match.ts';
import { settleTwice } from './two-people.ts';

/**
 * Who each row may be, by the tiers of section 8 of the design. It identifies by an address that is exactly one person's,
 * proposes by names, and leaves open whatever fits two persons. The time is linear in the rows.
 * @param people everybody whom a row may be: participants and staff of the course, guests of its sites, others of the
 * school, guardians.
 */
export function matchAttendance(
  rows: readonly ReportedRow[],
  people: readonly AttendancePerson[],
  { lesson, aliases = [] }: { readonly lesson: Interval; readonly aliases?: readonly ConfirmedAlias[] },
): Map<string, RowMatch> {
  const index = indexPeople(people);
  const known = new Map(aliases.map((alias) => [aliasKey(alias.name, alias.email), alias]));
  const done = new Map<string, RowMatch>();
  const first = rows.map((row) => {
    const key = [row.name, row.originalName, row.email, row.isTelephone].join('\n');
    const match = done.get(key) ?? withAlias(row, matchOne(row, index, done.size < mostRanked), known, index);
    done.set(key, match);
    return { row, match, stay: stayOf(row, lesson) };
  });
  return settleTwice(first);
}

const open = (
  state: Exclude<RowMatch['state'], 'identified' | 'proposed'>,
  tier: 1 | 2 | 3 | 4,
  candidates: readonly Known[],
  ...notes: readonly MatchNote[]
): RowMatch => ({ state, tier, isTicked: false, candidates: idsOf(candidates), notes });
const proposed = (tier: 1 | 2, isTicked: boolean, candidates: readonly Known[], ...notes: MatchNote[]): RowMatch => ({
  state: 'proposed',
  tier,
  isTicked,
  candidates: idsOf(candidates),
  notes,
});
const idsOf = (candidates: readonly Known[]): string[] => [...new Set(candidates.map(({ id }) => id))];

/** Longer than any name. Such a row is open, and nobody is compared with it. */
const mostNameLetters = 200;
/** Names of one lesson for which the most alike are looked for; a person does not settle more. */
const mostRanked = 1_000;

function matchOne(row: ReportedRow, people: People, isRanked: boolean): RowMatch {
  if (row.name.length > mostNameLetters) return open('unknown', 3, [], 'no_name');
  const email = foldEmail(row.email);
  const owners = email === null ? [] : (people.byEmail.get(email) ?? []);
  const parts = withOriginal(partsOfName(row.name), row.originalName);
  const exact = inCourse(exactly(parts.main, people));
  return (
    neverMatched(row, parts, exact, owners, people) ??
    matchByAddress(parts, owners, people) ??
    matchByName(row, parts, exact, people, isRanked)
  );
}

/** The name before the attendee renamed themselves counts as a note, whether it stood in brackets or in a column. */
function withOriginal(parts: NameParts, originalName: string | null): NameParts {
  const original = foldTurkish(originalName ?? '');
  const isNoted = original === '' || [parts.main, ...parts.notes].some((one) => foldTurkish(one) === original);
  return isNoted || originalName === null ? parts : { ...parts, notes: [...parts.notes, originalName] };
}

const inCourse = (found: readonly Known[]): Known[] => found.filter(({ isInCourse }) => isInCourse);

/** Who has this full name: by Turkish rules, or else as ASCII. Of two that ASCII makes one, those in the course count. */
function exactly(name: string, people: People): readonly Known[] {
  const turkish = people.byTurkish.get(foldTurkish(name)) ?? [];
  if (turkish.some(({ isInCourse }) => isInCourse)) return turkish;
  const ascii = people.byAscii.get(foldAscii(name)) ?? [];
  return ascii.some(({ isInCourse }) => isInCourse) || turkish.length === 0 ? ascii : turkish;
}

/** Devices, telephones, programs, several persons at one screen, and relatives beside a pupil: tier 4. */
function neverMatched(
  row: ReportedRow,
  parts: NameParts,
  exact: readonly Known[],
  owners: readonly Known[],
  people: People,
): RowMatch | null {
  const { name } = row;
  if (parts.notes.some(namesRelative)) return relativeOf(parts.main, parts.notes, owners, people);
  if ((row.isTelephone && owners.length === 0) || (exact.length === 0 && isTelephoneName(name)))
    return open('phone', 4, exact, 'telephone');
  if (exact.length > 0 || fitting(parts.main, people).length > 0) return null;
  if (isBotName(name)) return open('device', 4, [], 'bot');
  const shared = partsOfShared(parts.main);
  if (shared !== null) {
    const each = shared.parts.map((part) => called(part, people));
    if (shared.isSure ? !namesRelative(name) : each.every((found) => found.length > 0))
      return open('device', 4, [...each.flat(), ...owners], 'shared_device');
  }
  if (isDeviceName(name)) {
    const inside = [...parts.notes.flatMap((note) => called(note, people)), ...called(withoutDevice(name), people)];
    return open('device', 4, [...owners, ...inside], 'device');
  }
  if (namesRelative(parts.main)) return relativeOf(parts.main, parts.notes, owners, people);
  return null;
}

/** Persons of the course whom somebody calls by this name: whole, in part, or by the given name alone. */
function called(name: string, people: People): readonly Known[] {
  const exact = inCourse(exactly(name, people));
  if (exact.length > 0) return exact;
  const fits = fitting(name, people);
  if (fits.length > 0) return fits.map(({ person }) => person);
  const word = foldAscii(name);
  return word === ''
    ? []
    : people.course.filter(({ words }) => words[0] === word || words.slice(0, -1).join(' ') === word);
}

function relativeOf(main: string, notes: readonly string[], owners: readonly Known[], people: People): RowMatch {
  const named = exactly(main, people).filter(({ isRelative }) => isRelative);
  const child = [main, ...notes].flatMap((text) => called(withoutRelatives(text), people));
  const beside = people.relatives.filter(({ guardianOf }) => child.some(({ id }) => guardianOf.includes(id)));
  return open('unknown', 4, [...named, ...owners.filter(({ isRelative }) => isRelative), ...beside], 'relative');
}

function matchByAddress(parts: NameParts, owners: readonly Known[], people: People): RowMatch | null {
  const [owner, second] = owners;
  if (owner === undefined) return null;
  const named = exactly(parts.main, people);
  if (second !== undefined) {
    const both = owners.filter((one) => named.includes(one));
    const [only] = both;
    return only !== undefined && both.length === 1
      ? proposed(2, false, [only], 'address_shared')
      : open('ambiguous', 2, [...both, ...owners], 'address_shared');
  }
  if (owner.isRelative) {
    const others = called(parts.main, people).filter((one) => one !== owner);
    if (named.includes(owner)) return open('unknown', 4, [owner], 'relative');
    if (others.length > 0) return open('ambiguous', 2, [...others, owner], 'name_and_address_differ');
    const children = people.course.filter(({ id }) => owner.guardianOf.includes(id));
    return open('unknown', 3, [...children, owner], 'relative');
  }
  const others = [
    ...(named.includes(owner) ? [] : named.filter(({ isRelative }) => !isRelative)),
    ...parts.notes.flatMap((note) => {
      const inside = inCourse(exactly(note, people));
      return inside.includes(owner) ? [] : inside;
    }),
  ];
  if (others.length > 0) return open('ambiguous', 2, [owner, ...others], 'name_and_address_differ');
  return { state: 'identified', tier: 0, isTicked: true, candidates: [owner.id], notes: ['school_email'] };
}

function matchByName(
  row: ReportedRow,
  parts: NameParts,
  exact: readonly Known[],
  people: People,
  isRanked: boolean,
): RowMatch {
  const { main } = parts;
  if (row.name === '') return open('unknown', 3, [], 'no_name');
  if (!/[\p{L}]/u.test(main) && row.name.includes('?')) return open('unknown', 3, [], 'name_lost');
  if (exact.length > 0) return byFullName(parts, exact, people);
  const fits = fitting(main, people);
  const [fit, other] = fits;
  if (fit !== undefined)
    return checked(
      parts,
      other === undefined
        ? proposed(2, false, [fit.person], fit.likeness)
        : open(
            'ambiguous',
            2,
            fits.map(({ person }) => person),
            'several_fit',
          ),
      people,
    );
  const elsewhere = exactly(main, people);
  const [there, second] = elsewhere.filter(({ isRelative }) => !isRelative);
  if (second !== undefined) return open('ambiguous', 2, elsewhere, 'namesakes', 'not_in_course');
  if (there !== undefined) return checked(parts, proposed(2, false, [there], 'full_name', 'not_in_course'), people);
  if (elsewhere.length > 0) return open('unknown', 4, elsewhere, 'relative');
  return open('unknown', 3, isRanked ? rankByName(main, people) : []);
}

function byFullName(parts: NameParts, exact: readonly Known[], people: People): RowMatch {
  const [person, second] = exact;
  if (person !== undefined && second === undefined) {
    // Another person of the course may write a longer name so.
    const others = fitting(parts.main, people).filter((one) => one.person !== person);
    const isTicked = others.length === 0 && parts.notes.length === 0;
    return checked(parts, proposed(1, isTicked, [person, ...others.map((one) => one.person)], 'full_name'), people);
  }
  const told = exact.filter((one) => isTold(parts, one));
  const [only] = told;
  return told.length === 1 && only !== undefined
    ? proposed(2, false, [only, ...exact], 'number_tells')
    : open('ambiguous', 1, exact, 'namesakes');
}

/** Whether the number or the class beside the name is this person's. */
const isTold = ({ number, className }: NameParts, { schoolNumber, classKey }: Known): boolean =>
  (number !== null && schoolNumber?.replace(/^0+(?=\d)/, '') === number) ||
  (className !== null && classKey === className);

/** Whether what stands beside the name speaks against a proposal. A number that nobody has only takes the tick away. */
function checked(parts: NameParts, match: RowMatch, people: People): RowMatch {
  const person = people.all.get(match.candidates[0] ?? '');
  if (match.state !== 'proposed' || person === undefined) return match;
  const { number, className } = parts;
  if (number !== null && person.schoolNumber?.replace(/^0+(?=\d)/, '') !== number) {
    const theirs = people.byNumber.get(number) ?? [];
    if (theirs.length > 0) return open('ambiguous', 2, [person, ...theirs], 'name_and_number_differ');
    return { ...match, isTicked: false };
  }
  if (className !== null && person.classKey !== null && person.classKey !== className) {
    const named = exactly(parts.main, people).filter(({ classKey }) => classKey === className);
    return open('ambiguous', 2, [...named, person], 'name_and_class_differ');
  }
  for (const note of parts.notes) {
    if (isDeviceName(note) || /^\d*$/.test(note)) continue;
    const other = [...inCourse(exactly(note, people)), ...fitting(note, people).map((one) => one.person)];
    if (other.includes(person)) continue;
    if (other.length > 0) return open('ambiguous', 2, [person, ...other], 'other_name_in_brackets');
    return { ...match, isTicked: false };
  }
  // A device in brackets is what the shown name was before: the name stands.
  const isTicked = match.tier === 1 && match.candidates.length === 1;
  return { ...match, isTicked };
}

interface Fit {
  readonly person: Known;
  readonly likeness: NameLikeness;
}

/** Persons of the course whose name this is in another order, with initials, or in part. */
function fitting(name: string, people: People): Fit[] {
  const words = wordsOfShown(name);
  if (words.length < 2) return [];
  const ascii = foldAscii(name);
  return people.course.flatMap((person) => {
    if (person.ascii === ascii) return [];
    const likeness = likenessOf(words, person.words);
    return likeness === null ? [] : [{ person, likeness }];
  });
}

const aliasKey = (name: string, email: string | null): string => `${foldTurkish(name)}\n${foldEmail(email) ?? ''}`;

/** A confirmed alias is a suggestion: it ranks first, and makes a proposal only of what would otherwise be unknown. */
function withAlias(
  row: ReportedRow,
  match: RowMatch,
  aliases: ReadonlyMap<string, ConfirmedAlias>,
  people: People,
): RowMatch {
  if (match.state === 'identified' || row.name === '') return match;
  const alias = aliases.get(aliasKey(row.name, row.email));
  // Of two people of one name, that of another course says nothing here.
  const isOfCourse = (id: string) => people.all.get(id)?.isInCourse === true;
  const persons = (alias?.personIds ?? []).filter(
    (id) => people.all.has(id) && (match.state !== 'proposed' || isOfCourse(id)),
  );
  if (persons.length === 0) return match;
  const candidates = [...new Set([...persons, ...match.candidates])];
  const notes = [...match.notes, 'alias' as const];
  if (match.state === 'unknown' && persons.length === 1)
    return { state: 'proposed', tier: 2, isTicked: false, candidates, notes };
  const speaksAgainst = match.state === 'proposed' && !persons.includes(match.candidates[0] ?? '');
  return speaksAgainst
    ? { ...match, state: 'ambiguous', isTicked: false, candidates, notes }
    : { ...match, candidates, notes };
}
