import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readAttendance } from '../../src/attendance/read-attendance.ts';
import type { AttendanceAnswers, AttendanceContext, AttendanceReport } from '../../src/attendance/report.ts';
import {
  type AttendanceToCover,
  type CoveredPerson,
  summarise,
  uncoveredReasons,
} from '../../src/domain/attendance/coverage.ts';
import type { Interval } from '../../src/domain/attendance/interval.ts';
import type { AttendancePerson } from '../../src/domain/attendance/person.ts';
import type { AttendanceRow, ReportedRow } from '../../src/domain/attendance/row.ts';
import type { PersonRole } from '../../src/domain/person.ts';
import type { Reason } from '../../src/domain/reason.ts';
import { mediaDir } from './media.ts';

export const attendanceDir = join(mediaDir, 'rosters/variants/attendance');
const expectedFile = join(mediaDir, 'rosters/variants/expected.json');
export const hasAttendance = existsSync(expectedFile);

export interface ExpectedRow {
  readonly line: number | readonly number[] | { readonly userId: string };
  readonly name: string;
  readonly email: string;
  readonly decision: string;
  readonly candidates: readonly string[];
  readonly ticked: boolean | null;
  readonly truth: readonly string[];
  readonly in: string | null;
  readonly out: string | null;
  readonly present: boolean;
  readonly clipped_seconds: number;
  readonly waiting_room?: boolean;
}

export interface ExpectedReport {
  readonly outcome: 'matching' | 'mapping' | 'question' | 'refused';
  readonly resolution_seconds?: number;
  readonly stated_count?: number;
  readonly counted?: number;
  readonly recorded?: readonly [string, string];
  readonly gate_codes_at_least: readonly string[];
  readonly rows: readonly ExpectedRow[];
  readonly persons_after_right_decisions: Readonly<
    Record<string, { readonly united_seconds: number; readonly intervals: readonly (readonly [string, string])[] }>
  >;
}

interface ExpectedPerson {
  readonly kind: string;
  readonly full: string;
  readonly email?: string;
  readonly school_no?: string;
  readonly class?: string;
  readonly guardians?: readonly { readonly id: string }[];
  readonly contacts?: readonly { readonly id?: string }[];
}

interface Expected {
  readonly course: {
    readonly staff: readonly string[];
    readonly pupils: readonly string[];
    readonly lesson: readonly [string, string];
    readonly other_lessons: readonly (readonly [string, string])[];
  };
  readonly persons: Readonly<Record<string, ExpectedPerson>>;
  readonly attendance: Readonly<Record<string, ExpectedReport>>;
  readonly two_reports_of_one_lesson: {
    readonly files: readonly string[];
    readonly united_seconds: Readonly<Record<string, number>>;
  };
}

export const expected: Expected = hasAttendance
  ? (JSON.parse(readFileSync(expectedFile, 'utf8')) as Expected)
  : {
      course: { staff: [], pupils: [], lesson: ['', ''], other_lessons: [] },
      persons: {},
      attendance: {},
      two_reports_of_one_lesson: { files: [], united_seconds: {} },
    };

export const intervalOf = ([from, until]: readonly [string, string]): Interval => ({
  startMs: Date.parse(from),
  endMs: Date.parse(until),
});

export const lesson = intervalOf(expected.course.lesson);
export const istanbul: AttendanceContext = { lesson, timeZone: 'Europe/Istanbul' };

const roles: Readonly<Record<string, PersonRole>> = { pupil: 'pupil', staff: 'staff', guardian: 'guardian' };

/** Everybody of the invented school, as matching wants them. */
export function schoolPeople(): AttendancePerson[] {
  const course = new Set([...expected.course.staff, ...expected.course.pupils]);
  return Object.entries(expected.persons).map(([id, person]) => ({
    id,
    name: person.full,
    role: roles[person.kind] ?? 'contact',
    isInCourse: course.has(id),
    emails: person.email === undefined || person.email === '' ? [] : [person.email],
    schoolNumber: person.school_no ?? null,
    className: person.class ?? null,
    guardianOf: Object.entries(expected.persons).flatMap(([pupil, { guardians = [] }]) =>
      guardians.some((one) => one.id === id) ? [pupil] : [],
    ),
  }));
}

/** A report of the samples, with what is suggested where its columns have to be said. */
export function readSample(file: string, answers: AttendanceAnswers = {}, context = istanbul): AttendanceReport {
  const bytes = readFileSync(join(attendanceDir, file));
  const first = readAttendance(bytes, file, context, answers);
  const reading =
    first.outcome === 'mapping'
      ? readAttendance(bytes, file, context, { ...answers, mapping: first.table.suggested })
      : first;
  if (reading.outcome !== 'report') throw new Error(`${file}: ${JSON.stringify(reading)}`);
  return reading.report;
}

export const reported = (rows: readonly AttendanceRow[], report: string): ReportedRow[] =>
  rows.map((row, at) => ({ ...row, report, key: `${report}:${at}` }));

/** The row as a test gives it: who, and when if that matters. */
export const rowOf = (name: string, more: Partial<ReportedRow> = {}): ReportedRow => ({
  key: name,
  report: 'r',
  line: 1,
  name,
  originalName: null,
  email: null,
  account: null,
  role: null,
  joinedMs: null,
  leftMs: null,
  isWaiting: false,
  isTelephone: false,
  toolConsent: null,
  spoke: null,
  ...more,
});

/** Everything that the reports keep from being shown, with who takes part in the lesson. */
export function toldOf(input: AttendanceToCover, people: ReadonlyMap<string, CoveredPerson>): Reason[] {
  const summary = summarise(input);
  return [...summary.open, ...uncoveredReasons(summary, people)];
}

/** Somebody of the course whom a permission covers. */
export const coveredPerson = (id: string, name: string): CoveredPerson => ({
  subject: { kind: 'participant', id, name },
  isUnrecorded: false,
  uncovered: null,
});
