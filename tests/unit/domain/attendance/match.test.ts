import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { matchAttendance } from '../../../../src/domain/attendance/match.ts';
import type { AttendancePerson, ConfirmedAlias } from '../../../../src/domain/attendance/person.ts';
import type { ReportedRow } from '../../../../src/domain/attendance/row.ts';
import { rowOf } from '../../../support/attendance.ts';

const lesson = { startMs: 0, endMs: 2_400_000 };
const person = (id: string, name: string, more: Partial<AttendancePerson> = {}): AttendancePerson => ({
  id,
  name,
  role: 'pupil',
  isInCourse: true,
  emails: [`${id}@school.example`],
  schoolNumber: null,
  className: '7-A',
  guardianOf: [],
  ...more,
});
const people = [
  person('ada', 'Ada Örnek', { schoolNumber: '0042' }),
  person('efe', 'Efe Güzelçay', { schoolNumber: '77' }),
  person('ali1', 'Ali Veli', { schoolNumber: '5' }),
  person('ali2', 'Ali Veli', { schoolNumber: '6' }),
  person('kurgu', 'Elif Kurgu'),
  person('kayra', 'Elif Kayraklı'),
  person('nehir', 'Nehir Naz Ilıkpınar'),
  person('su', 'Elif Su Çınar'),
  person('elif', 'Elif Çınar'),
  person('berg', 'Anna van den Berg'),
  person('ai', 'Ai Tanaka'),
  person('teacher', 'Defne Yalçınörs', { role: 'staff', className: null }),
  person('guest', 'John Carter', { role: 'guest', className: null }),
  person('other', 'Yağız Tozlugöl', { isInCourse: false, className: '7-B' }),
  person('suB', 'Elif Su Çınar', { isInCourse: false, className: '7-B' }),
  person('head', 'Suna Başörnek', { isInCourse: false, role: 'staff' }),
  person('gul', 'Gül Örnek', {
    isInCourse: false,
    role: 'guardian',
    emails: ['gul@home.example'],
    guardianOf: ['ada'],
  }),
  person('can', 'Can Örnek', {
    isInCourse: false,
    role: 'guardian',
    emails: ['both@home.example'],
    guardianOf: ['ada'],
  }),
  person('cem', 'Cem Örnek', {
    isInCourse: false,
    role: 'guardian',
    emails: ['both@home.example'],
    guardianOf: ['ada'],
  }),
];

function match(rows: readonly ReportedRow[], aliases: readonly ConfirmedAlias[] = []) {
  const found = matchAttendance(rows, people, { lesson, aliases });
  return rows.map(({ key }) => {
    const { state, isTicked, candidates } = found.get(key)!;
    return [isTicked && state === 'proposed' ? 'ticked' : state, ...candidates].join(' ');
  });
}
const one = (name: string, more: Partial<ReportedRow> = {}) => match([rowOf(name, more)])[0];

describe('tier 0: an address that is exactly one person’s', () => {
  test.each([
    ['Ada Örnek', 'ada@school.example', 'identified ada'],
    ['ada', 'ADA@School.example', 'identified ada'],
    ['????', 'ada@school.example', 'identified ada'],
    ['', 'ada@school.example', 'identified ada'],
    ['Yağız Tozlugöl', 'other@school.example', 'identified other'],
    ['Efe Güzelçay', 'ada@school.example', 'ambiguous ada efe'],
    ['Ada Örnek (Efe Güzelçay)', 'ada@school.example', 'ambiguous ada efe'],
    ['iPad (3)', 'ada@school.example', 'device ada'],
    ['Ada ve Efe', 'ada@school.example', 'device ada efe'],
    ['Otter.ai', 'ada@school.example', 'device'],
    ['Ada Örnek (veli)', 'ada@school.example', 'unknown gul can cem'],
    ['Ada Örnek', 'gul@home.example', 'ambiguous ada gul'],
    ['Gül Örnek', 'gul@home.example', 'unknown gul'],
    ['xyz', 'gul@home.example', 'unknown ada gul'],
    ['Can Örnek', 'both@home.example', 'proposed can'],
    ['Biri', 'both@home.example', 'ambiguous can cem'],
    ['Ada Örnek', 'no address', 'ticked ada'],
    ['Ada Örnek', 'ada@elsewhere.example', 'ticked ada'],
  ])('%s <%s>: %s', (name, email, right) => expect(one(name, { email })).toBe(right));
});

describe('tiers 1 to 4: the name alone', () => {
  test.each([
    ['ADA ÖRNEK', 'ticked ada'],
    ['Ada Ornek', 'ticked ada'],
    ['Ada Örnek (iPad)', 'ticked ada'],
    ['Ada Örnek (External)', 'ticked ada'],
    ['0042 Ada Örnek', 'ticked ada'],
    ['Ada Örnek 7A', 'ticked ada'],
    ['99 Ada Örnek', 'proposed ada'],
    ['77 Ada Örnek', 'ambiguous ada efe'],
    ['7-B Elif Su Çınar', 'ambiguous suB su'],
    ['Ada Örnek (Minik)', 'proposed ada'],
    ['Ada Örnek (Efe Güzelçay)', 'ambiguous ada efe'],
    ['Ali Veli', 'ambiguous ali1 ali2'],
    ['Ali Veli 6', 'proposed ali2 ali1'],
    ['Elif Çınar', 'proposed elif su'],
    ['Örnek Ada', 'proposed ada'],
    ['Örnek, Ada', 'proposed ada'],
    ['van den Berg, Anna', 'proposed berg'],
    ['A. Örnek', 'proposed ada'],
    ['ada ö', 'proposed ada'],
    ['Nehir N. Ilıkpınar', 'proposed nehir'],
    ['Neh. Ilıkpınar', 'proposed nehir'],
    ['Nehir Ilıkpınar', 'proposed nehir'],
    ['elif k.', 'ambiguous kurgu kayra'],
    ['Elif Kur.', 'proposed kurgu'],
    ['Ai Tanaka', 'ticked ai'],
    ['Defne Yalçınörs', 'ticked teacher'],
    ['John Carter', 'ticked guest'],
    ['Yağız Tozlugöl', 'proposed other'],
    ['Suna Başörnek', 'proposed head'],
    ['Gül Örnek', 'unknown gul'],
    ['Gül Örnek (veli)', 'unknown gul'],
    ['Ada’nın annesi', 'unknown gul can cem'],
    ['Ada Örnek kardeşi', 'unknown gul can cem'],
    ['iPad', 'device'],
    ['iPad (Efe Güzelçay)', 'device efe'],
    ['Ada’nın iPad’i', 'device ada'],
    ['Ada ve Efe', 'device ada efe'],
    ['Ada & Efe', 'device ada efe'],
    ['05xx', 'phone'],
    ['+90******12', 'phone'],
    ['Call-in User_2', 'phone'],
    ['read.ai meeting notes', 'device'],
    ['???? ????', 'unknown'],
    ['', 'unknown'],
  ])('%s: %s', (name, right) => expect(one(name)).toBe(right));

  test('a name that is nearly somebody’s only ranks them', () => {
    expect(one('Ada Örnk')).toMatch(/^unknown ada/);
    expect(one('Nehir Naz Ilkpınar')).toMatch(/^unknown nehir/);
    expect(one('Qwertz Uiop')).toBe('unknown');
  });
  test('a telephone by its connection is no person, unless an address says so', () => {
    expect(one('Ada Örnek', { isTelephone: true })).toBe('phone ada');
    expect(one('Ada Örnek', { isTelephone: true, email: 'ada@school.example' })).toBe('identified ada');
  });
  test('the original name in a column of its own counts as one in brackets', () => {
    expect(one('Ada Örnek', { originalName: 'Efe Güzelçay' })).toBe('ambiguous ada efe');
    expect(one('Ada Örnek', { originalName: 'iPad' })).toBe('ticked ada');
  });
});

describe('two people', () => {
  const at = (key: string, from: number, until: number | null, more: Partial<ReportedRow> = {}) =>
    rowOf('Efe Güzelçay', { key, joinedMs: from, leftMs: until, ...more });
  test('are one name twice at the same time', () => {
    expect(match([at('a', 0, 100), at('b', 50, 150)])).toEqual(['ambiguous efe', 'ambiguous efe']);
    expect(match([at('a', 0, 100), at('b', 100, 150)])).toEqual(['ticked efe', 'ticked efe']);
    expect(match([at('a', 0, null), at('b', 50, 150)])).toEqual(['ambiguous efe', 'ambiguous efe']);
    expect(match([at('a', 0, 100, { isWaiting: true }), at('b', 50, 150)])).toEqual(['ticked efe', 'ticked efe']);
    expect(match([at('a', 0, 100), at('b', 50, 150, { report: 'other' })])).toEqual(['ticked efe', 'ticked efe']);
  });
  test('are two addresses', () => {
    const [x, y] = ['x@home.example', 'y@home.example'];
    expect(match([at('a', 0, 9, { email: x }), at('b', 50, 99, { email: y })])).toEqual([
      'ambiguous efe',
      'ambiguous efe',
    ]);
    expect(match([at('a', 0, 9, { account: 'm-1' }), at('b', 50, 99, { account: 'm-2' })])).toEqual([
      'ambiguous efe',
      'ambiguous efe',
    ]);
    expect(match([at('a', 0, 90, { email: x }), at('b', 50, 99, { email: x })])).toEqual(['ticked efe', 'ticked efe']);
  });
  test('leave what an address identified as it is', () => {
    const email = 'efe@school.example';
    expect(match([at('a', 0, 100, { email }), at('b', 50, 150), at('c', 50, 150, { email })])).toEqual([
      'identified efe',
      'ambiguous efe',
      'identified efe',
    ]);
    expect(match([at('a', 0, 100, { email }), rowOf('efe g.', { joinedMs: 50, leftMs: 70 })])).toEqual([
      'identified efe',
      'ambiguous efe',
    ]);
  });
});

describe('a confirmed alias is a suggestion', () => {
  const alias = (name: string, ...personIds: string[]): ConfirmedAlias => ({ name, email: null, personIds });
  test.each([
    ['xX_gamer_Xx', ['efe'], 'proposed efe'],
    ['iPad (3)', ['efe'], 'device efe'],
    ['Ada Örnek', ['ada'], 'ticked ada'],
    ['Ada Örnek', ['efe'], 'ambiguous efe ada'],
    ['Ali Veli', ['ali2'], 'ambiguous ali2 ali1'],
    ['Fen Lab PC', ['ada', 'efe'], 'device ada efe'],
    ['xyz', ['ada', 'efe'], 'unknown ada efe'],
    ['xyz', ['nobody'], 'unknown'],
  ])('%s, known as %s: %s', (name, ids, right) => expect(match([rowOf(name)], [alias(name, ...ids)])).toEqual([right]));
  test('of one address, not of every address', () => {
    const known = [{ name: 'xyz', email: 'x@home.example', personIds: ['efe'] }];
    expect(match([rowOf('XYZ', { email: 'X@home.example' })], known)).toEqual(['proposed efe']);
    expect(match([rowOf('xyz')], known)).toEqual(['unknown']);
  });
});

test('no row is identified without an address, and every row has an answer, whatever it is called', () => {
  const name = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 60 }),
    fc
      .array(fc.constantFrom('Ada', 'Örnek', 'ö.', '(', ')', 've', '7-A', '42', 'iPad', "'nın", ',', 'veli', ' '), {
        maxLength: 9,
      })
      .map((parts) => parts.join(' ')),
  );
  fc.assert(
    fc.property(fc.array(name, { maxLength: 8 }), (names) => {
      const rows = names.map((text, at) => rowOf(text, { key: String(at) }));
      const found = matchAttendance(rows, people, { lesson });
      expect([...found.keys()]).toEqual(rows.map(({ key }) => key));
      for (const { state, candidates } of found.values()) {
        expect(state).not.toBe('identified');
        expect(new Set(candidates).size).toBe(candidates.length);
      }
    }),
    { numRuns: 500 },
  );
});

test('names that would be slow for a careless pattern are not, however many and long they are', () => {
  const before = Date.now();
  const parts = ['a. ', '(', '1 ', 'iPad ', 've ', '7-A ', 'x y ', '\u0301', '🦄 ', 'Ada '];
  const names = parts.flatMap((part) => [199, 1_000].map((length) => part.repeat(length / part.length)));
  const rows = Array.from({ length: 10_000 }, (_, at) =>
    rowOf(`${names[at % names.length]}${at}`, { key: String(at) }),
  );
  const found = matchAttendance(rows, people, { lesson });
  expect(found.size).toBe(10_000);
  expect(Date.now() - before).toBeLessThan(15_000);
  expect(one('Ada '.repeat(60))).toBe('unknown');
});
