import type { PersonRole } from '../person.ts';
import { foldAscii, foldTurkish, foldTwoLetters } from './fold.ts';
import { foldClass } from './name-parts.ts';

/** Somebody whom a row of a report may be. */
export interface AttendancePerson {
  readonly id: string;
  readonly name: string;
  readonly role: PersonRole;
  /** Whether they take part in the course, as pupil, staff or guest of a site. Others of the school are candidates too. */
  readonly isInCourse: boolean;
  /** Every address that the school knows. */
  readonly emails: readonly string[];
  readonly schoolNumber: string | null;
  readonly className: string | null;
  /** Pupils whom a guardian or another contact stands beside; empty for everybody else. */
  readonly guardianOf: readonly string[];
}

/** A shown name that a person has settled in this school year (design, section 8). */
export interface ConfirmedAlias {
  readonly name: string;
  readonly email: string | null;
  readonly personIds: readonly string[];
}

/** People as rows are matched with them: their names folded once. */
export interface People {
  readonly all: ReadonlyMap<string, Known>;
  readonly course: readonly Known[];
  /** Guardians and other contacts of the course's pupils. */
  readonly relatives: readonly Known[];
  readonly byEmail: ReadonlyMap<string, readonly Known[]>;
  readonly byTurkish: ReadonlyMap<string, readonly Known[]>;
  readonly byAscii: ReadonlyMap<string, readonly Known[]>;
  readonly byNumber: ReadonlyMap<string, readonly Known[]>;
}

export interface Known extends AttendancePerson {
  readonly turkish: string;
  readonly ascii: string;
  readonly words: readonly string[];
  /** The words in the order of the alphabet. */
  readonly sorted: string;
  /** Every two letters that stand beside each other. */
  readonly pairs: readonly string[];
  readonly isRelative: boolean;
  readonly classKey: string | null;
}

export function indexPeople(people: readonly AttendancePerson[]): People {
  const known = people.map((person): Known => {
    const ascii = foldAscii(person.name);
    const words = ascii.split(' ').filter((word) => word !== '');
    return {
      ...person,
      turkish: foldTurkish(person.name),
      ascii,
      words,
      sorted: words.toSorted().join(' '),
      pairs: [...pairsOf(ascii)],
      isRelative: person.role === 'guardian' || person.role === 'contact',
      classKey: person.className === null ? null : foldClass(person.className),
    };
  });
  const course = known.filter(({ isInCourse }) => isInCourse);
  const taught = new Set(course.map(({ id }) => id));
  return {
    all: new Map(known.map((one) => [one.id, one])),
    course,
    relatives: known.filter((one) => one.isRelative && one.guardianOf.some((id) => taught.has(id))),
    byEmail: group(known, ({ emails }) => emails.flatMap((email) => foldEmail(email) ?? [])),
    byTurkish: group(known, ({ turkish }) => [turkish]),
    byAscii: group(known, ({ ascii, name }) => [ascii, foldTwoLetters(name)]),
    byNumber: group(known, ({ schoolNumber }) =>
      schoolNumber === null ? [] : [schoolNumber.replace(/^0+(?=\d)/, '')],
    ),
  };
}

export const pairsOf = (text: string): ReadonlySet<string> =>
  new Set(Array.from({ length: Math.max(0, text.length - 1) }, (_, at) => text.slice(at, at + 2)));

function group(known: readonly Known[], keysOf: (one: Known) => readonly string[]): Map<string, Known[]> {
  const groups = new Map<string, Known[]>();
  for (const one of known)
    for (const key of new Set(keysOf(one))) {
      if (key === '') continue;
      const there = groups.get(key);
      if (there === undefined) groups.set(key, [one]);
      else there.push(one);
    }
  return groups;
}

/** An address as it is compared (RFC 5321, 2.4); null: it is none. */
export function foldEmail(email: string | null): string | null {
  const text = (email ?? '').trim().toLowerCase();
  return /^[^\s@<>]+@[^\s@<>]+\.[^\s@<>]+$/u.test(text) ? text : null;
}
