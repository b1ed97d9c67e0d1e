import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { createTableReader } from '../../../src/adapters/csv/table-reader.ts';
import { refusalOf } from './grids.ts';

const { read } = createTableReader();

describe('a table of text', () => {
  it.each([
    [
      'tabs',
      'a\t\tb\r\n"x\ny"\t\t \t\r\n\r\nç;,\td\t\r\n',
      [
        [1, 'a', '', 'b'],
        [2, 'x\ny', '', '', ''],
        [5, 'ç;,', 'd', ''],
      ],
    ],
    [
      'semicolons',
      'a;b\n1,5;"x;y"\n',
      [
        [1, 'a', 'b'],
        [2, '1,5', 'x;y'],
      ],
    ],
    [
      'commas',
      '\uFEFFa,b\n\n\n"x\r\ny",2\n\n3,4',
      [
        [1, 'a', 'b'],
        [4, 'x\ny', '2'],
        [7, '3', '4'],
      ],
    ],
    [
      'a title above',
      '"T.C.\nOkul"\nAdı;Soyadı\nAda;Örnek, Su',
      [
        [1, 'T.C.\nOkul'],
        [3, 'Adı', 'Soyadı'],
        [4, 'Ada', 'Örnek, Su'],
      ],
    ],
    [
      'one column',
      'Adı\nAda',
      [
        [1, 'Adı'],
        [2, 'Ada'],
      ],
    ],
  ])('has %s, and rows say where they begin', (_, text, rows) => {
    expect(read(text).map(({ line, cells }) => [line, ...cells])).toEqual(rows);
  });

  it.each([
    ['in a later row', 'a,b\nx,"y\n3,4\n5,6', 2],
    ['that another one closes', 'a,b\n\n"x,y\n1,"z"\n', 3],
    ['inside of a cell', 'a,b\n1,2\nAli "Can",2', 3],
    ['in front of too much', `a,b\n1,"${'x'.repeat(70_000)}`, 2],
  ])('is refused for a quotation mark %s, with its line', (_, text, line) => {
    expect(refusalOf(() => read(text))).toEqual([`TABLE_UNREADABLE ${line}`]);
  });
});

test('cells come out as a spreadsheet writes them in', () => {
  const cell = fc.string({ unit: fc.constantFrom(...'aİş;,\t"\n 1'), maxLength: 8 }).map((text) => text.trim());
  const table = fc.array(fc.tuple(fc.constantFrom('x', 'y'), cell, cell), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(table, fc.constantFrom(',', ';', '\t'), (rows, delimiter) => {
      const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
      const text = rows.map((row) => row.map(quoted).join(delimiter)).join('\r\n');
      expect(read(text).map(({ cells }) => cells)).toEqual(rows);
    }),
  );
});
