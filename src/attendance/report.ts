import type { Interval } from '../domain/attendance/interval.ts';
import type { AttendanceRow, AttendanceTool, MeetingFacts } from '../domain/attendance/row.ts';
import type { AttendanceMeaning, AttendanceNotice, AttendanceQuestion } from '../domain/attendance/told.ts';
import type { Day } from '../domain/calendar.ts';

export interface AttendanceReport {
  readonly tool: AttendanceTool;
  /** In the order of the source. */
  readonly rows: readonly AttendanceRow[];
  readonly facts: MeetingFacts;
  /** How coarse the times are, in milliseconds: 60,000 for whole minutes, 1,000 for seconds. */
  readonly resolutionMs: number;
  readonly notices: readonly AttendanceNotice[];
}

/** Which column means what, by the heading as the table shows it. */
export type AttendanceMapping = Readonly<Record<string, AttendanceMeaning | null>>;

/** A table that a person has to say the columns of, with what headings and values suggest. */
export interface AttendanceTable {
  /** As written, each once: a second one of a name has ` (2)` behind it. A table without headings has numbers. */
  readonly headings: readonly string[];
  readonly suggested: AttendanceMapping;
  /** Rows below the headings, at most five, to recognise the columns by. */
  readonly sample: readonly (readonly string[])[];
}

export type DayOrder = 'day_first' | 'month_first';

/** What a person has answered. */
export interface AttendanceAnswers {
  readonly dayOrder?: DayOrder;
  /** The day on which the meeting began, where the report has times only. */
  readonly date?: Day;
  /** The IANA zone that the report's clock times are of. */
  readonly timeZone?: string;
  readonly mapping?: AttendanceMapping;
}

/** What is known of the lesson that a report is handed in for. */
export interface AttendanceContext {
  /** Null: nobody has said which lesson the report is of. */
  readonly lesson: Interval | null;
  /** Other lessons of the course that have begun: a report that may be of one of them is asked about. */
  readonly otherLessons?: readonly Interval[];
  /** IANA time zone of the school. */
  readonly timeZone: string;
}

export type AttendanceReading =
  | { readonly outcome: 'report'; readonly report: AttendanceReport }
  | { readonly outcome: 'mapping'; readonly table: AttendanceTable }
  | { readonly outcome: 'question'; readonly questions: readonly AttendanceQuestion[] };
