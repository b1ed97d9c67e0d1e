import { describe, expect, test } from 'vitest';
import { Refusal } from '../../../src/domain/errors.ts';
import {
  compareRoster,
  type KnownGuardianship,
  type KnownPeople,
  type KnownPerson,
} from '../../../src/rosters/compare.ts';
import type { Roster, RosterLink, RosterPerson } from '../../../src/rosters/roster.ts';

const from = { file: 'list.csv', line: 2 };
const pupil = (key: string, name: string, more: Partial<RosterPerson> = {}): RosterPerson => ({
  key,
  kinds: ['pupil'],
  name,
  sourceId: null,
  schoolNumber: null,
  email: null,
  phone: null,
  from,
  ...more,
});
const known = (id: string, name: string, more: Partial<KnownPerson> = {}): KnownPerson => ({
  id,
  name,
  roles: ['pupil'],
  schoolNumber: null,
  classes: new Set(['7-A']),
  sourceIds: [],
  contacts: new Set(),
  ...more,
});
const link = (pupilKey: string, other: string, more: Partial<RosterLink> = {}): RosterLink => ({
  pupil: pupilKey,
  other,
  relation: 'mother',
  authority: 'may_sign',
  from,
  ...more,
});
function rosterOf(persons: readonly RosterPerson[], more: Partial<Roster> = {}): Roster {
  return {
    format: 'table',
    extent: 'classes',
    schoolName: null,
    persons,
    links: [],
    memberships: persons
      .filter(({ kinds }) => kinds.includes('pupil'))
      .map(({ key }) => ({ person: key, className: '7-A', classSourceId: null, from })),
    ended: [],
    leaving: [],
    notices: [],
    dropped: [],
    ...more,
  };
}
const peopleOf = (persons: readonly KnownPerson[], guardianships: readonly KnownGuardianship[] = []): KnownPeople => ({
  schoolName: 'Örnek Ortaokulu',
  persons,
  classes: new Map([['k7', '7-A']]),
  guardianships,
});
const contactsOf = ({ email }: RosterPerson) => (email === null ? [] : [email]);
const compare = (roster: Roster, people: KnownPeople) => compareRoster(roster, people, contactsOf);
const pairs = ({ matched }: ReturnType<typeof compare>) => Object.fromEntries(matched);
const codes = ({ questions }: ReturnType<typeof compare>) => questions.map(({ code }) => code);

/** Enough others that one more or less is no question. */
const crowd = Array.from({ length: 20 }, (_, n) => `Öğrenci Sayı${String.fromCodePoint(97 + n)}`);
const crowdHere = crowd.map((name, n) => pupil(`c${n}`, name, { schoolNumber: `9${n}` }));
const crowdThere = crowd.map((name, n) => known(`C${n}`, name, { schoolNumber: `9${n}`, sourceIds: [`9${n}`] }));

describe('who is who', () => {
  test('an identifier of the source keeps a person, whatever the name has become', () => {
    const people = peopleOf([...crowdThere, known('A', 'Ada Söğüt', { sourceIds: ['s1'] })]);
    const found = compare(rosterOf([...crowdHere, pupil('a', 'Deniz Yeniörnek', { sourceId: 's1' })]), people);
    expect(pairs(found).a).toBe('A');
    expect(found.changes).toEqual([
      { personId: 'A', key: 'a', field: 'name', before: 'Ada Söğüt', after: 'Deniz Yeniörnek' },
    ]);
  });

  test('capitals are no change of a name, and a dot is another name', () => {
    const people = peopleOf([known('A', 'Işık İnci'), known('B', 'İşık İnci')]);
    const found = compare(rosterOf([pupil('a', 'IŞIK İNCİ'), pupil('b', 'İŞIK İNCİ')]), people);
    expect(pairs(found)).toEqual({ a: 'A', b: 'B' });
    expect(found.changes).toEqual([]);
  });

  test('42 is 0042 by name and class, which is asked once', () => {
    const there = known('A', 'Ada Örnek', { schoolNumber: '0042' });
    const here = rosterOf([pupil('a', 'ADA ÖRNEK', { schoolNumber: '42' })]);
    const first = compare(here, peopleOf([there]));
    expect(pairs(first)).toEqual({ a: 'A' });
    expect(codes(first)).toEqual(['NUMBERS_DIFFER']);
    const again = compare(here, peopleOf([{ ...there, sourceIds: ['42'] }]));
    expect(pairs(again)).toEqual({ a: 'A' });
    expect(again.changes).toEqual([]);
    expect(codes(again)).toEqual([]);
  });

  test('another number is another child, even of one name in one class', () => {
    const found = compare(
      rosterOf([pupil('a', 'Ada Örnek', { schoolNumber: '43' })]),
      peopleOf([known('A', 'Ada Örnek', { schoolNumber: '42' })]),
    );
    expect(pairs(found)).toEqual({});
    expect(found.added).toHaveLength(1);
  });

  test('two of one name in one class are told apart by their numbers only', () => {
    const people = peopleOf([
      known('A', 'Ada Örnek', { schoolNumber: '1' }),
      known('B', 'Ada Örnek', { schoolNumber: '2' }),
    ]);
    const numbered = [pupil('b', 'Ada Örnek', { schoolNumber: '2' }), pupil('a', 'Ada Örnek', { schoolNumber: '1' })];
    expect(pairs(compare(rosterOf(numbered), people))).toEqual({ a: 'A', b: 'B' });
    const bare = numbered.map((one) => ({ ...one, schoolNumber: null }));
    expect(pairs(compare(rosterOf(bare), people))).toEqual({});
  });

  test('one name in two classes is two children', () => {
    const people = peopleOf([
      known('A', 'Ada Örnek', { classes: new Set(['10/I']) }),
      known('B', 'Ada Örnek', { classes: new Set(['10/İ']) }),
    ]);
    const persons = [pupil('a', 'Ada Örnek'), pupil('b', 'Ada Örnek')];
    const memberships = [
      { person: 'a', className: '10/I', classSourceId: null, from },
      { person: 'b', className: '10/İ', classSourceId: null, from },
    ];
    expect(pairs(compare(rosterOf(persons, { memberships }), people))).toEqual({ a: 'A', b: 'B' });
  });

  test('the same number in the same class with the same given name is a name that changed', () => {
    const people = peopleOf([...crowdThere, known('A', 'Ada Söğüt', { schoolNumber: '7' })]);
    const found = compare(rosterOf([...crowdHere, pupil('a', 'Ada Yeniörnek', { schoolNumber: '7' })]), people);
    expect(found.changes).toContainEqual(expect.objectContaining({ field: 'name', after: 'Ada Yeniörnek' }));
  });

  test('two guardians with one mailbox are two, by their names', () => {
    const guardian = { roles: ['guardian'], classes: new Set([]), contacts: new Set(['ev@posta.example']) };
    const people = peopleOf([known('G1', 'Ali Veli', guardian), known('G2', 'Ayşe Veli', guardian)]);
    const here = ['Ayşe Veli', 'Ali Veli'].map((name) =>
      pupil(name, name, { kinds: ['guardian'], email: 'ev@posta.example' }),
    );
    expect(pairs(compare(rosterOf(here), people))).toEqual({ 'Ayşe Veli': 'G2', 'Ali Veli': 'G1' });
  });

  test('a guardian without an address is known by name and relation beside the pupil, and nowhere else', () => {
    const people = peopleOf(
      [known('A', 'Ada Örnek'), known('G', 'Ayşe Örnek', { roles: ['guardian'], classes: new Set([]) })],
      [{ pupilId: 'A', guardianId: 'G', relation: 'mother' }],
    );
    const persons = [pupil('a', 'Ada Örnek'), pupil('g', 'Ayşe Örnek', { kinds: ['guardian'] })];
    expect(pairs(compare(rosterOf(persons, { links: [link('a', 'g')] }), people)).g).toBe('G');
    expect(
      pairs(compare(rosterOf(persons, { links: [link('a', 'g', { relation: 'carer' })] }), people)).g,
    ).toBeUndefined();
  });
});

describe('what an import asks', () => {
  test('another class with our numbers is asked about, and renames nobody', () => {
    const others = crowdHere.map((one, n) => ({ ...one, name: `Başka Çocuk${n}` }));
    const found = compare(rosterOf(others), peopleOf(crowdThere));
    expect(codes(found)).toContain('OTHER_CLASS');
    expect(found.questions[0]).toEqual({ code: 'OTHER_CLASS', params: { class: '7-A', recognised: 0, of: 20 } });
    expect(found.changes).toEqual([]);
  });

  test('another school is asked about; the same in capitals is not', () => {
    const of = (schoolName: string) => codes(compare(rosterOf(crowdHere, { schoolName }), peopleOf(crowdThere)));
    expect(of('Başka Ortaokulu')).toEqual(['OTHER_SCHOOL']);
    expect(of('ÖRNEK ORTAOKULU')).toEqual([]);
  });

  test.each([
    [2, []],
    [3, ['MANY_GONE']],
  ])('%i of 20 gone asks %j', (gone, asked) => {
    const found = compare(rosterOf(crowdHere.slice(gone)), peopleOf(crowdThere));
    expect(codes(found)).toEqual(asked);
    expect(found.notListed).toHaveLength(gone);
    expect(found.ended).toHaveLength(gone);
  });
});

describe('what changes', () => {
  test('the same file again changes nothing', () => {
    const persons = [...crowdHere, pupil('g', 'Ayşe Örnek', { kinds: ['guardian'], email: 'a@posta.example' })];
    const people = peopleOf(
      [
        ...crowdThere,
        known('G', 'Ayşe Örnek', { roles: ['guardian'], classes: new Set([]), contacts: new Set(['a@posta.example']) }),
      ],
      [{ pupilId: 'C0', guardianId: 'G', relation: 'mother' }],
    );
    expect(compare(rosterOf(persons, { links: [link('c0', 'g')] }), people)).toMatchObject({
      added: [],
      changes: [],
      ended: [],
      notListed: [],
      links: [],
      unlisted: [],
      questions: [],
    });
  });

  test('a file of one class leaves the others alone, and a file of the school does not', () => {
    const elsewhere = known('X', 'Ela Başka', { classes: new Set(['5-B']) });
    const people = peopleOf([...crowdThere, elsewhere]);
    expect(compare(rosterOf(crowdHere), people).notListed).toEqual([]);
    expect(compare(rosterOf(crowdHere, { extent: 'school' }), people).notListed).toEqual(['X']);
  });

  test('a file of changes ends only whom it names', () => {
    const people = peopleOf([...crowdThere, known('L', 'Ela Giden', { sourceIds: ['s9'] })]);
    const found = compare(rosterOf([], { extent: 'changes', leaving: ['s9'] }), people);
    expect(found.ended).toEqual([{ personId: 'L', className: '7-A' }]);
    expect(found.questions).toEqual([]);
  });

  test('a file of changes speaks of people and classes by their identifiers', () => {
    const people = peopleOf([
      ...crowdThere,
      known('X', 'Ela Dışarıda', { sourceIds: ['s7'], classes: new Set(['7-B']) }),
    ]);
    const member = { person: 's7', className: null, classSourceId: 'k7', from };
    const found = compare(rosterOf([], { extent: 'changes', memberships: [member] }), people);
    expect(found.memberships).toMatchObject([{ person: 's7', className: '7-A' }]);
    expect(found.matched.get('s7')).toBe('X');
    expect(found.changes).toEqual([{ personId: 'X', key: 's7', field: 'class', before: '7-B', after: '7-A' }]);
    const ends = compare(rosterOf([], { extent: 'changes', memberships: [], ended: [member] }), people);
    expect(ends.ended).toEqual([{ personId: 'X', className: '7-A' }]);
    const refused = (more: Partial<Roster>) => () => compare(rosterOf([], { extent: 'changes', ...more }), people);
    expect(refused({ memberships: [{ ...member, classSourceId: 'k9' }] })).toThrow(Refusal);
    expect(refused({ memberships: [{ ...member, person: 's0' }] })).toThrow(Refusal);
  });

  test('who moves to another class leaves the one before', () => {
    const people = peopleOf([
      ...crowdThere,
      known('M', 'Ela Taşınan', { schoolNumber: '77', classes: new Set(['7-B']) }),
    ]);
    const found = compare(rosterOf([...crowdHere, pupil('m', 'Ela Taşınan', { schoolNumber: '77' })]), people);
    expect(found.ended).toEqual([{ personId: 'M', className: '7-B' }]);
    expect(found.changes).toContainEqual({ personId: 'M', key: 'm', field: 'class', before: '7-B', after: '7-A' });
  });

  test('a guardian whom the file no longer lists stays, and is told; a file without guardians says nothing', () => {
    const mother = known('G', 'Ayşe Örnek', { roles: ['guardian'], classes: new Set([]) });
    const father = known('F', 'Ali Örnek', {
      roles: ['guardian'],
      classes: new Set([]),
      contacts: new Set(['f@posta.example']),
    });
    const people = peopleOf(
      [...crowdThere, mother, father],
      [
        { pupilId: 'C0', guardianId: 'G', relation: 'mother' },
        { pupilId: 'C0', guardianId: 'F', relation: 'father' },
      ],
    );
    const persons = [...crowdHere, pupil('f', 'Ali Örnek', { kinds: ['guardian'], email: 'f@posta.example' })];
    const found = compare(rosterOf(persons, { links: [link('c0', 'f', { relation: 'father' })] }), people);
    expect(found.unlisted).toEqual([{ pupilId: 'C0', guardianId: 'G', relation: 'mother' }]);
    expect(compare(rosterOf(crowdHere), people).unlisted).toEqual([]);
  });
});

// Looked up one by one these would be billions of comparisons: the test would run into its time limit.
test.each([
  ['of one name in one class', (): [string, string] => ['Ada Örnek', '7-A']],
  ['of one name, each in a class of its own', (n: number): [string, string] => ['Ada Örnek', `${n}-A`]],
] as const)('fifty thousand pupils %s are compared', (_, make) => {
  const all = Array.from({ length: 50_000 }, (_, n) => ({ n, made: make(n) }));
  const persons = all.map(({ n, made: [name] }) => pupil(`p${n}`, name));
  const memberships = all.map(({ n, made: [, className] }) => ({
    person: `p${n}`,
    className,
    classSourceId: null,
    from,
  }));
  const people = peopleOf(all.map(({ n, made: [name, one] }) => known(`K${n}`, name, { classes: new Set([one]) })));
  const found = compare(rosterOf(persons, { memberships }), people);
  expect(found.matched.size + found.added.length).toBe(50_000);
});
