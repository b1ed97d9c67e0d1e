import type { Day } from '../calendar.ts';
import type { ReasonCode } from '../reason.ts';

/** What was settled without a question, or what a reader of the report should know. Pages have words for each. */
export const attendanceNotices = [
  'DATE_FROM_LESSON',
  'DAY_ORDER_FROM_LESSON',
  'ZONE_OF_SCHOOL',
  'NO_TIMES',
  'FIRST_AND_LAST_ONLY',
  'QUOTES_REPAIRED',
  'WAITED_AND_CONSENTED',
  'ROWS_OF_NOBODY',
] as const;
export type AttendanceNotice = (typeof attendanceNotices)[number];

/** What a report may leave open, so that a person has to say it. */
export const attendanceQuestionCodes = ['DAY_ORDER', 'DATE', 'TIME_ZONE'] as const;
export type AttendanceQuestionCode = (typeof attendanceQuestionCodes)[number];

/** A question of a report, with what its sentence names. */
export type AttendanceQuestion =
  | { readonly code: 'DAY_ORDER'; readonly dayFirst: Day; readonly monthFirst: Day }
  | { readonly code: 'DATE' }
  /** `reported`, `lesson`: clock times of the school's zone, as HH:MM, at which most joined and the lesson began. */
  | { readonly code: 'TIME_ZONE'; readonly day: Day; readonly reported: string; readonly lesson: string };

/** What a column of a table may mean. Without a meaning it is not read. */
export const attendanceMeanings = [
  'name',
  'given',
  'family',
  'original_name',
  'email',
  'role',
  'in',
  'out',
  'waiting',
  'consent',
] as const;
export type AttendanceMeaning = (typeof attendanceMeanings)[number];

/** The gate's reasons that somebody was there who may not be in a recording. */
export const uncoveredCodes = ['ATTENDEE_NOT_COVERED', 'ATTENDEE_NOT_IN_COURSE'] as const satisfies ReasonCode[];
/** Every reason of the gate that attendance gives. */
export const attendanceCodes = [
  'ATTENDANCE_MISSING',
  'ATTENDANCE_INCOMPLETE',
  'ATTENDEE_UNKNOWN',
  'ATTENDEE_AMBIGUOUS',
  'DEVICE_UNRESOLVED',
  ...uncoveredCodes,
] as const satisfies ReasonCode[];
