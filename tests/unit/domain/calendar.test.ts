import { describe, expect, test } from 'vitest';
import { dayAfter, dayIn, hourIn, startOfDay } from '../../../src/domain/calendar.ts';

describe('the first instant of a day', () => {
  test.each([
    ['2026-01-15', 'Europe/London', '2026-01-15T00:00:00.000Z'],
    // Clocks go forward on 29 March and back on 25 October 2026, both at 01:00 UTC.
    ['2026-03-29', 'Europe/London', '2026-03-29T00:00:00.000Z'],
    ['2026-03-30', 'Europe/London', '2026-03-29T23:00:00.000Z'],
    ['2026-10-25', 'Europe/London', '2026-10-24T23:00:00.000Z'],
    ['2026-10-26', 'Europe/London', '2026-10-26T00:00:00.000Z'],
    // Turkey has kept its clocks since 2016; before that they went forward at 03:00 and back at 04:00 local time.
    ['2026-03-29', 'Europe/Istanbul', '2026-03-28T21:00:00.000Z'],
    ['2026-10-25', 'Europe/Istanbul', '2026-10-24T21:00:00.000Z'],
    ['2015-03-29', 'Europe/Istanbul', '2015-03-28T22:00:00.000Z'],
    ['2015-03-30', 'Europe/Istanbul', '2015-03-29T21:00:00.000Z'],
    ['2015-11-08', 'Europe/Istanbul', '2015-11-07T21:00:00.000Z'],
    ['2015-11-09', 'Europe/Istanbul', '2015-11-08T22:00:00.000Z'],
    ['2026-03-29', 'UTC', '2026-03-29T00:00:00.000Z'],
    // West of Greenwich, and a zone that goes forward at midnight: the day begins at 01:00 there.
    ['2026-03-08', 'America/New_York', '2026-03-08T05:00:00.000Z'],
    ['2026-03-09', 'America/New_York', '2026-03-09T04:00:00.000Z'],
    ['2026-09-06', 'America/Santiago', '2026-09-06T04:00:00.000Z'],
    // Samoa crossed the date line: the 30th never was.
    ['2011-12-30', 'Pacific/Apia', '2011-12-30T10:00:00.000Z'],
    ['2026-04-24', 'Africa/Cairo', '2026-04-23T22:00:00.000Z'],
  ])('%s in %s is %s', (day, zone, instant) => {
    expect(startOfDay(day, zone).toISOString()).toBe(instant);
  });

  test.each(['Europe/London', 'Europe/Istanbul', 'America/Santiago', 'Africa/Cairo', 'Pacific/Kiritimati'])(
    'belongs to the day, and the instant before it does not: every day of four years in %s',
    (zone) => {
      for (let day = '2025-01-01'; day < '2029-01-01'; day = dayAfter(day)) {
        const start = startOfDay(day, zone);
        expect(dayIn(start, zone)).toBe(day);
        expect(dayAfter(dayIn(new Date(start.getTime() - 1), zone))).toBe(day);
      }
    },
  );
});

test.each([
  ['2026-03-29T00:59:59.999Z', 'Europe/London', '2026-03-29', 0],
  ['2026-03-29T01:00:00.000Z', 'Europe/London', '2026-03-29', 2],
  ['2026-10-25T00:30:00.000Z', 'Europe/London', '2026-10-25', 1],
  ['2026-10-25T01:30:00.000Z', 'Europe/London', '2026-10-25', 1],
  ['2026-06-30T22:59:59.999Z', 'Europe/London', '2026-06-30', 23],
  ['2026-06-30T23:00:00.000Z', 'Europe/London', '2026-07-01', 0],
  ['2026-06-30T20:59:59.999Z', 'Europe/Istanbul', '2026-06-30', 23],
  ['2026-06-30T21:00:00.000Z', 'Europe/Istanbul', '2026-07-01', 0],
])('%s is in %s the day %s, hour %i', (instant, zone, day, hour) => {
  expect(dayIn(new Date(instant), zone)).toBe(day);
  expect(hourIn(new Date(instant), zone)).toBe(hour);
});

test.each([
  ['2026-12-31', '2027-01-01'],
  ['2028-02-28', '2028-02-29'],
  ['2027-02-28', '2027-03-01'],
  ['2026-03-29', '2026-03-30'],
])('the day after %s is %s', (day, next) => {
  expect(dayAfter(day)).toBe(next);
});
