import { describe, expect, it, test } from 'vitest';
import { checkMembers, isWorkbook } from '../../../src/rosters/archive-members.ts';
import { readBundle } from '../../../src/rosters/read-bundle.ts';
import { bundleOf, refusalOf, rosterIn } from './grids.ts';

type Files = Record<string, readonly string[]>;
const read = (files: Files, unread: readonly string[] = []) => rosterIn(readBundle(bundleOf(files, unread)));
const refused = (files: Files) => refusalOf(() => read(files));

const manifest = (mode: string, ...more: readonly string[]) => [
  'propertyName|value',
  'oneroster.version|1.1',
  ...['users', 'classes', 'enrollments'].map((file) => `file.${file}|${mode}`),
  ...more,
];
const userHead = 'sourcedId|status|role|givenName|familyName|identifier|email|agentSourcedIds|password';
const school: Files = {
  'manifest.csv': manifest('bulk'),
  'users.csv': [
    userHead,
    'P1||student|Ada|Örnek|0042|ada@x.example|G1|Gizli',
    'G1||parent|Gül|Örnek||gul@x.example||',
    'T1||teacher|Oya|Taş||oya@x.example||',
  ],
  'classes.csv': ['sourcedId|title|classCode', 'c1|7. Sınıf / A Şubesi|7-A'],
  'enrollments.csv': ['sourcedId|status|classSourcedId|userSourcedId|role', 'e1||c1|P1|student', 'e2||c1|T1|teacher'],
  'orgs.csv': ['sourcedId|name|type', 'o1|Örnek Ortaokulu|school', 'o2|Örnek İlçe|district'],
};
const withUsers = (...users: readonly string[]): Files => ({
  ...school,
  'users.csv': [userHead, ...users],
  'enrollments.csv': ['classSourcedId|userSourcedId|role'],
});

describe('OneRoster', () => {
  it('tells the whole school where the manifest says bulk', () => {
    const roster = read(school, ['demographics.csv', 'results.csv']);
    expect(roster).toMatchObject({
      format: 'oneroster',
      extent: 'school',
      schoolName: 'Örnek Ortaokulu',
      leaving: [],
      ended: [],
      dropped: ['password', 'demographics.csv'],
      notices: [],
    });
    expect(roster.persons.map(({ key, kinds, name, schoolNumber }) => [key, kinds, name, schoolNumber])).toEqual([
      ['P1', ['pupil'], 'Ada Örnek', '0042'],
      ['G1', ['guardian'], 'Gül Örnek', null],
      ['T1', ['staff'], 'Oya Taş', null],
    ]);
    expect(roster.links).toEqual([
      { pupil: 'P1', other: 'G1', relation: 'carer', authority: 'may_sign', from: { file: 'users.csv', line: 2 } },
    ]);
    expect(
      roster.memberships.map(({ person, className, classSourceId }) => [person, className, classSourceId]),
    ).toEqual([
      ['P1', '7-A', 'c1'],
      ['T1', '7-A', 'c1'],
    ]);
    expect(JSON.stringify(roster)).not.toContain('Gizli');
  });

  it.each([
    ['delta', manifest('delta')],
    [
      'bulk of users and delta of classes',
      [...manifest('bulk').filter((line) => !line.includes('enroll')), 'file.enrollments|delta'],
    ],
  ])('tells changes where the manifest says %s', (_, said) => {
    expect(read({ ...school, 'manifest.csv': said })).toMatchObject({ extent: 'changes', notices: [] });
  });

  it('takes nobody for gone where the manifest says nothing', () => {
    const roster = read({ ...school, 'manifest.csv': ['propertyName|value', 'oneroster.version|1.1'] });
    expect(roster.extent).toBe('changes');
    expect(roster.notices.map(({ code }) => code)).toEqual(['BULK_OR_DELTA_UNSAID']);
  });

  it('says in a delta who leaves the school, and who a class', () => {
    const roster = read({
      'manifest.csv': manifest('delta'),
      'users.csv': [userHead, 'P1|tobedeleted|student|Ada|Örnek||||', 'P2|active|student|Efe|Örnek||||'],
      'classes.csv': ['sourcedId|title'],
      'enrollments.csv': school['enrollments.csv']!.slice(0, 1).concat(
        'e1|tobedeleted|c1|P3|student',
        'e2|active|c2|P3|student',
      ),
    });
    expect(roster.leaving).toEqual(['P1']);
    expect(roster.persons.map(({ key }) => key)).toEqual(['P2']);
    const ofClass = { person: 'P3', className: null };
    expect(roster.ended).toMatchObject([{ ...ofClass, classSourceId: 'c1' }]);
    expect(roster.memberships).toMatchObject([{ ...ofClass, classSourceId: 'c2' }]);
  });

  it('has roles of 1.2 in a file of their own, and the second given name in a column', () => {
    const roster = read({
      'manifest.csv': [...manifest('bulk'), 'file.roles|bulk'],
      'users.csv': ['sourcedId|givenName|middleName|familyName', 'T1|Oya|Su|Taş', 'P1|Ada||Örnek'],
      'roles.csv': ['sourcedId|userSourcedId|role', 'r1|T1|teacher', 'r2|T1|parent', 'r3|P1|student'],
      'classes.csv': ['sourcedId|title'],
      'enrollments.csv': ['classSourcedId|userSourcedId|role'],
    });
    expect(roster.persons.map(({ name, kinds }) => [name, kinds])).toEqual([
      ['Oya Su Taş', ['staff', 'guardian']],
      ['Ada Örnek', ['pupil']],
    ]);
  });

  it.each([
    ['parent', 'carer', 'may_sign'],
    ['guardian', 'carer', 'may_sign'],
    ['relative', 'other', 'none'],
    ['aide', 'other', 'none'],
    ['student', 'other', 'none'],
    ['teacher', 'other', 'undecided'],
    ['administrator', 'other', 'undecided'],
  ])('takes an agent who is a %s for %s, %s', (role, relation, authority) => {
    const onPupil = withUsers('P1||student|Ada|X|||A1|', `A1||${role}|Gül|X||g@x.example||`);
    expect(read(onPupil).links).toMatchObject([{ pupil: 'P1', other: 'A1', relation, authority }]);
    const onAgent = withUsers('P1||student|Ada|X||||', `A1||${role}|Gül|X||g@x.example|P1|`);
    if (role !== 'student')
      expect(read(onAgent).links).toMatchObject([{ pupil: 'P1', other: 'A1', relation, authority }]);
  });

  it('tells where two sides of a relation do not agree, and not where one side is silent', () => {
    const users = ['P1||student|Ada|X|||G1|', 'G1||parent|Gül|X||g@x.example|P1|', 'G2||parent|Cem|X||c@x.example|P1|'];
    expect(read(withUsers(...users)).notices).toEqual([
      { code: 'RELATION_ON_ONE_SIDE_ONLY', params: { pupil: 'P1', other: 'G2' }, from: { file: 'users.csv', line: 4 } },
    ]);
    expect(read(withUsers('P1||student|Ada|X||||', ...users.slice(1))).notices).toEqual([]);
  });

  it('tells of references to nobody and to no class', () => {
    const users = withUsers('P1||student|Ada|X|||G9|');
    const roster = read({
      ...users,
      'enrollments.csv': ['classSourcedId|userSourcedId|role', 'c9|P1|student', 'c1|P9|student'],
    });
    expect(roster.notices.map(({ code, params }) => [code, params.id])).toEqual([
      ['REFERENCE_TO_NOBODY', 'G9'],
      ['REFERENCE_TO_NOBODY', 'c9'],
      ['REFERENCE_TO_NOBODY', 'P9'],
    ]);
    expect(roster.links).toEqual([]);
    expect(roster.memberships).toEqual([]);
  });

  it('keeps classes of one title apart', () => {
    const classes = ['sourcedId|title|classCode', 'c1|Matematik|M7A', 'c2|Matematik|'];
    const roster = read({
      ...school,
      'classes.csv': classes,
      'enrollments.csv': ['classSourcedId|userSourcedId|role', 'c1|P1|student', 'c2|P1|student'],
    });
    expect(roster.memberships.map(({ className }) => className)).toEqual(['Matematik (M7A)', 'Matematik (c2)']);
  });

  it.each([
    [
      'an identifier that comes twice',
      withUsers('P1||student|Ada|X||||', 'P1||student|Efe|X||||'),
      ['ROSTER_ID_TWICE 3 P1'],
    ],
    ['a user without identifier', withUsers('||student|Ada|X||||'), ['ROSTER_CELL_EMPTY 2 sourcedId']],
    ['a user without a name', withUsers('P1||student||||||'), ['ROSTER_CELL_EMPTY 2 familyName']],
    ['a name of question marks', withUsers('P1||student|???|X||||'), ['ROSTER_NAME_LOST 2 givenName']],
    ['agents whose comma has no quotation marks', withUsers('P1||student|Ada|X|||G1|G2|x'), ['ROSTER_ROW_TOO_LONG 2']],
    [
      'a missing column',
      { ...school, 'users.csv': ['sourcedId|givenName', 'P1|Ada'] },
      ['ROSTER_COLUMN_UNKNOWN familyName'],
    ],
    ['a promised file', { ...school, 'manifest.csv': manifest('bulk', 'file.roles|bulk') }, ['ROSTER_FILE_MISSING']],
  ])('is refused for %s', (_, files, reasons) => {
    expect(refused(files)).toEqual(reasons);
  });

  it('keeps the number of a pupil whose role a delta leaves out', () => {
    const roster = read({ ...withUsers('P1|active||Ada|X|0042|||'), 'manifest.csv': manifest('delta') });
    expect(roster.persons).toMatchObject([{ kinds: [], schoolNumber: '0042' }]);
    const ofTeacher = read(withUsers('T1||teacher|Oya|X|S-7|o@x.example||'));
    expect(ofTeacher.persons).toMatchObject([{ schoolNumber: null }]);
  });

  it('may be a delta of classes alone', () => {
    const said = ['propertyName|value', 'file.users|absent', 'file.classes|absent', 'file.enrollments|delta'];
    const roster = read({ 'manifest.csv': said, 'enrollments.csv': school['enrollments.csv']! });
    expect(roster).toMatchObject({ extent: 'changes', persons: [], leaving: [] });
    expect(roster.memberships).toHaveLength(2);
  });
});

describe('School Data Sync', () => {
  const sds: Files = {
    'users.csv': [
      'sourcedId|givenName|familyName|email|password',
      'P1|Ada|Örnek||',
      'G1|Gül|Örnek|g@x.example|',
      'D1|Oya|Hekim||',
    ],
    'roles.csv': ['userSourcedId|orgSourcedId|role', 'P1|o1|student'],
    'relationships.csv': [
      'userSourcedId|relationshipUserSourcedId|relationshipRole',
      'P1|G1|parent',
      'P1|D1|doctor',
      'P1|X9|guardian',
    ],
    'classes.csv': ['sourcedId|title', 'c1|7-A'],
    'enrollments.csv': ['classSourcedId|userSourcedId|role', 'c1|P1|student'],
  };

  it('has the relations of contacts in a file of their own', () => {
    const roster = read(sds);
    expect(roster).toMatchObject({ format: 'sds', extent: 'school', dropped: [] });
    expect(roster.persons.map(({ name, kinds }) => [name, kinds])).toEqual([
      ['Ada Örnek', ['pupil']],
      ['Gül Örnek', ['guardian']],
      ['Oya Hekim', ['contact']],
    ]);
    expect(roster.links).toMatchObject([
      { pupil: 'P1', other: 'G1', relation: 'carer', authority: 'may_sign' },
      { pupil: 'P1', other: 'D1', relation: 'other', authority: 'none' },
    ]);
    expect(roster.notices.map(({ code, params }) => [code, params.id])).toEqual([['REFERENCE_TO_NOBODY', 'X9']]);
  });
});

test('files of no known format are refused', () => {
  expect(refused({ 'users.csv': ['a|b'] })).toEqual(['ROSTER_FILE_MISSING']);
  expect(refused({})).toEqual(['ROSTER_FILE_MISSING']);
});

describe('members of an archive', () => {
  const check = (...names: readonly string[]) =>
    refusalOf(() => checkMembers(names.map((name) => ({ name, bytes: 1 }))));

  it.each([
    '../users.csv',
    '/etc/users.csv',
    'C:/users.csv',
    'a/../../users.csv',
    '\\\\server\\users.csv',
    'a\\..\\users.csv',
  ])('are no paths elsewhere: %s', (name) => expect(check(name)).toEqual(['ROSTER_MEMBER_NAME']));
  it('may lie in a folder, once', () => {
    expect(check('okul/users.csv', 'okul/orgs.csv', '__MACOSX/okul/._users.csv', 'a..b.csv')).toEqual(['read']);
    expect(check('okul/users.csv', 'eski/Users.csv')).toEqual(['ROSTER_FILE_TWICE']);
  });
  it('are no archives, few, and small', () => {
    expect(check('a.zip')).toEqual(['ROSTER_NESTED_ARCHIVE']);
    expect(check(...Array.from({ length: 101 }, (_, at) => `${at}.csv`))).toEqual(['ROSTER_TOO_MANY_FILES 100']);
    const half = { bytes: 26 * 1024 ** 2 };
    expect(
      refusalOf(() =>
        checkMembers([
          { name: 'a', ...half },
          { name: 'b', ...half },
        ]),
      ),
    ).toEqual(['ROSTER_UNPACKED_TOO_LARGE 50']);
  });
  it('tell a workbook', () => {
    expect(isWorkbook([{ name: '[Content_Types].xml', bytes: 1 }])).toBe(true);
    expect(isWorkbook([{ name: 'users.csv', bytes: 1 }])).toBe(false);
  });
});
