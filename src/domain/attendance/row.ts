import type { Interval } from './interval.ts';

/** The tools whose attendance reports are known; `table`: any other list, whose columns a person said the meaning of. */
export const attendanceTools = ['zoom', 'teams', 'meet', 'webex', 'bigbluebutton', 'table'] as const;
export type AttendanceTool = (typeof attendanceTools)[number];

/** What somebody was in the meeting, as far as the tool says it. */
export const attendeeRoles = ['host', 'presenter', 'attendee'] as const;
export type AttendeeRole = (typeof attendeeRoles)[number];

/** One stay of one attendee, whatever the tool. Instants are milliseconds since 1970-01-01T00:00:00Z. */
export interface AttendanceRow {
  /** The line of the source where the stay begins, from 1. */
  readonly line: number;
  /** The shown name as the report writes it, spaces folded; empty where there is none. */
  readonly name: string;
  /** The name before the attendee renamed themselves, as Zoom puts it in brackets; null: the report does not say. */
  readonly originalName: string | null;
  /** As written; null where the cell is empty or holds no address. */
  readonly email: string | null;
  /** The attendee's account in the tool, where it stays the same when somebody comes back; null: not said. */
  readonly account: string | null;
  readonly role: AttendeeRole | null;
  /** Null: the report does not say when. It counts as the start of the lesson. */
  readonly joinedMs: number | null;
  /** Null: the report does not say when. It counts as the end of the lesson. */
  readonly leftMs: number | null;
  /** The attendee waited, and was not in the lesson. */
  readonly isWaiting: boolean;
  /** The attendee rang in. */
  readonly isTelephone: boolean;
  /** What the attendee told the tool about being recorded. It proves a notice, never a permission. */
  readonly toolConsent: 'yes' | 'no' | null;
  /** When the attendee was heard; null: the report does not say. An empty list says: never. */
  readonly spoke: readonly Interval[] | null;
}

/** A row among the rows of all reports of one lesson. */
export interface ReportedRow extends AttendanceRow {
  /** Tells the row apart from every other row of the lesson. */
  readonly key: string;
  /** Tells the report apart from the lesson's other reports. */
  readonly report: string;
}

/** What a report says of the meeting itself. */
export interface MeetingFacts {
  readonly title: string | null;
  /** How many attended, by the report's own words; null: it does not say. */
  readonly statedCount: number | null;
  readonly statedStartMs: number | null;
  readonly statedEndMs: number | null;
  /** When the tool itself recorded; null: the report does not say. */
  readonly recorded: readonly Interval[] | null;
}
