import type { Answer, Body } from '../../api/types.ts';

export type Attendance = Answer<'getAttendance'>;
export type AttendeeRow = Attendance['rows'][number];
/** What a person says that rows are. */
export type Settled = Body<'decideAttendees'>['rows'];
