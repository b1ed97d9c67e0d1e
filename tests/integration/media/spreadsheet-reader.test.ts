import { describe, expect, it, test } from 'vitest';
import { createSpreadsheetReader } from '../../../src/adapters/spreadsheet/spreadsheet-reader.ts';
import { createArchiveReader } from '../../../src/adapters/zip/archive-reader.ts';
import type { Refusal } from '../../../src/domain/errors.ts';
import { zipOf } from '../../support/zip.ts';

const archives = createArchiveReader();
const reader = createSpreadsheetReader({ archives });

const main = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
const related = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const packaged = 'http://schemas.openxmlformats.org/package/2006';

/** A workbook of one sheet by hand; `formats` are number formats of the styles 1, 2, … */
function workbookOf(rows: string, { formats = [] as string[], prolog = '' } = {}): Buffer {
  const types = `application/vnd.openxmlformats-officedocument.spreadsheetml`;
  const ids = formats.map((_, at) => 200 + at);
  return zipOf([
    {
      name: '[Content_Types].xml',
      octets: `<Types xmlns="${packaged}/content-types"><Default Extension="xml" ContentType="application/xml"/><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="${types}.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="${types}.worksheet+xml"/><Override PartName="/xl/styles.xml" ContentType="${types}.styles+xml"/></Types>`,
    },
    {
      name: '_rels/.rels',
      octets: `<Relationships xmlns="${packaged}/relationships"><Relationship Id="r1" Type="${related}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
    },
    {
      name: 'xl/workbook.xml',
      octets: `<workbook xmlns="${main}" xmlns:r="${related}"><sheets><sheet name="Öğrenciler" sheetId="1" r:id="r1"/></sheets></workbook>`,
    },
    {
      name: 'xl/_rels/workbook.xml.rels',
      octets: `<Relationships xmlns="${packaged}/relationships"><Relationship Id="r1" Type="${related}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="r2" Type="${related}/styles" Target="styles.xml"/></Relationships>`,
    },
    {
      name: 'xl/styles.xml',
      octets: `<styleSheet xmlns="${main}"><numFmts count="${ids.length}">${ids.map((id, at) => `<numFmt numFmtId="${id}" formatCode="${formats[at]}"/>`).join('')}</numFmts><cellXfs count="${ids.length + 1}"><xf numFmtId="0"/>${ids.map((id) => `<xf numFmtId="${id}" applyNumberFormat="1"/>`).join('')}</cellXfs></styleSheet>`,
    },
    {
      name: 'xl/worksheets/sheet1.xml',
      octets: `${prolog}<worksheet xmlns="${main}"><sheetData>${rows}</sheetData></worksheet>`,
    },
  ]);
}

const cell = (at: string, value: string, attributes = '') => `<c r="${at}" ${attributes}><v>${value}</v></c>`;
const text = (at: string, value: string) => `<c r="${at}" t="inlineStr"><is><t>${value}</t></is></c>`;
const rowsOf = async (workbook: Buffer) => (await reader.read(workbook)).sheets[0]?.rows;
const refusalOf = (reading: Promise<unknown>) =>
  reading.then(
    () => 'read',
    (error: Refusal) => `${error.code} ${error.reasons?.[0]?.code ?? error.message}`,
  );

describe('cells of a workbook', () => {
  it('come as text, in their rows and columns', async () => {
    const rows = `<row r="2">${text('A2', 'Ada')}${text('C2', 'Örnek')}</row><row r="5">${text('B5', ' 0042 ')}</row>`;
    expect(await reader.read(workbookOf(rows))).toEqual({
      sheets: [
        {
          name: 'Öğrenciler',
          rows: [
            { line: 2, cells: ['Ada', '', 'Örnek'], formulas: [] },
            { line: 5, cells: ['', ' 0042 '], formulas: [] },
          ],
        },
      ],
    });
  });

  it('that are numbers have no exponent, the zeros that are displayed, and no points between', async () => {
    const formats = ['0000', '#,##0', '0### ### ## ##', 'dd.mm.yyyy', '0.00E+00'];
    const cells = [
      cell('A1', '42'),
      cell('B1', '905000000007'),
      cell('C1', '5E9'),
      cell('D1', '42', 's="1"'),
      cell('E1', '1593', 's="2"'),
      cell('F1', '5000000007', 's="3"'),
      cell('G1', '46266', 's="4"'),
      cell('H1', '5000000007', 's="5"'),
      cell('I1', '1.5'),
      cell('J1', '1', 't="b"'),
      cell('K1', '#N/A', 't="e"'),
    ];
    const [row] = (await rowsOf(workbookOf(`<row r="1">${cells.join('')}</row>`, { formats })))!;
    expect(row!.cells).toEqual([
      '42',
      '905000000007',
      '5000000000',
      '0042',
      '1593',
      '0500 000 00 07',
      '2026-09-01',
      '5000000007',
      '1.5',
      'TRUE',
      '',
    ]);
  });

  it('that are formulas have the result that is stored, and none is worked out', async () => {
    const stored = '<c r="A1" t="str"><f>1+1</f><v>3</v></c>';
    const missing = '<c r="B1"><f>1+1</f></c><c r="C1"><f>HYPERLINK("http://127.0.0.1:18080/")</f><v></v></c>';
    expect(await rowsOf(workbookOf(`<row r="1">${stored}${missing}</row>`))).toEqual([
      { line: 1, cells: ['3', '', ''], formulas: [1, 2] },
    ]);
  });

  it('are only those that are there, however far a sheet says it goes', async () => {
    const painted = '<c r="A9" s="0"/>';
    const rows = `<row r="1">${text('A1', 'x')}</row><row r="9">${painted}</row><row r="1048576">${text('C1048576', 'y')}</row>`;
    expect(await rowsOf(workbookOf(rows))).toEqual([
      { line: 1, cells: ['x'], formulas: [] },
      { line: 1_048_576, cells: ['', '', 'y'], formulas: [] },
    ]);
  });
});

describe('a workbook is refused', () => {
  const cells = `<row r="1">${text('A1', 'x')}</row>`;
  it.each([
    ['a document type', '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]>'],
    ['a document type in small letters', '<!doctype x>'],
    ['an entity', '<!ENTITY a "b">'],
  ])('for %s', async (_, prolog) => {
    expect(await refusalOf(reader.read(workbookOf(cells, { prolog })))).toBe(
      'ROSTER_UNREADABLE SPREADSHEET_DOCUMENT_TYPE',
    );
  });

  it('for a document type in UTF-16', async () => {
    const octets = Buffer.from('\uFEFF<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE x>', 'utf16le');
    const workbook = zipOf([
      { name: '[Content_Types].xml', octets: '<Types/>' },
      { name: 'xl/sharedStrings.xml', octets },
    ]);
    expect(await refusalOf(reader.read(workbook))).toBe('ROSTER_UNREADABLE SPREADSHEET_DOCUMENT_TYPE');
  });

  it.each([
    ['a web page', Buffer.from('<html><table><tr><td>Ada')],
    ['a text', Buffer.from('Adı;Soyadı')],
    [
      'a compound file with nothing in it',
      Buffer.concat([Buffer.from('d0cf11e0a1b11ae1', 'hex'), Buffer.alloc(2_000)]),
    ],
    ['an archive that is no workbook', zipOf([{ name: 'a.txt', octets: 'x' }])],
  ])('that is %s', async (_, octets) => {
    expect(await refusalOf(reader.read(octets))).toBe('ROSTER_UNREADABLE SPREADSHEET_UNREADABLE');
  });

  it('that is a damaged archive', async () => {
    expect(await refusalOf(reader.read(workbookOf(cells).subarray(0, 400)))).toBe('NOT_MEDIA ARCHIVE_DAMAGED');
  });

  it('that is too large, before a process is started', async () => {
    expect(await refusalOf(reader.read(Buffer.alloc(20 * 1024 ** 2 + 1)))).toBe('TOO_LARGE SPREADSHEET_TOO_LARGE');
  });

  it('that has more rows than a list', async () => {
    const rows = Array.from(
      { length: 100_002 },
      (_, at) => `<row r="${at + 1}">${cell(`A${at + 1}`, String(at))}</row>`,
    );
    expect(await refusalOf(reader.read(workbookOf(rows.join(''))))).toBe('TOO_LARGE SPREADSHEET_TOO_LARGE');
  });

  it('that the machine has no time for, which says nothing about it', async () => {
    const hasty = createSpreadsheetReader({ archives, limits: { wallMs: 5 } });
    expect(await refusalOf(hasty.read(workbookOf(cells)))).toMatch(/^PROCESSOR_UNAVAILABLE/);
  });
});

test('reading ends with the signal', async () => {
  const stopped = new AbortController();
  const reading = reader.read(workbookOf(`<row r="1">${text('A1', 'x')}</row>`), { signal: stopped.signal });
  stopped.abort(new Error('enough'));
  await expect(reading).rejects.toThrow('enough');
});
