import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { attendanceLimits } from '../../../src/attendance/limits.ts';
import { readAttendance } from '../../../src/attendance/read-attendance.ts';
import { Refusal } from '../../../src/domain/errors.ts';
import { hasAttendance } from '../../support/attendance.ts';
import { mediaDir } from '../../support/media.ts';
import { refusalOf } from '../rosters/grids.ts';

const lesson = { startMs: Date.parse('2026-10-12T07:00:00Z'), endMs: Date.parse('2026-10-12T07:40:00Z') };
const context = { lesson, timeZone: 'Europe/Istanbul' };
const bytesOf = (text: string) => new TextEncoder().encode(text);
const read = (text: string, file = 'report.csv') => readAttendance(bytesOf(text), file, context);
const refused = (text: string) => refusalOf(() => read(text));

const zoomHead = 'Name (Original Name),User Email,Join Time,Leave Time,Duration (Minutes),Guest\n';
const events = (inside: string, head = '') =>
  `<?xml version="1.0"?>${head}<recording meeting_id="a-1791788400000">${inside}</recording>`;
const join1 =
  '<event timestamp="10" module="PARTICIPANT" eventname="ParticipantJoinEvent"><name>Ada</name><userId>w_1</userId></event>';

describe('a file that is no report says why', () => {
  test.each([
    ['', 'ATTENDANCE_EMPTY'],
    ['%PDF-1.7', 'ATTENDANCE_UNKNOWN_KIND'],
    ['PK\u0003\u0004xxxx', 'ATTENDANCE_UNKNOWN_KIND'],
    ['<!DOCTYPE html><html><body>…', 'ATTENDANCE_IS_WEB_PAGE'],
    ['<html><body><table><tr><td>Ada</td></tr></table></body></html>', 'ATTENDANCE_IS_WEB_PAGE'],
    ['<rss><channel/></rss>', 'ATTENDANCE_UNKNOWN_KIND'],
    ['\u0001\u0002\u0003', 'ATTENDANCE_UNKNOWN_KIND'],
    [zoomHead, 'ATTENDANCE_NO_ROWS'],
    [events(''), 'ATTENDANCE_NO_ROWS'],
    ['\n\n\n', 'ATTENDANCE_NO_ROWS'],
  ])('%j', (text, code) => expect(refused(text)).toEqual([code]));

  test('letters that were lost, with the line', () => {
    expect(refused(`${zoomHead}Ada \uFFFDrnek,,10/12/2026 10:00,10/12/2026 10:40,40,No`)).toEqual([
      'ATTENDANCE_WRONG_ENCODING 2',
    ]);
    expect(refused(`${zoomHead}Ada Ã–rnek,,10/12/2026 10:00,10/12/2026 10:40,40,No`)).toEqual([
      'ATTENDANCE_WRONG_ENCODING 2',
    ]);
  });

  test('times that are none, each with its line and column', () => {
    expect(refused(`${zoomHead}Ada,,yesterday,10/12/2026 10:40,40,No\nEfe,,10/12/2026 10:00,25:61,40,No`)).toEqual([
      'ATTENDANCE_TIME_UNREADABLE 2 Join Time',
      'ATTENDANCE_TIME_UNREADABLE 3 Leave Time',
    ]);
    expect(refused(`${zoomHead}Ada,,13/13/2026 10:00,10/12/2026 10:40,40,No`)).toEqual([
      'ATTENDANCE_TIME_UNREADABLE 2 Join Time',
    ]);
    expect(refused(`${zoomHead}Ada,,13/10/2026 10:00,10/14/2026 10:40,40,No`)).toEqual([
      'ATTENDANCE_TIME_UNREADABLE 2 –',
    ]);
  });

  test('rows that may be glued or shifted', () => {
    expect(refused(`${zoomHead}"Ada,,10/12/2026 10:00,10/12/2026 10:40,40,No\nEfe,,10/12/2026 10:00,x,1,No`)).toEqual([
      'ATTENDANCE_LINE_UNREADABLE 2',
    ]);
    expect(refused(`${zoomHead}"Ada,,a,b,40,No\n"Efe",,10/12/2026 10:00,10/12/2026 10:40,1,No`)).toEqual([
      'ATTENDANCE_LINE_UNREADABLE 2',
    ]);
    expect(refused(`${zoomHead}Ada, Örnek,,10/12/2026 10:00,10/12/2026 10:40,40,No`)).toEqual([
      'ATTENDANCE_ROW_TOO_LONG 2',
    ]);
    const row = 'Ada,,10/12/2026 10:00,10/12/2026 10:40,40,No\n';
    expect(refused(`${zoomHead}${row}${zoomHead}${row}`)).toEqual(['ATTENDANCE_HEADINGS_AGAIN 3']);
  });

  test('an action of Teams that is not known', () => {
    const head = 'Full Name\tUser Action\tTimestamp\n';
    expect(refused(`${head}Ada\tVanished\t10/12/2026, 10:00:00 AM`)).toEqual(['ATTENDANCE_ACTION_UNKNOWN 2 Vanished']);
  });
});

describe('hostile files', () => {
  test('an entity is never looked up, and none grows', () => {
    const external = '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/hostname">]>';
    expect(refused(events(`<event>&x;</event>`, external))).toEqual(['ATTENDANCE_DOCUMENT_TYPE']);
    const laughs = '<!DOCTYPE r [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>';
    expect(refused(events('&b;', laughs))).toEqual(['ATTENDANCE_DOCUMENT_TYPE']);
    const known = read(events(join1.replace('Ada', 'A &amp; B &#x130; &nbsp; &#xD800; <![CDATA[<c>]]>')), 'e.xml');
    expect(known).toMatchObject({ report: { rows: [{ name: 'A & B İ &nbsp; &#xD800; <c>' }] } });
  });

  test.each([
    ['<event>', 'ATTENDANCE_XML_BROKEN 1'],
    ['</event>', 'ATTENDANCE_XML_BROKEN 1'],
    ['\n<a b="', 'ATTENDANCE_XML_BROKEN 2'],
    ['<!-- ', 'ATTENDANCE_XML_BROKEN 1'],
    ['<![CDATA[ ', 'ATTENDANCE_XML_BROKEN 1'],
    ['<a <b', 'ATTENDANCE_XML_BROKEN 1'],
    ['<x>'.repeat(60), 'ATTENDANCE_XML_BROKEN 1'],
    [join1.replace('timestamp="10"', 'timestamp="soon"'), 'ATTENDANCE_TIME_UNREADABLE 1 timestamp'],
  ])('broken XML says its line: %s', (inside, code) => expect(refused(events(inside))).toEqual([code]));

  test('more than a lesson can have is refused before it is kept', () => {
    const row = 'Ada,,10/12/2026 10:00,10/12/2026 10:40,40,No\n';
    const before = Date.now();
    const { rows: most } = attendanceLimits;
    expect(refused(zoomHead + row.repeat(600_000))).toEqual([`ATTENDANCE_TOO_MANY_ROWS ${most}`]);
    expect(refused(`${zoomHead}${'x'.repeat(5_000)},,,,,`)).toEqual(['ATTENDANCE_CELL_TOO_LONG 2 1000']);
    expect(refused(`${zoomHead}"${'x'.repeat(1_000_000)}`)).toEqual(['ATTENDANCE_LINE_UNREADABLE 2']);
    expect(refused(`${zoomHead}${','.repeat(5_000)}`)).toEqual(['ATTENDANCE_TOO_MANY_COLUMNS 2 100']);
    expect(refused(events(join1.replace('w_1', () => 'w_1').repeat(3)))).toEqual(['read']);
    const many = Array.from({ length: most + 1 }, (_, at) => join1.replace('w_1', `w_${at}x`)).join('');
    expect(refused(events(many))).toEqual([`ATTENDANCE_TOO_MANY_ROWS ${most}`]);
    expect(refusalOf(() => readAttendance(new Uint8Array(attendanceLimits.bytes + 1).fill(65), 'x', context))).toEqual([
      'ATTENDANCE_TOO_LARGE 32',
    ]);
    expect(Date.now() - before).toBeLessThan(10_000);
  });

  test('what would be slow for a careless pattern is not', () => {
    const before = Date.now();
    for (const text of [
      `${zoomHead}${'('.repeat(900)},,,,,`,
      `${zoomHead}${'a.'.repeat(450)},,,,,`,
      `${zoomHead}${'1 '.repeat(450)},,,,,`,
      `${zoomHead}${' '.repeat(900)}x,,${'1:'.repeat(400)},,,`,
      events(`<a b="${'<a b='.repeat(200_000)}`),
      events('<'.repeat(1_000_000)),
      events(`${'&#'.repeat(1_000_000)}`),
      '"'.repeat(1_000_000),
      `${'"a" '.repeat(200_000)}`,
    ])
      refused(text);
    expect(Date.now() - before).toBeLessThan(5_000);
  });

  test('nothing but a refusal is thrown, whatever the bytes', () => {
    const part = fc.constantFrom(
      ...[
        zoomHead,
        '"',
        ',',
        ';',
        '\t',
        '\n',
        '10/12/2026',
        ' 10:00',
        ' AM',
        'Ada',
        'Full Name\tUser Action\tTimestamp\n',
      ],
      ...['1. Summary\n', '2. Participants\n', '3. In-Meeting activities\n', 'Name\tFirst join\tLast leave\tEmail\n'],
      ...[
        '<recording meeting_id="a-1">',
        join1,
        '</recording>',
        '<',
        '>',
        '&',
        '\u202F',
        'İ',
        '\uFEFF',
        'sep=;\n',
        '-',
        '(',
        ')',
      ],
    );
    const text = fc.array(part, { maxLength: 40 }).map((parts) => bytesOf(parts.join('')));
    const anything = fc.oneof({ arbitrary: text, weight: 4 }, fc.uint8Array({ maxLength: 400 }));
    fc.assert(
      fc.property(anything, fc.boolean(), (bytes, hasLesson) => {
        try {
          const reading = readAttendance(bytes, 'x', hasLesson ? context : { ...context, lesson: null });
          return ['report', 'mapping', 'question'].includes(reading.outcome);
        } catch (error) {
          return error instanceof Refusal && error.reasons.length > 0;
        }
      }),
      { numRuns: 3_000 },
    );
  });
});

test('answers are checked like anything else that comes from outside', () => {
  const text = bytesOf(`${zoomHead}Ada,,10/12/2026 10:00,10/12/2026 10:40,40,No`);
  expect(refusalOf(() => readAttendance(text, 'x', context, { timeZone: 'Mars/Olympus' }))).toEqual([
    'ATTENDANCE_ZONE_UNKNOWN Mars/Olympus',
  ]);
  const table = bytesOf('Kim;Ne zaman\nAda;10:00\nEfe;10:01\n');
  const mapped = (mapping: Record<string, 'name' | 'in' | null>) =>
    refusalOf(() => readAttendance(table, 'x', context, { mapping }));
  expect(mapped({ 'Ne zaman': 'in' })).toEqual(['ATTENDANCE_COLUMN_MISSING']);
  expect(mapped({ Kim: 'name', 'Ne zaman': 'name' })).toEqual(['ATTENDANCE_COLUMN_TWICE Ne zaman']);
  expect(mapped({ Kim: 'name', Nerede: null })).toEqual(['ATTENDANCE_COLUMN_UNKNOWN Nerede']);
  expect(mapped({ Kim: 'name', 'Ne zaman': 'in' })).toEqual(['read']);
});

const broken = join(mediaDir, 'rosters/variants/broken');
test.skipIf(!hasAttendance).each([
  ['bomb_huge_csv.zip', 'ATTENDANCE_UNKNOWN_KIND'],
  ['bomb_nested.zip', 'ATTENDANCE_UNKNOWN_KIND'],
  ['empty.csv', 'ATTENDANCE_EMPTY'],
  ['html_named.xls', 'ATTENDANCE_IS_WEB_PAGE'],
  ['eokul_truncated.xls', 'ATTENDANCE_UNKNOWN_KIND'],
  ['unclosed_quote.csv', 'ATTENDANCE_LINE_UNREADABLE 22'],
  ['mojibake_utf8_twice.csv', 'ATTENDANCE_WRONG_ENCODING 1'],
  ['header_only.csv', 'ATTENDANCE_NO_ROWS'],
])('the broken sample %s', (file, code) => {
  expect(refusalOf(() => readAttendance(readFileSync(join(broken, file)), file, context))[0]).toBe(code);
});
