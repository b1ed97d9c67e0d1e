import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readAttendance } from '../../../src/attendance/read-attendance.ts';
import { countAttendees } from '../../../src/domain/attendance/count.ts';
import { presences } from '../../../src/domain/attendance/coverage.ts';
import { unite } from '../../../src/domain/attendance/interval.ts';
import { matchAttendance } from '../../../src/domain/attendance/match.ts';
import { presenceOf } from '../../../src/domain/attendance/presence.ts';
import type { ReportedRow } from '../../../src/domain/attendance/row.ts';
import type { RowState } from '../../../src/domain/attendance/row-match.ts';
import {
  attendanceDir,
  coveredPerson,
  type ExpectedRow,
  expected,
  hasAttendance,
  intervalOf,
  istanbul,
  lesson,
  readSample,
  reported,
  schoolPeople,
  toldOf,
} from '../../support/attendance.ts';
import { refusalOf } from '../rosters/grids.ts';

const people = schoolPeople();
const files = Object.entries(expected.attendance).filter(([, { outcome }]) => outcome !== 'refused');
const iso = (ms: number | null) => (ms === null ? null : new Date(ms).toISOString());
const isoOf = (text: string | null) => (text === null ? null : new Date(text).toISOString());
const tidyName = (name: string) => name.normalize('NFC').replaceAll(/\s+/g, ' ').trim();
const personId = /^[A-Z]\d+$/;

/** Rows as the list of right ones has them: it puts the stays of one attendee together. */
function inExpectedOrder(rows: readonly ReportedRow[], right: readonly ExpectedRow[]): ReportedRow[] {
  const left = [...rows];
  const found = right.flatMap((row) => {
    const fits = (one: ReportedRow) => one.name === tidyName(row.name) && iso(one.joinedMs) === isoOf(row.in);
    const at = left.findIndex((one) => fits(one) && iso(one.leftMs) === isoOf(row.out));
    return left.splice(at < 0 ? left.findIndex(fits) : at, 1);
  });
  return [...found, ...left];
}

/** What the sample's word for a decision is in our closed set of states. */
function stateOf({ decision }: ExpectedRow): RowState {
  if (personId.test(decision)) return 'identified';
  const states: Record<string, RowState> = {
    propose: 'proposed',
    ambiguous: 'ambiguous',
    device: 'device',
    bot: 'device',
    phone: 'phone',
    parent: 'unknown',
    unknown: 'unknown',
  };
  return states[decision] ?? 'unknown';
}

describe.skipIf(!hasAttendance).each(files)('%s', (file, report) => {
  const read = readSample(file);
  const rows = inExpectedOrder(reported(read.rows, file), report.rows);
  const matches = matchAttendance(rows, people, { lesson });

  test('has the rows, their times and their marks', () => {
    expect(rows.map(({ name }) => tidyName(name))).toEqual(report.rows.map(({ name }) => tidyName(name)));
    expect(rows.map(({ joinedMs }) => iso(joinedMs))).toEqual(report.rows.map((row) => isoOf(row.in)));
    expect(rows.map(({ leftMs }) => iso(leftMs))).toEqual(report.rows.map((row) => isoOf(row.out)));
    expect(rows.map(({ isWaiting }) => isWaiting)).toEqual(report.rows.map((row) => row.waiting_room === true));
    const lines = report.rows.map(({ line }) => (Array.isArray(line) ? line[0] : line));
    if (lines.every((line) => typeof line === 'number')) expect(rows.map(({ line }) => line)).toEqual(lines);
  });

  test('decides each row as a right reader does', () => {
    const told = rows.map(({ key, name }) => {
      const { state, isTicked, candidates } = matches.get(key) ?? { state: 'unknown', isTicked: false, candidates: [] };
      return [name, state, state === 'proposed' ? isTicked : null, state === 'unknown' ? [] : [...candidates].sort()];
    });
    const right = report.rows.map((row, at) => {
      const isWaiting = row.decision === 'never_admitted';
      const state = isWaiting ? 'identified' : stateOf(row);
      const candidates = state === 'unknown' ? [] : [...row.candidates].sort();
      return [rows[at]?.name, state, state === 'proposed' ? row.ticked : null, candidates];
    });
    expect(told).toEqual(right);
  });

  test('shows who a relative may be', () => {
    for (const [at, row] of report.rows.entries())
      if (row.decision === 'parent')
        expect([...(matches.get(rows[at]?.key ?? '')?.candidates ?? [])].sort()).toEqual([...row.candidates].sort());
  });

  test('counts what was there to the second', () => {
    for (const [at, row] of report.rows.entries()) {
      const one = rows[at];
      if (one === undefined || row.decision === 'bot') continue;
      const there = presenceOf([one], { lesson, recorded: [lesson] });
      expect([row.name, there.length > 0]).toEqual([row.name, row.present]);
      expect([row.name, there.reduce((sum, { startMs, endMs }) => sum + (endMs - startMs) / 1_000, 0)]).toEqual([
        row.name,
        row.clipped_seconds,
      ]);
    }
  });

  test('unites what each person was there for, after the right decisions', () => {
    const decisions = new Map(
      rows.map(({ key }, at) => {
        const truth = report.rows[at]?.truth ?? [];
        const kind = truth.length > 0 ? ('persons' as const) : ('not_a_person' as const);
        return [key, { kind, personIds: truth }];
      }),
    );
    const reports = [{ rows, statedCount: null, resolutionMs: 1_000 }];
    const found = presences({ lesson, recorded: [lesson], reports, matches, decisions, names: new Map() });
    const told = Object.fromEntries(
      found.map(({ personId: id, intervals }) => [
        id,
        intervals.map(({ startMs, endMs }) => [iso(startMs), iso(endMs)]),
      ]),
    );
    const right = Object.fromEntries(
      Object.entries(report.persons_after_right_decisions).map(([id, { intervals }]) => [
        id,
        unite(intervals.map(intervalOf)).map(({ startMs, endMs }) => [iso(startMs), iso(endMs)]),
      ]),
    );
    expect(told).toEqual(right);
  });

  test('tells the gate at least what has to be told, and nothing more than open names', () => {
    const confirmed = new Map(
      rows.flatMap(({ key }) => {
        const match = matches.get(key);
        return match?.state === 'proposed'
          ? [[key, { kind: 'persons' as const, personIds: match.candidates.slice(0, 1) }]]
          : [];
      }),
    );
    const names = new Map(people.map(({ id, name }) => [id, name]));
    const ofCourse = people.filter(({ isInCourse }) => isInCourse);
    const covered = new Map(ofCourse.map(({ id, name }) => [id, coveredPerson(id, name)]));
    const reports = [{ rows, statedCount: read.facts.statedCount, resolutionMs: read.resolutionMs }];
    const input = { lesson, recorded: [lesson], reports, matches, decisions: confirmed, names };
    const codes = toldOf(input, covered).map(({ code }) => code as string);
    expect(codes).toEqual(expect.arrayContaining([...report.gate_codes_at_least]));
    const open = new Set(['ATTENDEE_UNKNOWN', 'ATTENDEE_AMBIGUOUS', 'DEVICE_UNRESOLVED']);
    const isAllClear = report.rows.every((row) => personId.test(row.decision) || row.decision === 'propose');
    if (isAllClear) expect(codes.filter((code) => open.has(code))).toEqual([]);
    expect(codes).not.toContain('ATTENDEE_NOT_COVERED');
  });

  test('has what the report states of itself', () => {
    expect(read.facts.statedCount).toBe(report.stated_count ?? null);
    if (report.counted !== undefined) expect(countAttendees(rows, lesson)).toBe(report.counted);
    expect(read.facts.recorded).toEqual(report.recorded === undefined ? null : [intervalOf(report.recorded)]);
    expect(read.resolutionMs === 60_000).toBe(report.resolution_seconds === 60);
  });
});

describe.skipIf(!hasAttendance)('what a report leaves open is asked', () => {
  const read = (file: string, context: typeof istanbul, answers = {}) =>
    readAttendance(readFileSync(join(attendanceDir, file)), file, context, answers);
  const ambiguous = 'zoom_ambiguous_day_month.csv';
  const question = { code: 'DAY_ORDER', dayFirst: '2026-12-10', monthFirst: '2026-10-12' };

  test('the order of day and month without a lesson, or with another lesson that fits', () => {
    const asked = { outcome: 'question', questions: [question] };
    expect(read(ambiguous, { ...istanbul, lesson: null })).toEqual(asked);
    const otherLessons = expected.course.other_lessons.map(intervalOf);
    expect(read(ambiguous, { ...istanbul, otherLessons })).toEqual(asked);
    expect(read(ambiguous, { ...istanbul, otherLessons }, { dayOrder: 'month_first' })).toMatchObject({
      outcome: 'report',
    });
    expect(read(ambiguous, { ...istanbul, lesson: null }, { dayOrder: 'day_first' })).toMatchObject({
      report: { rows: [{ joinedMs: Date.parse('2026-12-10T09:58:00+03:00') }, {}, {}, {}, {}] },
    });
    expect(read(ambiguous, istanbul)).toMatchObject({
      report: { notices: ['DAY_ORDER_FROM_LESSON', 'ZONE_OF_SCHOOL'] },
    });
  });

  test('the date of a report that has times only', () => {
    const meet = 'meet_no_date.csv';
    expect(read(meet, { ...istanbul, lesson: null })).toEqual({ outcome: 'question', questions: [{ code: 'DATE' }] });
    expect(read(meet, { ...istanbul, lesson: null }, { date: '2026-10-12' })).toMatchObject({
      report: {
        rows: expect.arrayContaining([expect.objectContaining({ joinedMs: Date.parse('2026-10-12T09:57:00+03:00') })]),
      },
    });
    expect(read(meet, istanbul)).toMatchObject({ report: { notices: expect.arrayContaining(['DATE_FROM_LESSON']) } });
  });

  test('the columns of a table whose headings are not known', () => {
    for (const [file, { outcome }] of files)
      expect([file, read(file, istanbul, { timeZone: 'Europe/Istanbul' }).outcome === 'mapping']).toEqual([
        file,
        outcome === 'mapping',
      ]);
  }, 20_000);
});

test.skipIf(!hasAttendance)('a report of another day is refused, never shifted', () => {
  const file = 'teams_v2_other_date.csv';
  const bytes = readFileSync(join(attendanceDir, file));
  expect(refusalOf(() => readAttendance(bytes, file, istanbul))).toEqual([
    'ATTENDANCE_OTHER_LESSON 2026-10-19 09:56 2026-10-12 10:00',
  ]);
  const itsOwn = { ...istanbul, lesson: intervalOf(['2026-10-19T10:00:00+03:00', '2026-10-19T10:40:00+03:00']) };
  expect(readAttendance(bytes, file, itsOwn).outcome).toBe('report');
});

test.skipIf(!hasAttendance)('two reports of one lesson are united', () => {
  const { files: both, united_seconds } = expected.two_reports_of_one_lesson;
  const reports = both.map((file) => ({
    rows: reported(readSample(file).rows, file),
    statedCount: null,
    resolutionMs: 1_000,
  }));
  const matches = matchAttendance(
    reports.flatMap(({ rows }) => rows),
    people,
    { lesson },
  );
  const found = presences({ lesson, recorded: [], reports, matches, decisions: new Map(), names: new Map() });
  const seconds = found.map(({ personId: id, intervals }) => [
    id,
    intervals.reduce((sum, { startMs, endMs }) => sum + (endMs - startMs) / 1_000, 0),
  ]);
  expect(Object.fromEntries(seconds)).toEqual(united_seconds);
});
