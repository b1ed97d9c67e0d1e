import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { utils, write } from '@e965/xlsx';
import { describe, expect, test } from 'vitest';
import { createSpreadsheetReader } from '../../../src/adapters/spreadsheet/spreadsheet-reader.ts';
import { createArchiveReader } from '../../../src/adapters/zip/archive-reader.ts';
import type { Refusal } from '../../../src/domain/errors.ts';
import { createAttendanceReader } from '../../../src/pipeline/attendance/attendance-reader.ts';
import { hasRosters, rosterDir } from '../../support/rosters.ts';

const archives = createArchiveReader();
const reader = createAttendanceReader({ archives, spreadsheets: createSpreadsheetReader({ archives }) });
const context = {
  lesson: { startMs: Date.parse('2026-10-12T07:00:00Z'), endMs: Date.parse('2026-10-12T07:40:00Z') },
  timeZone: 'Europe/Istanbul',
};
const refusalOf = (name: string, bytes: Uint8Array) =>
  reader.read({ name, bytes }, context).then(
    ({ outcome }) => [outcome],
    (error: Refusal) => [error.code, ...error.reasons.map(({ code }) => code)],
  );

/** Days since 1899-12-30, as a workbook counts them. */
const serial = (shown: string) => Date.parse(`${shown}Z`) / 86_400_000 + 25_569;
const moment = (shown: string, z: string) => ({ t: 'n', v: serial(shown), z });

function workbook(bookType: 'xlsx' | 'biff8', format: string): Uint8Array {
  const sheet = utils.aoa_to_sheet([
    ['Topic', 'ID', 'Start time', 'End time', 'Participants'],
    ['7-A', '81200000000', moment('2026-10-12T09:55:00', format), moment('2026-10-12T10:41:00', format), 2],
    [],
    ['Name (original name)', 'Email', 'Join time', 'Leave time', 'Duration (minutes)', 'Guest'],
    [
      'Ada Örnek',
      'ada@school.example',
      moment('2026-10-12T09:58:16', format),
      moment('2026-10-12T10:40:02', format),
      42,
      'No',
    ],
    ['Efe Güzelçay', '', moment('2026-10-12T10:01:00', format), '', 39, 'No'],
  ]);
  const book = utils.book_new();
  utils.book_append_sheet(book, sheet, 'Liste');
  utils.book_append_sheet(book, utils.aoa_to_sheet([['saved by Excel']]), 'Info');
  return new Uint8Array(write(book, { bookType, type: 'buffer' }));
}

describe('a report that was saved as a workbook keeps its times', () => {
  test.each([
    ['xlsx', 'm/d/yyyy h:mm'],
    ['xlsx', 'dd\\.mm\\.yyyy hh:mm:ss'],
    ['biff8', 'm/d/yyyy h:mm AM/PM'],
  ] as const)('%s with %s', async (bookType, format) => {
    const reading = await reader.read({ name: 'report', bytes: workbook(bookType, format) }, context);
    expect(reading).toMatchObject({
      outcome: 'report',
      report: {
        tool: 'zoom',
        facts: { title: '7-A', statedCount: 2, statedStartMs: Date.parse('2026-10-12T06:55:00Z') },
        rows: [
          {
            line: 5,
            name: 'Ada Örnek',
            joinedMs: Date.parse('2026-10-12T06:58:16Z'),
            leftMs: Date.parse('2026-10-12T07:40:02Z'),
          },
          { line: 6, name: 'Efe Güzelçay', joinedMs: Date.parse('2026-10-12T07:01:00Z'), leftMs: null },
        ],
      },
    });
  });
});

describe.skipIf(!hasRosters)('hostile and broken workbooks and archives say why', () => {
  test.each([
    ['xxe.xlsx', ['ATTENDANCE_UNREADABLE', 'SPREADSHEET_DOCUMENT_TYPE']],
    ['entities_billion_laughs.xlsx', ['ATTENDANCE_UNREADABLE', 'SPREADSHEET_DOCUMENT_TYPE']],
    ['eokul_truncated.xls', ['ATTENDANCE_UNREADABLE', 'SPREADSHEET_UNREADABLE']],
    ['bomb_huge_csv.zip', ['ATTENDANCE_UNREADABLE', 'ATTENDANCE_UNKNOWN_KIND']],
    ['bomb_nested.zip', ['ATTENDANCE_UNREADABLE', 'ATTENDANCE_UNKNOWN_KIND']],
    ['zip_slip.zip', ['ATTENDANCE_UNREADABLE', 'ATTENDANCE_UNKNOWN_KIND']],
  ])('%s', async (file, right) => {
    expect(await refusalOf(file, readFileSync(join(rosterDir, 'variants/broken', file)))).toEqual(right);
  });
  test('an archive that is none, and text goes to the reader of text', async () => {
    expect(await refusalOf('x.zip', new Uint8Array([0x50, 0x4b, 3, 4, 1, 2, 3]))).toEqual([
      'ATTENDANCE_UNREADABLE',
      'ARCHIVE_DAMAGED',
    ]);
    expect(await refusalOf('x.csv', new Uint8Array())).toEqual(['ATTENDANCE_UNREADABLE', 'ATTENDANCE_EMPTY']);
  });
});
