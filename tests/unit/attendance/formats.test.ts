import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readAttendance, readAttendanceSheets } from '../../../src/attendance/read-attendance.ts';
import type { AttendanceAnswers } from '../../../src/attendance/report.ts';
import { mediaDir } from '../../support/media.ts';
import { refusalOf } from '../rosters/grids.ts';

const lesson = { startMs: Date.parse('2026-10-12T07:00:00Z'), endMs: Date.parse('2026-10-12T07:40:00Z') };
const context = { lesson, timeZone: 'Europe/Istanbul' };
const read = (text: string | Uint8Array, answers: AttendanceAnswers = {}) =>
  readAttendance(typeof text === 'string' ? new TextEncoder().encode(text) : text, 'x', context, answers);
function rows(text: string | Uint8Array, answers: AttendanceAnswers = {}) {
  const reading = read(text, answers);
  if (reading.outcome !== 'report') throw new Error(JSON.stringify(reading));
  return reading.report.rows;
}
const at = (time: string) => Date.parse(`2026-10-12T${time}+03:00`);

describe('text', () => {
  const table = [
    ['Name (Original Name)', 'User Email', 'Join Time', 'Leave Time', 'Duration (Minutes)', 'Guest'],
    ['Şule İğde, 7-A', '', '10/12/2026 10:01:02 AM', '10/12/2026 10:40:00 AM', '39', 'No'],
  ];
  const write = (delimiter: string) =>
    table
      .map((cells) => cells.map((cell) => (cell.includes(delimiter) ? `"${cell}"` : cell)).join(delimiter))
      .join('\r\n');
  const utf16 = (text: string, isBig: boolean) => {
    const bytes = Buffer.from(`\uFEFF${text}`, 'utf16le');
    return new Uint8Array(isBig ? bytes.swap16() : bytes);
  };
  const right = [{ name: 'Şule İğde, 7-A', joinedMs: at('10:01:02'), leftMs: at('10:40:00'), line: 2 }];

  test.each([
    ['commas', write(',')],
    ['semicolons', write(';')],
    ['tabs', write('\t')],
    ['sep=', `sep=;\n${write(';')}`],
    ['a byte order mark', `\uFEFF${write(',')}`],
    ['UTF-16LE', utf16(write('\t'), false)],
    ['UTF-16BE', utf16(write('\t'), true)],
    ['old line ends', write(',').replaceAll('\r\n', '\r')],
  ])('with %s', (name, text) => {
    const line = name === 'sep=' ? 3 : 2;
    expect(rows(text)).toMatchObject([{ ...right[0], line }]);
  });
});

describe('Zoom', () => {
  test('who waited and consented to be recorded was let in', () => {
    const head =
      'Name (Original Name),User Email,Join Time,Leave Time,Duration (Minutes),Guest,Recording Consent,In Waiting Room\n';
    const text = `${head}Ada,,10/12/2026 10:01:02,10/12/2026 10:40:00,39,No,Yes,Yes\nEfe,,10/12/2026 10:01:02,10/12/2026 10:40:00,39,No,,Yes`;
    expect(read(text)).toMatchObject({
      report: {
        rows: [
          { isWaiting: false, toolConsent: 'yes' },
          { isWaiting: true, toolConsent: null },
        ],
        notices: expect.arrayContaining(['WAITED_AND_CONSENTED']),
      },
    });
  });
});

test('who has a time and no name was there, and an empty row is none', () => {
  const head = 'Name (Original Name),User Email,Join Time,Leave Time,Duration (Minutes),Guest\n';
  const text = `${head},,10/12/2026 10:01,10/12/2026 10:40,39,Yes\n,,-,,39,No\n,ada@x.example,,,39,No\n`;
  expect(rows(text)).toMatchObject([
    { name: '', line: 2, joinedMs: at('10:01:00') },
    { name: '', line: 4, email: 'ada@x.example' },
  ]);
});

describe('Teams', () => {
  test('with commas and UTF-8, and somebody who has no stay of their own', () => {
    const text = [
      '1. Summary',
      'Meeting title,7-A',
      'Attended participants,2',
      'Start time,"10/12/26, 9:56:13 AM"',
      '',
      '2. Participants',
      'Name,First Join,Last Leave,In-Meeting Duration,Email,Participant ID (UPN),Role',
      'Ada Örnek,"10/12/26, 9:58:59 AM","10/12/26, 10:39:51 AM",40m,,,Presenter',
      'Efe Güzelçay,"10/12/26, 10:08:59 AM","10/12/26, 10:39:51 AM",30m,,,Attendee',
      '',
      '3. In-Meeting Activities',
      'Name,Join Time,Leave Time,Duration,Email,Role',
      'Ada Örnek,"10/12/26, 9:58:59 AM","10/12/26, 10:39:51 AM",40m,,Presenter',
    ].join('\n');
    expect(read(text)).toMatchObject({
      report: {
        tool: 'teams',
        facts: { title: '7-A', statedCount: 2, statedStartMs: at('09:56:13'), statedEndMs: null },
        rows: [
          { name: 'Ada Örnek', line: 13, role: 'presenter' },
          { name: 'Efe Güzelçay', line: 9, role: 'attendee', joinedMs: at('10:08:59') },
        ],
      },
    });
  });

  test('in a language that is not known asks for its columns, and suggests them', () => {
    const text =
      '1. X\nA\t7-A\nB\t1\n\n2. Y\nIme\tA1\tA2\tA3\tA4\tA5\nAda\t12.10.2026 10:00:01\t12.10.2026 10:39:00\t39\tada@x.example\tz\n';
    const asked = read(text);
    expect(asked).toMatchObject({
      outcome: 'mapping',
      table: { suggested: { Ime: 'name', A1: 'in', A2: 'out', A3: null, A4: 'email', A5: null } },
    });
    if (asked.outcome !== 'mapping') return;
    expect(rows(text, { mapping: asked.table.suggested })).toMatchObject([
      { name: 'Ada', email: 'ada@x.example', joinedMs: at('10:00:01'), leftMs: at('10:39:00') },
    ]);
  });

  test('an older list pairs joining and leaving by name, in whatever order it has them', () => {
    const line = (name: string, action: string, time: string) => `${name}\t${action}\t10/12/2026, ${time} AM\n`;
    const text = `Full Name\tUser Action\tTimestamp\n${line('Ada', 'Left', '10:20:00')}${line('Ada', 'Joined before', '10:05:00')}${line('Efe', 'Left', '10:10:00')}${line('Ada', 'Joined', '10:30:00')}`;
    expect(rows(text)).toMatchObject([
      { name: 'Ada', line: 3, joinedMs: at('10:00:00'), leftMs: at('10:20:00') },
      { name: 'Efe', line: 4, joinedMs: null, leftMs: at('10:10:00') },
      { name: 'Ada', line: 5, joinedMs: at('10:30:00'), leftMs: null },
    ]);
  });
});

test('Webex in Portuguese, and who rang in', () => {
  const head =
    'Nome da reunião,Hora de início da reunião,Hora de término da reunião,Nome de exibição,Nome,Sobrenome,Função,E-mail do participante,Hora de entrada,Hora de saída,Duração,Tipo de conexão,Nome da sessão\n';
  const text = `${head}7-A,="2026-10-12 10:00:00",="2026-10-12 10:40:00",Ada Örnek,Ada,Örnek,Host,ada@x.example,="2026-10-12 10:01:00",="2026-10-12 10:39:00",38,App,7-A\n`;
  expect(rows(text)).toMatchObject([
    { name: 'Ada Örnek', email: 'ada@x.example', joinedMs: at('10:01:00'), leftMs: at('10:39:00') },
  ]);
  const english =
    'Meeting Name,Meeting Start Time,Meeting End Time,Display Name,First Name,Last Name,Role,Attendee Email,Join Time,Leave Time,Attendance Duration,Connection Type,Session Name\n';
  expect(
    rows(`${english}7-A,,,Efe,Efe,,Attendee,,2026-10-12 10:01:00,2026-10-12 10:39:00,38,Call-in,7-A\n`),
  ).toMatchObject([{ isTelephone: true }]);
});

describe('BigBlueButton', () => {
  const start = lesson.startMs;
  const event = (second: number, module: string, name: string, fields: Record<string, string>) =>
    `<event timestamp="${1_000 * second}" module="${module}" eventname="${name}">${Object.entries({
      ...fields,
      timestampUTC: String(start + 1_000 * second),
    })
      .map(([key, value]) => `<${key}>${value}</${key}>`)
      .join('')}</event>\n`;
  const wrap = (...events: string[]) =>
    `<?xml version="1.0"?>\n<recording meeting_id="x-${start}">\n${events.join('')}</recording>`;
  const join1 = event(1, 'PARTICIPANT', 'ParticipantJoinEvent', {
    userId: 'w_a',
    name: 'Ada',
    role: 'VIEWER',
    externalUserId: 'moodle-1',
  });
  const sec = (from: number, until: number) => ({ startMs: start + from * 1_000, endMs: start + until * 1_000 });

  test('who spoke when, by a voice that is the user or is told by its caller number', () => {
    const talk = (second: number, participant: string, talking: boolean) =>
      event(second, 'VOICE', 'ParticipantTalkingEvent', { participant, talking: String(talking) });
    const text = wrap(
      join1,
      event(1, 'PARTICIPANT', 'ParticipantJoinEvent', {
        userId: 'w_b',
        name: 'Efe',
        role: 'VIEWER',
        externalUserId: 'w_b',
      }),
      event(2, 'VOICE', 'ParticipantJoinedEvent', {
        participant: '17',
        callernumber: 'w_a_1-bbbID-Ada',
        callername: 'Ada',
      }),
      talk(10, '17', true),
      talk(14, '17', false),
      talk(20, '17', true),
      event(25, 'VOICE', 'ParticipantMutedEvent', { participant: '17', muted: 'true' }),
      talk(30, '17', true),
      event(40, 'PARTICIPANT', 'ParticipantLeftEvent', { userId: 'w_a' }),
    );
    expect(rows(text)).toMatchObject([
      { name: 'Ada', account: 'moodle-1', spoke: [sec(10, 14), sec(20, 25), sec(30, 40)] },
      { name: 'Efe', account: null, spoke: [] },
    ]);
    expect(rows(wrap(join1))).toMatchObject([{ spoke: null }]);
  });

  test('who has no id is a stay each', () => {
    const anonymous = (second: number) =>
      event(second, 'PARTICIPANT', 'ParticipantJoinEvent', { name: 'Ada', role: 'VIEWER' });
    expect(rows(wrap(anonymous(1), anonymous(2)))).toMatchObject([{ line: 3 }, { line: 4 }]);
  });

  test('who rang in is heard without having joined', () => {
    const text = wrap(
      join1,
      event(5, 'VOICE', 'ParticipantJoinedEvent', {
        participant: 'v_9',
        callernumber: '+905000000012',
        callername: '+905000000012',
      }),
      event(65, 'VOICE', 'ParticipantLeftEvent', { participant: 'v_9' }),
    );
    expect(rows(text)[1]).toMatchObject({
      name: '+905000000012',
      isTelephone: true,
      joinedMs: start + 5_000,
      leftMs: start + 65_000,
    });
  });

  test('joining again without leaving is one stay, and the end of the meeting ends all', () => {
    const text = wrap(join1, join1, event(100, 'PARTICIPANT', 'EndAndKickAllEvent', {}));
    expect(rows(text)).toMatchObject([{ joinedMs: start + 1_000, leftMs: start + 100_000, line: 3 }]);
  });

  test('what was recorded, to the last event where it was not stopped', () => {
    const status = (second: number, on: boolean) =>
      event(second, 'PARTICIPANT', 'RecordStatusEvent', { status: String(on) });
    const reading = read(
      wrap(
        join1,
        status(5, true),
        status(6, true),
        status(10, false),
        status(20, true),
        event(30, 'PARTICIPANT', 'ParticipantLeftEvent', { userId: 'w_a' }),
      ),
    );
    expect(reading).toMatchObject({ report: { facts: { recorded: [sec(5, 10), sec(20, 30)] } } });
  });

  test.skipIf(!existsSync(join(mediaDir, 'rosters/bbb_events')))('real events of two versions', () => {
    const real = (file: string) =>
      readAttendance(readFileSync(join(mediaDir, 'rosters/bbb_events', file)), file, { ...context, lesson: null });
    expect(real('new-events-2_5.xml')).toMatchObject({
      report: { rows: [{ name: 'viewer', role: 'host' }, { name: 'viewer 2' }], facts: { recorded: [{}] } },
    });
    expect(real('sample.xml')).toMatchObject({
      report: { rows: [{ name: 'Tim', role: 'host', spoke: expect.any(Array) }, {}] },
    });
    expect(refusalOf(() => real('sample_no_events.xml'))).toEqual(['ATTENDANCE_NO_ROWS']);
  });
});

test.skipIf(!existsSync(join(mediaDir, 'rosters/zoom_participants_2021.csv')))('real reports of Zoom and Teams', () => {
  const files = [
    'zoom_participants_2021.csv',
    'zoom_participants_2023_consent_tr_utf8bom.csv',
    'teams_v1_meetingAttendanceList_utf8.csv',
    'teams_v2_IDL-14-11-22_utf16be.csv',
    'teams_v2_IDL-14-11-22_utf16le_crlf.csv',
  ];
  const told = files.map((file) => {
    const bytes = readFileSync(join(mediaDir, 'rosters', file));
    const reading = readAttendance(
      bytes,
      file,
      { ...context, lesson: null },
      { dayOrder: file.startsWith('teams_v2') ? 'day_first' : 'month_first' },
    );
    return reading.outcome === 'report'
      ? [reading.report.tool, reading.report.rows.length, new Date(reading.report.rows[0]?.joinedMs ?? 0).toISOString()]
      : reading;
  });
  expect(told).toEqual([
    ['zoom', expect.any(Number), '2021-01-26T04:45:00.000Z'],
    ['zoom', expect.any(Number), '2023-11-06T07:09:00.000Z'],
    ['teams', 14, '2020-11-04T06:50:12.000Z'],
    ['teams', 7, '2022-11-14T06:30:46.000Z'],
    ['teams', 7, '2022-11-14T06:30:46.000Z'],
  ]);
});

describe('any other table', () => {
  test('pasted, with a title, an empty line and no headings', () => {
    const text = '7-A yoklama\n\nAda Örnek\t10:01\t10:40\nEfe Güzelçay\t10:02\t\n';
    expect(read(text)).toEqual({
      outcome: 'mapping',
      table: {
        headings: ['1', '2', '3'],
        suggested: { 1: 'name', 2: 'in', 3: 'out' },
        sample: [
          ['Ada Örnek', '10:01', '10:40'],
          ['Efe Güzelçay', '10:02', ''],
        ],
      },
    });
    expect(rows(text, { mapping: { 1: 'name', 2: 'in', 3: 'out' } })).toMatchObject([
      { name: 'Ada Örnek', joinedMs: at('10:01:00'), leftMs: at('10:40:00'), line: 3 },
      { name: 'Efe Güzelçay', joinedMs: at('10:02:00'), leftMs: null, line: 4 },
    ]);
  });

  test('a list of names alone', () => {
    expect(rows('Ada Örnek\nEfe Güzelçay\n', { mapping: { 1: 'name' } })).toMatchObject([
      { name: 'Ada Örnek', joinedMs: null, leftMs: null },
      { name: 'Efe Güzelçay' },
    ]);
  });

  test('given and family name apart, in Turkish', () => {
    const text = 'Ad;Soyad;E-posta;Giriş;Çıkış\nAda;Örnek;ada@x.example;12.10.2026 10:01;12.10.2026 10:40\n';
    expect(read(text)).toMatchObject({
      table: { suggested: { Ad: 'given', Soyad: 'family', 'E-posta': 'email', Giriş: 'in', Çıkış: 'out' } },
    });
  });

  test('a sheet of a workbook', () => {
    const sheet = (name: string, ...cells: string[][]) => ({
      name,
      rows: cells.map((one, place) => ({ line: place * 2 + 1, cells: one })),
    });
    const list = sheet('Liste', ['Name', 'Join Time', 'Leave Time'], ['Ada', '2026-10-12 10:01', '2026-10-12 10:40']);
    const reading = readAttendanceSheets([sheet('Bilgi', ['7-A']), list], 'x.xlsx', context);
    expect(reading).toMatchObject({ outcome: 'mapping', table: { suggested: { Name: 'name', 'Join Time': 'in' } } });
    expect(refusalOf(() => readAttendanceSheets([list, { ...list, name: 'Zweite' }], 'x.xlsx', context))).toEqual([
      'ATTENDANCE_SEVERAL_SHEETS Liste Zweite',
    ]);
    expect(refusalOf(() => readAttendanceSheets([sheet('Boş')], 'x.xlsx', context))).toEqual(['ATTENDANCE_NO_ROWS']);
  });
});
