import { z } from 'zod';
import { attendeeDecisionKinds } from '../domain/attendance/decision.ts';
import { removalWays } from '../domain/attendance/remove-person.ts';
import { attendanceTools } from '../domain/attendance/row.ts';
import { matchNotes, rowStates } from '../domain/attendance/row-match.ts';
import { attendanceMeanings, attendanceNotices, attendanceQuestionCodes } from '../domain/attendance/told.ts';
import { lessonParams } from './lesson.ts';
import { recordingParams } from './recording.ts';
import { administrator, KiB, lessonKeepers, lessonReaders, type Route } from './route.ts';
import { id, instant, maybeTime, plain, reason, text, time } from './values.ts';

const meaning = z.enum(attendanceMeanings);
/** Which column means what, by its heading. */
export const attendanceMapping = z.record(plain(500), meaning.nullable());

/** Form fields of a report. They stand before the file in the form. */
export const attendanceFields = z.object({
  dayOrder: z
    .enum(['day_first', 'month_first'])
    .optional()
    .meta({ description: 'Whether 3/4 is the third of April, where the report leaves it open' }),
  date: z.iso.date().optional().meta({ description: 'The day of the meeting, where the report has times only' }),
  timeZone: plain(64).optional().meta({ description: 'IANA time zone of the clock times in the report' }),
  mapping: plain(20_000)
    .optional()
    .meta({ description: 'JSON: what each column means, by its heading; kept for the next table with these headings' }),
});
const reportForm = attendanceFields.extend({
  file: z.any().meta({
    override: { type: 'string', format: 'binary' },
    description: 'A report of Zoom, Teams, Meet, Webex or BigBlueButton, or another table; told by its content',
  }),
});

/** A day. */
const mostMs = 24 * 60 * 60_000;

/** Form fields of an attendee's voice. They stand before the file in the form. */
export const voiceFields = z.object({
  rowId: id.meta({ description: 'The row of the report that is theirs' }),
  atMs: z.coerce
    .number()
    .int()
    .min(0)
    .max(mostMs)
    .default(0)
    .meta({ description: 'Where in the recording the sound begins, in milliseconds' }),
});
const voiceForm = voiceFields.extend({
  file: z.any().meta({
    override: { type: 'string', format: 'binary' },
    description: 'A sound file with the voice of this attendee alone, such as one of the separate audio files of Zoom',
  }),
});

const question = z
  .object({
    code: z.enum(attendanceQuestionCodes),
    text: z.string(),
    dayFirst: z.string().optional(),
    monthFirst: z.string().optional(),
    day: z.string().optional(),
    reported: z.string().optional(),
    lesson: z.string().optional(),
  })
  .meta({ id: 'AttendanceQuestion' });
const takenReport = z
  .object({
    outcome: z.enum(['report', 'mapping', 'question']),
    id: id.nullable().meta({ description: 'Null: nothing was kept, something has to be said first' }),
    rows: z.number(),
    quarantined: z.array(id).meta({ description: 'Recordings that went out of reach because of it' }),
    questions: z.array(question),
    table: z
      .object({
        headings: z.array(z.string()),
        suggested: z.record(z.string(), meaning.nullable()),
        sample: z.array(z.array(z.string())),
      })
      .nullable(),
  })
  .meta({ id: 'TakenAttendanceReport' });

const person = z.object({ id, name: z.string().nullable() });
const interval = z.object({ startMs: z.number(), endMs: z.number() });
const row = z
  .object({
    id,
    reportId: id,
    line: z.number(),
    name: z.string(),
    originalName: z.string().nullable(),
    email: z.string().nullable().meta({ description: 'Masked' }),
    joinedAt: maybeTime,
    leftAt: maybeTime,
    isWaiting: z.boolean().meta({ description: 'Waited, and was not in the lesson' }),
    state: z.enum(rowStates),
    isTicked: z.boolean().meta({ description: 'Sure enough to be confirmed with all others that are' }),
    notes: z.array(z.enum(matchNotes)),
    candidates: z.array(person.extend({ isInCourse: z.boolean() })),
    decision: z
      .object({
        kind: z.enum(attendeeDecisionKinds),
        persons: z.array(person),
        why: z.string().nullable(),
        decidedAt: time,
      })
      .nullable(),
  })
  .meta({ id: 'AttendanceRow' });
const attendance = z
  .object({
    lesson: interval.meta({ description: 'Milliseconds since 1970' }),
    recorded: z.array(interval).meta({ description: 'What may have been recorded' }),
    reports: z.array(
      z.object({
        id,
        tool: z.enum(attendanceTools),
        fileName: z.string(),
        takenAt: time,
        statedCount: z.number().nullable(),
        rows: z.number(),
        notices: z.array(z.enum(attendanceNotices)),
      }),
    ),
    rows: z.array(row),
    present: z.array(person.extend({ intervals: z.array(interval) })),
    people: z.array(person).meta({ description: 'Who takes part in the lesson' }),
    missing: z.array(reason).meta({ description: 'What attendance keeps from being cleared and shown' }),
  })
  .meta({ id: 'Attendance' });

/** Rows that one request may settle. */
const mostRows = 500;
const decisions = z
  .object({
    rows: z
      .array(
        z.object({
          rowId: id,
          kind: z.enum(attendeeDecisionKinds),
          personIds: z.array(id).max(20).default([]),
          why: text(500).nullable().default(null),
        }),
      )
      .min(1)
      .max(mostRows),
  })
  .meta({ id: 'AttendanceDecisions' });
const undo = z.object({ rowIds: z.array(id).min(1).max(mostRows) }).meta({ id: 'UndoAttendance' });
const removal = z
  .object({
    personIds: z.array(id).min(1).max(50),
    why: text(500),
    how: z.enum(removalWays).optional().meta({
      description:
        'Cut while they were there, or mute and cover. Default: to mute and cover where every report tells who spoke, else to cut',
    }),
    recordedFrom: instant
      .nullable()
      .default(null)
      .meta({ description: 'When the recording began. Default: by the second of its announcement, or the plan' }),
  })
  .meta({ id: 'RemovePersons' });

const tag = 'Attendance';

export const attendanceRoutes = {
  takeAttendanceReport: {
    method: 'post',
    path: '/api/lessons/:lessonId/attendance/reports',
    tag,
    summary: 'Take an attendance report. What shows somebody without permission puts recordings out of reach',
    access: lessonKeepers,
    scope: 'write',
    limit: 'upload',
    owner: 'lesson',
    params: lessonParams,
    form: reportForm,
    status: 200,
    answer: takenReport,
  },
  getAttendance: {
    method: 'get',
    path: '/api/lessons/:lessonId/attendance',
    tag,
    summary: 'Who was there by the reports, what is open, and what is missing',
    access: lessonReaders,
    scope: 'read',
    owner: 'lesson',
    params: lessonParams,
    status: 200,
    answer: attendance,
  },
  decideAttendees: {
    method: 'post',
    path: '/api/lessons/:lessonId/attendance/decisions',
    tag,
    summary: 'Say who rows of the reports are: all of them count, or none',
    access: lessonKeepers,
    scope: null,
    owner: 'lesson',
    params: lessonParams,
    body: decisions,
    bodyBytes: 256 * KiB,
    status: 200,
    answer: attendance,
  },
  undoAttendees: {
    method: 'post',
    path: '/api/lessons/:lessonId/attendance/undo',
    tag,
    summary: 'Take back what was said about rows: they are open again',
    access: lessonKeepers,
    scope: null,
    owner: 'lesson',
    params: lessonParams,
    body: undo,
    status: 200,
    answer: attendance,
  },
  removeAttendanceReport: {
    method: 'post',
    path: '/api/lessons/:lessonId/attendance/reports/:reportId/removal',
    tag,
    summary: 'Take a report away that was handed in by mistake, with what was decided on it',
    access: lessonKeepers,
    scope: null,
    owner: 'lesson',
    params: lessonParams.extend({ reportId: id }),
    body: z.object({ why: text(500) }),
    status: 204,
  },
  takeVoice: {
    method: 'post',
    path: '/api/recordings/:recordingId/voices',
    tag,
    summary: 'Note when an attendee is heard in a recording, from a sound file of theirs, which is not kept',
    access: lessonKeepers,
    scope: null,
    limit: 'upload',
    owner: 'recording',
    params: recordingParams,
    form: voiceForm,
    status: 200,
    answer: z.object({ stretches: z.number(), heardMs: z.number() }),
  },
  removePersons: {
    method: 'post',
    path: '/api/recordings/:recordingId/removals',
    tag,
    summary: 'Keep a recording without the picture and sound of people whom no permission covers',
    access: administrator,
    scope: null,
    owner: 'recording',
    params: recordingParams,
    body: removal,
    status: 200,
    answer: z.object({ segments: z.number() }),
  },
} as const satisfies Record<string, Route>;
