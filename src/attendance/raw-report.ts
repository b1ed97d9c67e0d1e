import type { Interval } from '../domain/attendance/interval.ts';
import type { AttendanceRow, AttendanceTool } from '../domain/attendance/row.ts';
import type { AttendanceNotice } from '../domain/attendance/told.ts';
import type { When } from './when.ts';

/** A report whose times are as written: the zone and the order of day and month are not settled yet. */
export interface RawReport {
  readonly tool: AttendanceTool;
  readonly rows: readonly RawRow[];
  readonly title: string | null;
  readonly statedCount: number | null;
  readonly statedStart: When | null;
  readonly statedEnd: When | null;
  readonly recorded: readonly Interval[] | null;
  readonly notices: readonly AttendanceNotice[];
}

export interface RawRow extends Omit<AttendanceRow, 'joinedMs' | 'leftMs'> {
  readonly joined: When | null;
  readonly left: When | null;
  /** The attendee was there before the report begins, nobody knows since when. */
  readonly isEarlier: boolean;
}

/** A row of which nothing is known but its line and its name. */
export const emptyRow = (line: number, name: string): RawRow => ({
  line,
  name,
  originalName: null,
  email: null,
  account: null,
  role: null,
  joined: null,
  left: null,
  isEarlier: false,
  isWaiting: false,
  isTelephone: false,
  toolConsent: null,
  spoke: null,
});
