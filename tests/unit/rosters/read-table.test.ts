import { describe, expect, it, test } from 'vitest';
import { readTables } from '../../../src/rosters/read-tables.ts';
import type { ColumnMapping, Roster } from '../../../src/rosters/roster.ts';
import { gridOf, refusalOf, rosterIn } from './grids.ts';

const suggestedOf = (lines: readonly string[]) => {
  const reading = readTables('a.csv', [gridOf('a.csv', ...lines)]);
  if (reading.outcome !== 'mapping') throw new Error('not a table');
  return reading.table.suggested;
};
const read = (...lines: readonly string[]): Roster =>
  rosterIn(readTables('a.csv', [gridOf('a.csv', ...lines)], suggestedOf(lines)));
const refused = (...lines: readonly string[]) => refusalOf(() => read(...lines));
const withMapping = (mapping: ColumnMapping, ...lines: readonly string[]) =>
  refusalOf(() => readTables('a.csv', [gridOf('a.csv', ...lines)], mapping));

const head = 'Okul No|Adı|Soyadı|Sınıf';

describe('a table of pupils', () => {
  it('is asked about first, with five rows to recognise the columns by and nothing sensitive', () => {
    const rows = Array.from({ length: 7 }, (_, at) => `${at}|Ada|Örnek|7-A|00000000000|x`);
    expect(readTables('a.csv', [gridOf('a.csv', `${head}|T.C. Kimlik No|Servis`, ...rows)])).toEqual({
      outcome: 'mapping',
      table: {
        headings: ['Okul No', 'Adı', 'Soyadı', 'Sınıf', 'T.C. Kimlik No', 'Servis'],
        suggested: {
          'Okul No': 'school_number',
          Adı: 'given',
          Soyadı: 'family',
          Sınıf: 'class',
          'T.C. Kimlik No': null,
          Servis: null,
        },
        sample: Array.from({ length: 5 }, (_, at) => [String(at), 'Ada', 'Örnek', '7-A', '', 'x']),
      },
    });
  });

  it('is read with the places of its values, and nobody outside its classes is spoken of', () => {
    const roster = read(head, '0042|Ada  Su|Örnek|7. Sınıf / A Şubesi');
    expect(roster).toMatchObject({ format: 'table', extent: 'classes', schoolName: null, leaving: [], links: [] });
    expect(roster.persons).toEqual([
      {
        key: 'number 0042',
        kinds: ['pupil'],
        name: 'Ada Su Örnek',
        sourceId: null,
        schoolNumber: '0042',
        email: null,
        phone: null,
        from: { file: 'a.csv', line: 2 },
      },
    ]);
    expect(roster.memberships).toEqual([
      { person: 'number 0042', className: '7-A', classSourceId: null, from: { file: 'a.csv', line: 2 } },
    ]);
  });

  it('may tell the class in two columns, and the name in one', () => {
    const roster = read('Adı Soyadı|Sınıf|Şube', 'Ada Örnek|7|A', 'Efe Örnek|10. Sınıf|İ');
    expect(roster.memberships.map(({ className }) => className)).toEqual(['7-A', '10/İ']);
  });

  it('tells namesakes apart by number, and by row where there is none', () => {
    expect(read(head, '1|Ali|Veli|7-A', '2|Ali|Veli|7-A').persons).toHaveLength(2);
    expect(read('Adı|Soyadı|Sınıf|Telefon', 'Ali|Veli|7-A|1', 'Ali|Veli|7-A|2').persons).toHaveLength(2);
  });

  it('takes names that are words of roles for names', () => {
    const roster = read(
      `${head}|Veli 1 Adı Soyadı|Veli 1 Yakınlık|Veli 2 Adı Soyadı|Veli 2 Yakınlık`,
      '1|Ali|Veli|7-A|Veli Veli|Baba|Anne Veli|Anne',
    );
    expect(roster.persons.map(({ name }) => name)).toEqual(['Ali Veli', 'Veli Veli', 'Anne Veli']);
  });

  it('reads a line that comes again once, and so a heading', () => {
    const roster = read(head, '1|Ada|Örnek|7-A', head, '1|Ada|Örnek|7-A', '2|Efe|Örnek|7-A');
    expect(roster.persons).toHaveLength(2);
    expect(roster.notices.map(({ code, from }) => [code, from.line])).toEqual([
      ['LINE_REPEATED', 3],
      ['LINE_REPEATED', 4],
    ]);
  });

  it('has its headings below titles and groups', () => {
    const roster = read('Örnek Ortaokulu||Veli 1|', '', head, '1|Ada|Örnek|7-A');
    expect(roster.persons.map(({ name }) => name)).toEqual(['Ada Örnek']);
  });

  it('has its headings in the first row where a row below knows more words: no pupil is passed over', () => {
    const rows = ['Vorname|Nachname|Klasse|Elternteil|Rolle', 'Ada|Örnek|7-A|Gül Örnek|x', 'Ali|Veli|7-A|Veli|Baba'];
    const reading = readTables('a.csv', [gridOf('a.csv', ...rows)]);
    expect(reading.outcome === 'mapping' && reading.table.headings[0]).toBe('Vorname');
    expect(reading.outcome === 'mapping' && reading.table.sample).toHaveLength(2);
  });

  it('has each heading once: a second one of a name is told apart', () => {
    const reading = readTables('a.csv', [gridOf('a.csv', 'Adı|Soyadı|Sınıf|Telefon|Telefon|x', 'A|B|7-A|1|2|3')]);
    expect(reading.outcome === 'mapping' && reading.table.headings.slice(3)).toEqual(['Telefon', 'Telefon (2)', 'x']);
  });
});

describe('who stands beside a pupil', () => {
  const wide = `${head}|Veli 1 Adı Soyadı|Veli 1 Yakınlık|Veli 1 E-posta|Veli 1 Telefon|Diğer Kişi|Diğer Kişi Rolü`;
  const signs = (roster: Roster) => roster.links.map(({ relation, authority }) => `${relation} ${authority}`);

  it('may sign as mother, father or carer, and as nobody else', () => {
    const rows = ['Anne', 'Baba', 'Vasi', 'Anneanne', ''].map(
      (relation, at) => `${at}|P${at}|X|7-A|G${at}|${relation}|g${at}@a.example|||`,
    );
    const roster = read(wide, ...rows);
    expect(signs(roster)).toEqual([
      'mother may_sign',
      'father may_sign',
      'carer may_sign',
      'other none',
      'other undecided',
    ]);
    const others = roster.persons.filter(({ kinds }) => !kinds.includes('pupil'));
    expect(others.map(({ kinds }) => kinds)).toEqual([
      ['guardian'],
      ['guardian'],
      ['guardian'],
      ['contact'],
      ['guardian'],
    ]);
  });

  it('never signs as another contact, whatever the word', () => {
    expect(signs(read(wide, '1|Ada|Örnek|7-A|||||Gül|Anne'))).toEqual(['other none']);
  });

  it('is one person in the rows of all their children, by name and address', () => {
    const row = (pupil: string, email: string, phone: string) =>
      `${pupil}|P${pupil}|X|7-A|Ayşe Y|Anne|${email}|${phone}||`;
    const guardians = (...rows: readonly string[]) =>
      read(wide, ...rows).persons.filter(({ kinds }) => kinds.includes('guardian')).length;
    expect(guardians(row('1', 'A@x.example', ''), row('2', 'a@x.example', ''))).toBe(1);
    expect(guardians(row('1', '', '0500 000 0001'), row('2', '', '5000000001'))).toBe(1);
    expect(guardians(row('1', 'a@x.example', ''), row('2', 'b@x.example', ''))).toBe(2);
    expect(guardians(row('1', '', ''), row('2', '', ''))).toBe(2);
  });

  it('is told of without an address', () => {
    const { notices } = read(wide, '1|Ada|Örnek|7-A|Gül|Anne||0500 000 0001||');
    expect(notices).toEqual([
      { code: 'GUARDIAN_WITHOUT_ADDRESS', params: { name: 'Gül' }, from: { file: 'a.csv', line: 2 } },
    ]);
  });

  it('is a mother or a father by the heading where no column says it', () => {
    const roster = read('Adı Soyadı|Sınıf|Anne Adı|Anne Telefon|Baba Adı', 'Ada Örnek|7-A|Gül|0500 000 0001|Cem');
    expect(signs(roster)).toEqual(['mother may_sign', 'father may_sign']);
  });
});

describe('a table is refused', () => {
  it.each([
    ['without a column for the family name', ['Okul No|Adı|Sınıf', '1|Ada|7-A'], ['ROSTER_COLUMN_MISSING family']],
    ['without a row', [head], ['ROSTER_NO_ROWS']],
    ['without anything', [], ['ROSTER_NO_ROWS']],
    [
      'for rows without a name or class',
      [head, '1|||7-A', '2|Ada|Örnek|'],
      ['ROSTER_CELL_EMPTY 2 Adı', 'ROSTER_CELL_EMPTY 3 Sınıf'],
    ],
    [
      'for one number with two names',
      [head, '1|Ada|X|7-A', '1|Efe|X|7-A'],
      ['ROSTER_NUMBER_TWICE 2 1', 'ROSTER_NUMBER_TWICE 3 1'],
    ],
    ['for a name of question marks', [head, '1|?????|X|7-A'], ['ROSTER_NAME_LOST 2 Adı']],
    ['for more cells than headings', [head, '1|Ada|X|7-A|what'], ['ROSTER_ROW_TOO_LONG 2']],
    ['for other headings further down', [head, '1|Ada|X|7-A', 'Adı|Soyadı|Sınıf|Okul No'], ['ROSTER_HEADINGS_AGAIN 3']],
    ['for a cell of several lines', [head, '1|Ada\n2|X|7-A'], ['ROSTER_CELL_UNREADABLE 2 Adı']],
  ])('%s', (_, lines, reasons) => {
    expect(refused(...lines)).toEqual(reasons);
  });

  it('with all reasons at once', () => {
    expect(refused(head, '1|||7-A', '2|A?|X|7-A|more')).toHaveLength(3);
  });

  it('at first sight where a column is missing and no other is left', () => {
    const grid = gridOf('a.csv', 'Okul No|Adı|Sınıf', '1|Ada|7-A');
    expect(refusalOf(() => readTables('a.csv', [grid]))).toEqual(['ROSTER_COLUMN_MISSING family']);
  });

  it('where a column is missing, only if no heading is left that could mean it', () => {
    expect(suggestedOf(['Adı|Sınıf|Nachname', 'Ada|7-A|Muster'])).toMatchObject({ Nachname: null });
    expect(withMapping({ Adı: 'given', Sınıf: 'class' }, 'Adı|Sınıf|Nachname', 'Ada|7-A|Muster')).toEqual([
      'ROSTER_COLUMN_MISSING family',
    ]);
  });

  it('with a mapping that does not fit', () => {
    const lines = ['Adı Soyadı|Sınıf|Şifre|Telefon|Cep', 'A|7-A|x|1|2'];
    const mapping = { 'Adı Soyadı': 'name', Sınıf: 'class' } as const;
    expect(withMapping({ ...mapping, Okul: 'school_number' }, ...lines)).toEqual(['ROSTER_COLUMN_UNKNOWN Okul']);
    expect(withMapping({ ...mapping, Şifre: 'email' }, ...lines)).toEqual(['ROSTER_COLUMN_SENSITIVE Şifre']);
    expect(withMapping({ ...mapping, Telefon: 'phone', Cep: 'phone' }, ...lines)).toEqual(['ROSTER_COLUMN_TWICE Cep']);
  });
});

test('a formula without a result is an empty cell, and told', () => {
  const grid = gridOf('a.xlsx', `${head}|E-posta|x`, '1|Ada|Örnek|7-A||x');
  const rows = grid.rows.map((row) => (row.line === 2 ? { ...row, formulas: [4, 5] } : row));
  const mapping = { Adı: 'given', Soyadı: 'family', Sınıf: 'class', 'E-posta': 'email' } as const;
  const roster = rosterIn(readTables('a.xlsx', [{ ...grid, rows }], mapping));
  expect(roster.persons[0]).toMatchObject({ email: null });
  expect(roster.notices).toEqual([
    { code: 'FORMULA_WITHOUT_RESULT', params: { column: 'E-posta' }, from: { file: 'a.xlsx', line: 2 } },
  ]);
});

describe('of a workbook', () => {
  const list = gridOf('7-A', head, '1|Ada|Örnek|7-A');
  const menu = gridOf('Yemekhane', 'Gün|Çorba', 'Salı|Ezogelin');

  it('the sheet that is a list is read', () => {
    expect(readTables('a.xlsx', [menu, list]).outcome).toBe('mapping');
  });
  it('one list is read at a time', () => {
    expect(refusalOf(() => readTables('a.xlsx', [list, { ...list, file: '7-B' }]))).toEqual([
      'ROSTER_SEVERAL_LISTS 7-A 7-B',
    ]);
  });
  it('without a list nothing is read', () => {
    expect(refusalOf(() => readTables('a.xlsx', [menu, menu]))).toEqual(['ROSTER_UNKNOWN_KIND']);
  });
});

describe('limits', () => {
  const rows = (count: number, cells: readonly string[]) => [
    { file: 'a.csv', rows: Array.from({ length: count }, (_, at) => ({ line: at + 1, cells })) },
  ];
  it.each([
    ['rows', rows(100_001, ['a']), ['ROSTER_TOO_MANY_ROWS 100000']],
    ['columns', rows(1, Array(201).fill('a')), ['ROSTER_TOO_MANY_COLUMNS 1 200']],
    ['letters in a cell', rows(1, ['a'.repeat(2_001)]), ['ROSTER_CELL_TOO_LONG 1 2000']],
  ])('of %s are kept', (_, tables, reasons) => {
    expect(refusalOf(() => readTables('a.csv', tables))).toEqual(reasons);
  });
});
