import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createClock } from '../../../src/attendance/clock.ts';
import { readAttendance } from '../../../src/attendance/read-attendance.ts';
import type { AttendanceAnswers } from '../../../src/attendance/report.ts';
import { parseWhen } from '../../../src/attendance/when.ts';
import { refusalOf } from '../rosters/grids.ts';

/** A moment as `YYYY-MM-DD HH:MM:SS`, with `?` where the order of day and month is open. */
function told(cell: string): string | undefined {
  const when = parseWhen(cell);
  if (when === undefined) return undefined;
  if (when.kind === 'instant') return new Date(when.ms).toISOString();
  const { date, timeMs, hasSeconds } = when;
  const two = (part: number) => String(part).padStart(2, '0');
  const day = date === null ? '' : `${date.year}-${two(date.second)}-${two(date.first)}${date.isOpen ? '?' : ''} `;
  return `${day}${new Date(timeMs).toISOString().slice(11, hasSeconds ? 19 : 16)}`;
}

describe('a moment is read as', () => {
  test.each([
    ['10/12/2026 9:55', '2026-12-10? 09:55'],
    ['10/12/2026 09:55:08 AM', '2026-12-10? 09:55:08'],
    ['10/12/2026 12:05:10 PM', '2026-12-10? 12:05:10'],
    ['10/12/2026 12:05:10 AM', '2026-12-10? 00:05:10'],
    ['10/12/26, 9:56:13\u202FPM', '2026-12-10? 21:56:13'],
    ['10/12/26, 9:56:13\u00A0a.\u00A0m.', '2026-12-10? 09:56:13'],
    ['10/12/26 9:56:13 p. m.', '2026-12-10? 21:56:13'],
    ['12.10.26, 09:56:33', '2026-10-12 09:56:33'],
    ['12.10.2026 09.56.33', '2026-10-12 09:56:33'],
    ['12-10-2026 09:56', '2026-10-12? 09:56'],
    ['2026-10-12 10:00:00', '2026-10-12 10:00:00'],
    ['2026/10/12 10:00', '2026-10-12 10:00'],
    ['2026-10-12T10:00:00.123', '2026-10-12 10:00:00'],
    ['2026-10-12T07:00:00Z', '2026-10-12T07:00:00.000Z'],
    ['2026-10-12T10:00:00.5+03:00', '2026-10-12T07:00:00.000Z'],
    ['2026-10-12 10:00:00 (UTC+3)', '2026-10-12T07:00:00.000Z'],
    ['2026-10-12 10:00 GMT-0330', '2026-10-12T13:30:00.000Z'],
    ['2026年10月12日 下午 2:05:09', '2026-10-12 14:05:09'],
    ['2026. 10. 12. 오후 2:05:09', '2026-10-12 14:05:09'],
    ['12 Ekim 2026 10:00', '2026-10-12 10:00'],
    ['12 Eki 2026 ÖS 2:05', '2026-10-12 14:05'],
    ['Oct 12, 2026 10:00 AM', '2026-10-12 10:00'],
    ['Monday, October 12, 2026 10:00:00 AM', '2026-10-12 10:00:00'],
    ['12. Oktober 2026 um 10:00:05', '2026-10-12 10:00:05'],
    ['12 octobre 2026 à 10:00', '2026-10-12 10:00'],
    ['12 октября 2026 г. в 10:00', '2026-10-12 10:00'],
    ['12 października 2026 10:00', '2026-10-12 10:00'],
    ['١٢/١٠/٢٠٢٦ ١٠:٠٠ ص', '2026-10-12? 10:00'],
    ['۱۲/۱۰/۲۰۲۶ ۱۰:۰۰', '2026-10-12? 10:00'],
    ['9:57 AM', '09:57'],
    ['09:57:01', '09:57:01'],
    ['15/10/2026 13:05 PM', '2026-10-15? 13:05'],
  ])('%s', (cell, right) => expect(told(cell)).toBe(right));

  test.each([
    '',
    '-',
    '47',
    '44m 9s',
    '38 Min. 4 Sek.',
    '10/12/2026',
    'Ada',
    '25:00',
    '10:61',
    '13:00 AM',
    '30.02.2026 10:00',
    '99/99/2026 10:00',
    '12 listopad 2026 10:00',
    '26. 10. 12. 10:00',
    '10/12/1926 10:00',
  ])('%s is none', (cell) => expect(parseWhen(cell)).toBeUndefined());

  test('as any language of Intl writes it, or not at all', () => {
    const at = new Date('2026-10-23T14:05:09Z');
    for (const language of [
      'tr',
      'en-US',
      'en-GB',
      'de',
      'fr',
      'es',
      'it',
      'pt-BR',
      'nl',
      'pl',
      'ru',
      'ar',
      'ja',
      'zh-CN',
      'ko',
      'sv',
      'da',
      'fi',
      'el',
      'he',
      'cs',
      'hu',
      'ro',
      'uk',
    ])
      for (const dateStyle of ['short', 'medium', 'long'] as const) {
        const written = new Intl.DateTimeFormat(language, {
          dateStyle,
          timeStyle: 'medium',
          timeZone: 'UTC',
          calendar: 'gregory',
        }).format(at);
        const right = expect.stringMatching(/^2026-(?:10-23|23-10\?|10-23\?) 14:05:09$/);
        expect([language, written, told(written) ?? '2026-10-23 14:05:09']).toEqual([language, written, right]);
      }
  });

  test('nothing that is thrown, and never another moment for the same text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 120 }), (text) => {
        expect(parseWhen(text)).toEqual(parseWhen(text));
      }),
    );
  });
});

describe('the clock of a zone', () => {
  const instants = (zone: string, shown: string) => {
    const { firstMs, lastMs } = createClock(zone)(Date.parse(`${shown}Z`));
    return [firstMs, lastMs].map((ms) => new Date(ms).toISOString().slice(0, 19));
  };
  test.each([
    ['Europe/Istanbul', '2026-10-12T10:00:00', '2026-10-12T07:00:00', '2026-10-12T07:00:00'],
    ['Europe/London', '2026-10-25T01:30:00', '2026-10-25T00:30:00', '2026-10-25T01:30:00'],
    ['Europe/London', '2026-10-25T02:00:00', '2026-10-25T02:00:00', '2026-10-25T02:00:00'],
    ['Europe/Berlin', '2026-03-29T02:30:00', '2026-03-29T00:30:00', '2026-03-29T01:30:00'],
    ['Australia/Lord_Howe', '2026-04-05T01:45:00', '2026-04-04T14:45:00', '2026-04-04T15:15:00'],
    ['America/St_Johns', '2026-07-01T12:00:00', '2026-07-01T14:30:00', '2026-07-01T14:30:00'],
    ['Asia/Kathmandu', '2026-07-01T12:00:00', '2026-07-01T06:15:00', '2026-07-01T06:15:00'],
  ])('%s %s', (zone, shown, first, last) => expect(instants(zone, shown)).toEqual([first, last]));

  test('says what Intl shows, for any instant and zone', () => {
    const zones = [
      'Europe/Istanbul',
      'Europe/London',
      'America/New_York',
      'Asia/Tehran',
      'Pacific/Apia',
      'Africa/Cairo',
    ];
    const seconds = fc.integer({ min: Date.parse('2020-01-01') / 1_000, max: Date.parse('2030-01-01') / 1_000 });
    fc.assert(
      fc.property(fc.constantFrom(...zones), seconds, (timeZone, second) => {
        const ms = second * 1_000;
        const shown = new Date(ms).toLocaleString('sv', { timeZone });
        const { firstMs, lastMs } = createClock(timeZone)(Date.parse(`${shown.replace(' ', 'T')}Z`));
        expect([firstMs, lastMs]).toContain(ms);
      }),
    );
  });
});

const ms = (text: string) => Date.parse(text);
const between = (from: string, until: string) => ({ startMs: ms(from), endMs: ms(until) });
const morning = between('2026-10-12T10:00:00+03:00', '2026-10-12T10:40:00+03:00');
const meetHead = 'First name,Last name,Email,Duration,Time joined,Time exited\n';
const zoomHead = 'Name (Original Name),User Email,Join Time,Leave Time,Duration (Minutes),Guest\n';

function read(text: string, lesson = morning, timeZone = 'Europe/Istanbul', answers: AttendanceAnswers = {}) {
  return readAttendance(new TextEncoder().encode(text), 'x', { lesson, timeZone }, answers);
}
function stays(...given: Parameters<typeof read>) {
  const reading = read(...given);
  if (reading.outcome !== 'report') return reading;
  return reading.report.rows.map(({ joinedMs, leftMs }) =>
    [joinedMs, leftMs].map((one) => (one === null ? null : new Date(one).toISOString().slice(0, 16))),
  );
}

describe('times without a date', () => {
  const night = between('2026-10-12T23:30:00+03:00', '2026-10-13T00:30:00+03:00');
  test('cross midnight with the lesson', () => {
    expect(
      stays(`${meetHead}Ada,Örnek,,60 min,11:28 PM,12:31 AM\nEfe,Güzelçay,,9 min,12:10 AM,12:19 AM\n`, night),
    ).toEqual([
      ['2026-10-12T20:28', '2026-10-12T21:31'],
      ['2026-10-12T21:10', '2026-10-12T21:19'],
    ]);
  });
  test('of an hour that comes twice are the longer stay', () => {
    const autumn = between('2026-10-25T00:00:00Z', '2026-10-25T02:00:00Z');
    expect(stays(`${meetHead}Ada,Örnek,,60 min,1:10,1:50\n`, autumn, 'Europe/London')).toEqual([
      ['2026-10-25T00:10', '2026-10-25T01:50'],
    ]);
  });
});

describe('the zone of the report', () => {
  const utc = `${zoomHead}Ada,,10/12/2026 06:58,10/12/2026 07:40,42,No\nEfe,,10/12/2026 07:01,10/12/2026 07:40,39,No\n`;
  const question = { code: 'TIME_ZONE', day: '2026-10-12', reported: '07:01', lesson: '10:00' };
  test('is asked where the times are hours away from the lesson', () => {
    expect(stays(utc)).toEqual({ outcome: 'question', questions: [question] });
    expect(stays(utc, morning, 'Europe/Istanbul', { timeZone: 'UTC' })).toEqual([
      ['2026-10-12T06:58', '2026-10-12T07:40'],
      ['2026-10-12T07:01', '2026-10-12T07:40'],
    ]);
  });
  test('is not asked twice: with the answered zone the report is of another lesson', () => {
    expect(refusalOf(() => stays(utc, morning, 'Europe/Istanbul', { timeZone: 'Europe/Istanbul' }))).toEqual([
      'ATTENDANCE_OTHER_LESSON 2026-10-12 06:58 2026-10-12 10:00',
    ]);
  });
  test('is asked where the times touch the lesson an hour off', () => {
    const long = between('2026-10-12T10:00:00+01:00', '2026-10-12T12:00:00+01:00');
    const paris = `${zoomHead}Ada,,10/12/2026 11:01,10/12/2026 13:00,119,No\n`;
    expect(stays(paris, long, 'Europe/London')).toMatchObject({
      questions: [{ code: 'TIME_ZONE', reported: '11:01' }],
    });
    expect(stays(paris, long, 'Europe/London', { timeZone: 'Europe/Paris' })).toEqual([
      ['2026-10-12T09:01', '2026-10-12T11:00'],
    ]);
  });
  test('is never asked where the report says it', () => {
    const told = `${zoomHead}Ada,,2026-10-12T07:01:00Z,2026-10-12T07:40:00Z,42,No\n`;
    expect(stays(told)).toEqual([['2026-10-12T07:01', '2026-10-12T07:40']]);
  });
});

describe('the order of day and month', () => {
  const row = (date: string) => `${zoomHead}Ada,,${date} 10:01,${date} 10:40,39,No\n`;
  test.each(['10/12/2026', '12/10/2026', '12.10.2026', '2026-10-12', '12-10-26'])(
    '%s is decided by the lesson',
    (date) => expect(stays(row(date))).toEqual([['2026-10-12T07:01', '2026-10-12T07:40']]),
  );
  test('is told by any date of the file that has one order only', () => {
    const lesson = between('2026-05-13T23:30:00Z', '2026-05-14T01:00:00Z');
    const text = `${zoomHead}Ada,,5/13/2026 23:31,5/14/2026 00:10,39,No\nEfe,,5/14/2026 00:01,5/14/2026 00:10,9,No\n`;
    expect(stays(text, lesson, 'UTC')).toEqual([
      ['2026-05-13T23:31', '2026-05-14T00:10'],
      ['2026-05-14T00:01', '2026-05-14T00:10'],
    ]);
  });
  test('does not matter on a day that is its month', () => {
    const lesson = between('2026-10-10T10:00:00+03:00', '2026-10-10T10:40:00+03:00');
    expect(read(row('10/10/2026'), lesson)).toMatchObject({ report: { notices: ['ZONE_OF_SCHOOL'] } });
  });
});
