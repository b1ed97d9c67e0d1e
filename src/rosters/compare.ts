import { Refusal } from '../domain/errors.ts';
import { mustHave } from '../domain/must-have.ts';
import { foldName, type Relation } from '../domain/person.ts';
import type { ReasonCode } from '../domain/reason.ts';
import type { Provenance, Roster, RosterLink, RosterMembership, RosterPerson } from './roster.ts';

/** Somebody the school knows, as far as a roster can speak of them. */
export interface KnownPerson {
  readonly id: string;
  readonly name: string;
  readonly roles: readonly string[];
  readonly schoolNumber: string | null;
  /** Names of the classes that they are in now, of the school year of the roster. */
  readonly classes: ReadonlySet<string>;
  /** Identifiers by which files of the roster's format have named them. */
  readonly sourceIds: readonly string[];
  /** Digests of their contacts, in hex. */
  readonly contacts: ReadonlySet<string>;
}

/** A guardianship in force. */
export interface KnownGuardianship {
  readonly pupilId: string;
  readonly guardianId: string;
  readonly relation: Relation;
}

export interface KnownPeople {
  readonly schoolName: string;
  readonly persons: readonly KnownPerson[];
  /** Names of classes by the identifiers of the roster's format. */
  readonly classes: ReadonlyMap<string, string>;
  readonly guardianships: readonly KnownGuardianship[];
}

export type PersonField = 'name' | 'schoolNumber' | 'role' | 'class' | 'contact' | 'source';

/** One thing that the roster says and the school does not know yet. `before` is null where something comes beside. */
export interface PersonChange {
  readonly personId: string;
  readonly key: string;
  readonly field: PersonField;
  readonly before: string | null;
  readonly after: string;
}

/** What has to be answered before the roster may be taken in. */
export type RosterQuestion =
  | { readonly code: 'OTHER_SCHOOL'; readonly params: { readonly name: string } }
  | {
      readonly code: 'OTHER_CLASS';
      readonly params: { readonly class: string; readonly recognised: number; readonly of: number };
    }
  | { readonly code: 'MANY_GONE'; readonly params: { readonly gone: number; readonly of: number } }
  | { readonly code: 'NUMBERS_DIFFER'; readonly params: { readonly count: number } };

export interface RosterComparison {
  /** Persons of the file that the school knows: key to id. */
  readonly matched: ReadonlyMap<string, string>;
  readonly added: readonly RosterPerson[];
  readonly changes: readonly PersonChange[];
  /** Memberships that end, because the file no longer names them. People stay. */
  readonly ended: readonly { readonly personId: string; readonly className: string }[];
  /** Pupils whom the file should name and does not: a task each. */
  readonly notListed: readonly string[];
  readonly links: readonly RosterLink[];
  /** Memberships of the file, each with the name of its class. */
  readonly memberships: readonly NamedMembership[];
  /** Guardianships in force that the file no longer lists: a task each, never a change. */
  readonly unlisted: readonly KnownGuardianship[];
  readonly questions: readonly RosterQuestion[];
}

/** Under this share of a class recognised, the file is of another class. */
const leastRecognised = 0.6;
/** More than this share of the pupils gone is asked about once more. */
const mostGone = 0.1;

/**
 * What a roster would change. Nobody is matched by a number alone: numbers of another school are the same numbers.
 * `digestsOf` gives the digests of a person's contacts, in hex.
 */
export function compareRoster(
  roster: Roster,
  known: KnownPeople,
  digestsOf: (person: RosterPerson) => readonly string[],
): RosterComparison {
  const contacts = new Map(roster.persons.map((person) => [person.key, digestsOf(person)]));
  const contactsOf = ({ key }: RosterPerson) => contacts.get(key) ?? [];
  const memberships = withClassNames(roster.memberships, known);
  const classesOf = new Map<string, Set<string>>();
  for (const { person, className } of memberships)
    classesOf.set(person, (classesOf.get(person) ?? new Set()).add(className));
  const bySource = new Map(known.persons.flatMap((person) => person.sourceIds.map((id) => [id, person] as const)));
  const matched = matchPersons(roster, known, bySource, classesOf, contactsOf);
  matchReferences(roster, bySource, matched);
  const knownById = new Map(known.persons.map((person) => [person.id, person]));
  const changes: PersonChange[] = [];
  let differingNumbers = 0;
  for (const person of roster.persons) {
    const there = knownById.get(matched.get(person.key) ?? '');
    if (!there) continue;
    const differs = changesOf(person, there, classesOf.get(person.key) ?? none, contactsOf(person));
    if (differs.some(({ field }) => field === 'source') && isOtherNumber(person, there)) differingNumbers += 1;
    changes.push(...differs);
  }
  changes.push(...newClassesOfReferences(roster, classesOf, matched, knownById));
  const gone = findGone(roster, known, matched, classesOf);
  return {
    matched,
    added: roster.persons.filter(({ key }) => !matched.has(key)),
    changes,
    ended: [
      ...gone.ended,
      ...movedAway(roster, knownById, matched, classesOf),
      ...withClassNames(roster.ended, known).map(({ person, className }) => ({
        personId: mustHave(matched.get(person), 'person whose membership ends'),
        className,
      })),
    ],
    memberships,
    notListed: gone.pupils,
    links: newLinks(roster, known, matched),
    unlisted: unlistedGuardianships(roster, known, matched),
    questions: [
      ...otherSchool(roster, known),
      ...otherClasses(roster, known, matched, classesOf),
      ...(gone.pupils.length > mostGone * gone.of
        ? [{ code: 'MANY_GONE', params: { gone: gone.pupils.length, of: gone.of } } as const]
        : []),
      ...(differingNumbers > 0 ? [{ code: 'NUMBERS_DIFFER', params: { count: differingNumbers } } as const] : []),
    ],
  };
}

/** Names of the classes of each person of the file. */
type ClassesOf = ReadonlyMap<string, ReadonlySet<string>>;
const none: ReadonlySet<string> = new Set();

export type NamedMembership = RosterMembership & { readonly className: string };

/** A file of changes names a class by its identifier. @throws Refusal `ROSTER_UNREADABLE` for one that is not known. */
function withClassNames(memberships: readonly RosterMembership[], known: KnownPeople): NamedMembership[] {
  return memberships.map((member) => {
    const className = member.className ?? known.classes.get(member.classSourceId ?? '');
    if (className === undefined) throw unknown('ROSTER_CLASS_UNKNOWN', member.classSourceId ?? '', member.from);
    return { ...member, className };
  });
}

/**
 * A file of changes names people whom it does not tell of, by the identifiers of their source: they are matched too.
 * @throws Refusal `ROSTER_UNREADABLE` for one that is not known.
 */
function matchReferences(
  roster: Roster,
  bySource: ReadonlyMap<string, KnownPerson>,
  matched: Map<string, string>,
): void {
  const told = new Set(roster.persons.map(({ key }) => key));
  const references = [
    ...roster.links.flatMap(({ pupil, other, from }) => [
      { key: pupil, from },
      { key: other, from },
    ]),
    ...[...roster.memberships, ...roster.ended].map(({ person, from }) => ({ key: person, from })),
  ];
  for (const { key, from } of references) {
    if (told.has(key) || matched.has(key)) continue;
    const there = bySource.get(key);
    if (!there) throw unknown('ROSTER_PERSON_UNKNOWN', key, from);
    matched.set(key, there.id);
  }
}

const unknown = (code: ReasonCode, id: string, { file, line }: Provenance) =>
  new Refusal('ROSTER_UNREADABLE', { reasons: [{ code, params: { id, file, line } }] });

function newClassesOfReferences(
  roster: Roster,
  classesOf: ClassesOf,
  matched: ReadonlyMap<string, string>,
  knownById: ReadonlyMap<string, KnownPerson>,
): PersonChange[] {
  const told = new Set(roster.persons.map(({ key }) => key));
  return [...classesOf].flatMap(([key, names]) => {
    const there = knownById.get(matched.get(key) ?? '');
    return there && !told.has(key) ? classChanges(key, there, names) : [];
  });
}

function classChanges(key: string, there: KnownPerson, names: ReadonlySet<string>): PersonChange[] {
  const before = [...there.classes].join(', ') || null;
  return [...names]
    .filter((name) => !there.classes.has(name))
    .map((after) => ({ personId: there.id, key, field: 'class', before, after }));
}

/** By which identifier the file knows a person: its own, or a pupil's number as it writes it. */
export const sourceIdOf = (person: RosterPerson): string | null => person.sourceId ?? person.schoolNumber;

/** 42 and 0042: the same number only where name and class say so too. */
const withoutZeros = (number: string) => number.replace(/^0+(?=.)/, '');
const isOtherNumber = ({ schoolNumber }: RosterPerson, there: KnownPerson) =>
  schoolNumber !== null && there.schoolNumber !== null && schoolNumber !== there.schoolNumber;

function matchPersons(
  roster: Roster,
  known: KnownPeople,
  bySource: ReadonlyMap<string, KnownPerson>,
  classesOf: ClassesOf,
  contactsOf: (person: RosterPerson) => readonly string[],
): Map<string, string> {
  const matched = new Map<string, string>();
  const folds = new Map<string, string>();
  const fold = (name: string) => {
    const folded = folds.get(name) ?? foldName(name);
    folds.set(name, folded);
    return folded;
  };
  const givenName = (name: string) => fold(name).split(' ')[0];
  const taken = new Set<string>();
  const take = (key: string, found: KnownPerson | undefined) => {
    if (!found || taken.has(found.id) || matched.has(key)) return;
    matched.set(key, found.id);
    taken.add(found.id);
  };
  // Each step looks people up by a key: a list of a hundred thousand of one name takes no longer than one of many names.
  const first = (keysOf: (person: KnownPerson) => readonly string[]) => {
    const found = new Map<string, KnownPerson>();
    for (const person of known.persons) for (const key of keysOf(person)) if (!found.has(key)) found.set(key, person);
    return found;
  };

  // 1. The identifier of the source system, whatever the name has become.
  for (const { key, sourceId } of roster.persons) if (sourceId !== null) take(key, bySource.get(sourceId));
  // 2. The same name and the same number, as the school or as this format writes it.
  const byNumberAndName = first(({ name, schoolNumber, sourceIds }) =>
    [...(schoolNumber === null ? [] : [schoolNumber]), ...sourceIds].map((number) => `${number}\n${fold(name)}`),
  );
  for (const { key, name, schoolNumber } of roster.persons)
    if (schoolNumber !== null) take(key, byNumberAndName.get(`${schoolNumber}\n${fold(name)}`));
  // 3. One name in one class, once on each side; numbers may differ by zeros in front.
  const classKeys = (name: string, classes: ReadonlySet<string>) => [...classes].map((one) => `${one}\n${fold(name)}`);
  const there = new Map<string, KnownPerson[]>();
  for (const person of known.persons.filter(({ id }) => !taken.has(id)))
    for (const key of classKeys(person.name, person.classes))
      there.set(key, [...(there.get(key) ?? []), person].slice(0, 2));
  const left = roster.persons.filter(({ key }) => !matched.has(key));
  const here = Map.groupBy(left, ({ key, name }) => classKeys(name, classesOf.get(key) ?? none).join());
  for (const person of left.filter(isPupil)) {
    const keys = classKeys(person.name, classesOf.get(person.key) ?? none);
    const [only, ...others] = new Set(keys.flatMap((key) => there.get(key) ?? []));
    if (!only || others.length > 0 || here.get(keys.join())?.length !== 1) continue;
    if (!isOtherNumber(person, only) || sameButZeros(person.schoolNumber, only.schoolNumber)) take(person.key, only);
  }
  // 4. The same number in the same class with a part of the name: a name that changed.
  const byNumberAndClass = first(({ name, roles, schoolNumber, classes }) =>
    roles.includes('pupil') && schoolNumber !== null
      ? [...classes].map((one) => `${schoolNumber}\n${one}\n${givenName(name)}`)
      : [],
  );
  for (const { key, name, schoolNumber } of roster.persons.filter(isPupil))
    for (const one of schoolNumber === null ? none : (classesOf.get(key) ?? none))
      take(key, byNumberAndClass.get(`${schoolNumber}\n${one}\n${givenName(name)}`));
  // 5. Everybody else by name and address; a guardian also by name among the guardians of the same pupil.
  const byAddress = first(({ name, contacts }) => [...contacts].map((digest) => `${digest}\n${fold(name)}`));
  for (const person of roster.persons)
    for (const digest of contactsOf(person)) take(person.key, byAddress.get(`${digest}\n${fold(person.name)}`));
  const knownById = new Map(known.persons.map((person) => [person.id, person]));
  const beside = new Map(
    known.guardianships.map(({ pupilId, guardianId, relation }) => {
      const guardian = knownById.get(guardianId);
      return [`${pupilId} ${relation} ${fold(guardian?.name ?? '')}`, guardian];
    }),
  );
  const byKey = new Map(roster.persons.map((person) => [person.key, person]));
  for (const { pupil, other, relation } of roster.links) {
    const person = byKey.get(other);
    if (person) take(other, beside.get(`${matched.get(pupil)} ${relation} ${fold(person.name)}`));
  }
  return matched;
}

const isPupil = ({ kinds }: RosterPerson) => kinds.includes('pupil');
const isKnownPupil = ({ roles }: KnownPerson) => roles.includes('pupil');
const sameButZeros = (a: string | null, b: string | null) =>
  a !== null && b !== null && withoutZeros(a) === withoutZeros(b);

function changesOf(
  person: RosterPerson,
  there: KnownPerson,
  classes: ReadonlySet<string>,
  contacts: readonly string[],
): PersonChange[] {
  const found: PersonChange[] = [];
  const change = (field: PersonField, before: string | null, after: string) =>
    found.push({ personId: there.id, key: person.key, field, before, after });
  // Capitals are no change of a name.
  if (person.name !== there.name && foldName(person.name) !== foldName(there.name))
    change('name', there.name, person.name);
  if (person.schoolNumber !== null && there.schoolNumber === null) change('schoolNumber', null, person.schoolNumber);
  for (const kind of person.kinds) if (!there.roles.includes(kind)) change('role', null, kind);
  found.push(...classChanges(person.key, there, classes));
  for (const digest of contacts) if (!there.contacts.has(digest)) change('contact', null, digest);
  const sourceId = sourceIdOf(person);
  if (sourceId !== null && !there.sourceIds.includes(sourceId)) change('source', null, sourceId);
  return found;
}

/** Who should be named in the file and is not. A file of changes names who leaves. */
function findGone(roster: Roster, known: KnownPeople, matched: ReadonlyMap<string, string>, classesOf: ClassesOf) {
  const here = new Set(matched.values());
  const named = new Set([...classesOf.values()].flatMap((names) => [...names]));
  const leaving = new Set(roster.leaving);
  const isLeaving = (person: KnownPerson) => person.sourceIds.some((id) => leaving.has(id));
  const isExpected = (person: KnownPerson) => roster.extent === 'school' || !named.isDisjointFrom(person.classes);
  const pupils = known.persons.filter((person) => isKnownPupil(person) && person.classes.size > 0);
  const expected = roster.extent === 'changes' ? pupils : pupils.filter(isExpected);
  const gone = roster.extent === 'changes' ? pupils.filter(isLeaving) : expected.filter(({ id }) => !here.has(id));
  return {
    of: expected.length,
    pupils: gone.map(({ id }) => id),
    ended: gone.flatMap(({ id, classes }) =>
      [...classes]
        .filter((name) => roster.extent !== 'classes' || named.has(name))
        .map((className) => ({ personId: id, className })),
    ),
  };
}

/** Memberships of people whom the file names in another class. */
function movedAway(
  roster: Roster,
  knownById: ReadonlyMap<string, KnownPerson>,
  matched: ReadonlyMap<string, string>,
  classesOf: ClassesOf,
) {
  return roster.persons.filter(isPupil).flatMap(({ key }) => {
    const there = knownById.get(matched.get(key) ?? '');
    const now = classesOf.get(key) ?? none;
    if (!there || now.size === 0) return [];
    return [...there.classes.difference(now)].map((className) => ({ personId: there.id, className }));
  });
}

function newLinks(roster: Roster, known: KnownPeople, matched: ReadonlyMap<string, string>): RosterLink[] {
  const there = new Set(known.guardianships.map(({ pupilId, guardianId }) => `${pupilId} ${guardianId}`));
  return roster.links.filter(({ pupil, other }) => !there.has(`${matched.get(pupil)} ${matched.get(other)}`));
}

function unlistedGuardianships(
  roster: Roster,
  known: KnownPeople,
  matched: ReadonlyMap<string, string>,
): KnownGuardianship[] {
  // A list without guardians says nothing of them; a file of changes names who changed.
  if (roster.links.length === 0 || roster.extent === 'changes') return [];
  const listed = new Set(roster.links.map(({ pupil, other }) => `${matched.get(pupil)} ${matched.get(other)}`));
  const pupils = new Set(roster.persons.filter(isPupil).map(({ key }) => matched.get(key)));
  return known.guardianships.filter(
    ({ pupilId, guardianId }) => pupils.has(pupilId) && !listed.has(`${pupilId} ${guardianId}`),
  );
}

function otherSchool(roster: Roster, known: KnownPeople): RosterQuestion[] {
  if (roster.schoolName === null || foldName(roster.schoolName) === foldName(known.schoolName)) return [];
  return [{ code: 'OTHER_SCHOOL', params: { name: roster.schoolName } }];
}

function otherClasses(
  roster: Roster,
  known: KnownPeople,
  matched: ReadonlyMap<string, string>,
  classesOf: ClassesOf,
): RosterQuestion[] {
  if (roster.extent === 'changes') return [];
  const there = new Set(known.persons.filter(isKnownPupil).flatMap(({ classes }) => [...classes]));
  const counts = new Map<string, { recognised: number; of: number }>();
  for (const { key } of roster.persons.filter(isPupil))
    for (const className of classesOf.get(key) ?? none) {
      const { recognised, of } = counts.get(className) ?? { recognised: 0, of: 0 };
      counts.set(className, { recognised: recognised + (matched.has(key) ? 1 : 0), of: of + 1 });
    }
  return [...counts]
    .filter(([className, { recognised, of }]) => there.has(className) && recognised < leastRecognised * of)
    .map(([className, count]) => ({ code: 'OTHER_CLASS', params: { class: className, ...count } }));
}
