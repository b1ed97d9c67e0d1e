import { z } from 'zod';
import { courseStates, nextActions } from '../domain/course-state.ts';
import { mostParticipants, mostSites } from '../domain/permission.ts';
import { rulePresets } from '../domain/permission-rules.ts';
import { deliveryStates, requestStates, textKinds } from '../domain/request.ts';
import { termsFields } from '../domain/terms.ts';
import { addParticipant, addSite, lesson, lessonKind, lessonParams, lessonSummary } from './lesson.ts';
import { permission, permissionParams } from './permission.ts';
import { administrator, anyOfSchool, lessonKeepers, lessonReaders, list, MiB, type Route } from './route.ts';
import {
  audience,
  because,
  id,
  instant,
  language,
  maybeTime,
  plain,
  purpose,
  reason,
  route,
  setOf,
  text,
  time,
  userId,
} from './values.ts';

const day = z.iso.date().meta({ description: 'A day in the school’s time zone' });
const ids = (most: number) => z.array(id).max(most).default([]);

const courseFacts = {
  title: text(200),
  reason: text(2000).meta({ description: 'Why its lessons are recorded (P2); signers read it' }),
  channelId: id,
  supervisorName: text(200),
  purposes: setOf(purpose).min(1),
  audiences: setOf(audience),
  from: day,
  until: day,
};
export const createCourse = z
  .object({
    ...courseFacts,
    purposes: courseFacts.purposes.default(['take_part', 'record', 'keep', 'release']),
    audiences: courseFacts.audiences.default(['class']),
    keptUntil: day.optional(),
    sites: z.array(addSite).max(mostSites).default([]),
    classIds: ids(50),
    personIds: ids(mostParticipants),
    people: z.array(addParticipant).max(mostParticipants).default([]),
  })
  .refine((course) => course.from <= course.until, { path: ['until'], message: because('ENDS_BEFORE_START') })
  .meta({ id: 'CreateCourse' });
export const changeCourse = z
  .object({
    title: courseFacts.title.optional(),
    reason: courseFacts.reason.optional(),
    channelId: courseFacts.channelId.optional(),
    supervisorName: courseFacts.supervisorName.optional(),
    purposes: courseFacts.purposes.optional(),
    audiences: courseFacts.audiences.optional(),
    from: day.optional(),
    until: day.optional(),
    keptUntil: day.nullable().optional(),
    addSites: z.array(addSite).max(mostSites).optional(),
    changeSites: z
      .array(z.object({ id, contact: text(300) }))
      .max(mostSites)
      .optional()
      .meta({ description: 'Who represents a place from now on; links of the one before open nothing any more' }),
    takeTexts: z
      .literal(true)
      .optional()
      .meta({ description: 'Take the notice and the consent that the school has now' }),
    confirm: z
      .string()
      .length(64)
      .optional()
      .meta({ description: '`terms` of the answer before: you have seen which answers become void' }),
  })
  .meta({ id: 'ChangeCourse' });
const namedClass = z.object({ id, name: z.string(), schoolYear: z.number() });
const site = z.object({ id, name: z.string(), contact: z.string() });
export const course = z
  .object({
    id,
    isSingle: z.boolean(),
    title: z.string(),
    reason: z.string(),
    channelId: id,
    channelName: z.string(),
    teacherId: userId,
    supervisorName: z.string(),
    purposes: z.array(purpose),
    audiences: z.array(audience),
    from: z.string(),
    until: z.string(),
    keptUntil: z.string().nullable(),
    timeZone: z.string(),
    classes: z.array(namedClass),
    sites: z.array(site),
    terms: z.string().nullable().meta({ description: 'Digest of the terms in force' }),
    termsSince: maybeTime,
    participants: z.number(),
    lessons: z.number(),
  })
  .meta({ id: 'Course' });
const courseSummary = z
  .object({
    id,
    title: z.string(),
    teacherId: userId,
    supervisorName: z.string(),
    from: time,
    until: time,
    classes: z.array(z.string()),
    participants: z.number(),
    lessons: z.number(),
  })
  .meta({ id: 'CourseSummary' });
const courseChanged = z
  .object({
    saved: z.boolean(),
    changes: z.array(z.enum(termsFields)).meta({ description: 'What signers read differently' }),
    voids: z.array(z.object({ subject: z.string(), signer: z.string() })),
    terms: z.string().meta({ description: 'Send it as `confirm` to save what makes answers void' }),
  })
  .meta({ id: 'CourseChanged' });
export const addPeople = z.object({
  classIds: ids(50),
  personIds: ids(mostParticipants),
  people: z.array(addParticipant).max(mostParticipants).default([]),
  from: instant.optional().meta({ description: 'From when they take part; now by default' }),
});
export const courseParams = z.object({ courseId: id });
export const courseParticipantParams = courseParams.extend({ participantId: id });
export const seatParams = lessonParams.extend({ participantId: id });
export const markSeat = z.object({ unrecorded: z.boolean() });
export const noteObjection = z
  .object({
    participantId: id,
    guardianId: id.optional().meta({ description: 'The guardian who objects; left out: the person themself' }),
    route,
    lift: z.literal(true).optional().meta({ description: 'It is taken back; not by word of mouth' }),
  })
  .meta({ id: 'NoteObjection' });
export const addLesson = z
  .object({
    title: text(200).optional(),
    kind: lessonKind.default('lesson'),
    plannedStart: instant,
    plannedEnd: instant,
  })
  .refine((l) => l.plannedStart < l.plannedEnd, { path: ['plannedEnd'], message: because('ENDS_BEFORE_START') });
export const viewQuery = z.object({ classId: id.optional(), state: z.enum(courseStates).optional() });
export const courseView = z
  .object({
    at: time,
    counts: z.record(z.enum(courseStates), z.number()),
    rows: z.array(
      z.object({
        kind: z.enum(['participant', 'site']),
        id,
        name: z.string(),
        className: z.string().nullable(),
        state: z.enum(courseStates),
        stateText: z.string(),
        reasons: z.array(reason),
        audiences: z.array(audience),
        signers: z.array(
          z.object({
            name: z.string(),
            hasAddress: z.boolean(),
            request: z.enum(requestStates).nullable(),
            askedAt: maybeTime,
            openedAt: maybeTime,
            reminders: z.number(),
            delivery: z.enum(deliveryStates).nullable(),
          }),
        ),
        next: z.enum(nextActions).nullable(),
        nextText: z.string().nullable(),
      }),
    ),
  })
  .meta({ id: 'CourseView', description: 'Who is missing in a course, why, and what can be done next' });
export const courseQuery = z.object({
  cursor: id.optional().meta({ description: '`next` of the answer before' }),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});
const asking = z
  .object({
    mailed: z.number(),
    requests: z.number(),
    unreachable: z.array(z.object({ signer: z.string(), subject: z.string() })),
  })
  .meta({ id: 'Asking' });
export const remind = z.object({ participantId: id.optional() });
const level = z.union([z.literal(1), z.literal(2), z.literal(3), z.literal(4), z.literal(5)]);
const least = z.object({
  take_part: level,
  record: level,
  keep: level,
  release: z.object({ class: level, school: level, sites: level, families: level }),
});
const hour = z.int().min(0).max(24);
const days = z.int().min(1).max(366);
export const permissionRules = z
  .object({
    preset: z.enum(rulePresets),
    leastAssurance: least,
    answerDays: days,
    firstReminderDays: days,
    reminderDays: days,
    mostReminders: z.int().min(0).max(20),
    mailFromHour: hour,
    mailUntilHour: hour,
    timeZone: z.string(),
  })
  .meta({ id: 'PermissionRules', description: 'How the school asks, and how sure it wants to be of an answer' });
export const choosePermissionRules = z
  .object({
    preset: z.enum(['tr', 'uk']).optional().meta({ description: 'Begins with these; what is given beside it counts' }),
    leastAssurance: least.partial().optional(),
    answerDays: days.optional(),
    firstReminderDays: days.optional(),
    reminderDays: days.optional(),
    mostReminders: z.int().min(0).max(20).optional(),
    mailFromHour: hour.optional(),
    mailUntilHour: hour.optional(),
    timeZone: plain(64)
      .refine((zone) => isTimeZone(zone), because('TIME_ZONE_UNKNOWN'))
      .optional(),
  })
  .meta({ id: 'ChoosePermissionRules' });
function isTimeZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }) !== null;
  } catch {
    return false;
  }
}
const schoolText = z
  .object({
    kind: z.enum(textKinds),
    language,
    version: z.number(),
    text: z.string(),
    isOwn: z.boolean().meta({ description: 'The school’s own wording, not the one that came with the product' }),
  })
  .meta({ id: 'SchoolText' });
export const setText = z.object({ kind: z.enum(textKinds), language, text: text(20_000) });
export const invalidate = z.object({ note: text(1000) });

const courseTag = 'Courses';
const owner = 'course';

export const courseRoutes = {
  listCourses: {
    method: 'get',
    path: '/api/courses',
    tag: courseTag,
    summary: 'Courses that I may see, the newest first',
    access: lessonReaders,
    scope: 'read',
    query: courseQuery,
    status: 200,
    answer: z.object({ items: z.array(courseSummary), next: z.string().nullable() }),
  },
  createCourse: {
    method: 'post',
    path: '/api/courses',
    tag: courseTag,
    summary: 'Create a course: permission is given once for all its lessons',
    access: { to: { teacher: 'own', administrator: 'any' } },
    scope: 'write',
    body: createCourse,
    bodyBytes: 2 * MiB,
    status: 201,
    answer: course,
  },
  getCourse: {
    method: 'get',
    path: '/api/courses/:courseId',
    tag: courseTag,
    summary: 'One course',
    access: lessonReaders,
    scope: 'read',
    owner,
    params: courseParams,
    status: 200,
    answer: course,
  },
  changeCourse: {
    method: 'patch',
    path: '/api/courses/:courseId',
    tag: courseTag,
    summary: 'Change a course; says first which answers would be void',
    access: lessonKeepers,
    scope: 'write',
    owner,
    params: courseParams,
    body: changeCourse,
    status: 200,
    answer: courseChanged,
  },
  viewCourse: {
    method: 'get',
    path: '/api/courses/:courseId/people',
    tag: courseTag,
    summary: 'Who is missing, why, and what can be done next',
    access: lessonReaders,
    scope: 'read',
    owner,
    params: courseParams,
    query: viewQuery,
    status: 200,
    answer: courseView,
  },
  exportCourse: {
    method: 'get',
    path: '/api/courses/:courseId/people.csv',
    tag: courseTag,
    summary: 'Names and states of a course as CSV, for a spreadsheet',
    access: lessonKeepers,
    scope: null,
    limit: 'look',
    owner,
    params: courseParams,
    query: viewQuery,
    status: 200,
    answerType: 'text/csv',
  },
  addPeople: {
    method: 'post',
    path: '/api/courses/:courseId/people',
    tag: courseTag,
    summary: 'Add classes and people to a course',
    access: lessonKeepers,
    scope: 'write',
    owner,
    params: courseParams,
    body: addPeople,
    bodyBytes: 2 * MiB,
    status: 201,
    answer: z.object({ added: z.number() }),
  },
  removeParticipant: {
    method: 'delete',
    path: '/api/courses/:courseId/people/:participantId',
    tag: courseTag,
    summary: 'Somebody takes part no longer, from now on',
    access: lessonKeepers,
    scope: 'write',
    owner,
    params: courseParticipantParams,
    status: 204,
  },
  listCourseLessons: {
    method: 'get',
    path: '/api/courses/:courseId/lessons',
    tag: courseTag,
    summary: 'Lessons of a course',
    access: lessonReaders,
    scope: 'read',
    owner,
    params: courseParams,
    status: 200,
    answer: list(lessonSummary),
  },
  addLesson: {
    method: 'post',
    path: '/api/courses/:courseId/lessons',
    tag: courseTag,
    summary: 'Add a lesson to a course; nobody is asked again',
    access: lessonKeepers,
    scope: 'write',
    owner,
    params: courseParams,
    body: addLesson,
    status: 201,
    answer: lesson,
  },
  markSeat: {
    method: 'put',
    path: '/api/lessons/:lessonId/seats/:participantId',
    tag: courseTag,
    summary: 'Say that somebody sits in a seat that is not recorded, or no longer',
    access: lessonKeepers,
    scope: 'write',
    owner: 'lesson',
    params: seatParams,
    body: markSeat,
    status: 204,
  },
  noteObjection: {
    method: 'post',
    path: '/api/lessons/:lessonId/objections',
    tag: courseTag,
    summary: 'Note an objection to one lesson, or that it is taken back in writing; it counts at once',
    access: lessonKeepers,
    scope: null,
    owner: 'lesson',
    params: lessonParams,
    body: noteObjection,
    status: 204,
  },
  askCourse: {
    method: 'post',
    path: '/api/courses/:courseId/requests',
    tag: courseTag,
    summary: 'Ask everybody who has not answered, by mail where an address is known',
    access: lessonKeepers,
    scope: null,
    limit: 'look',
    owner,
    params: courseParams,
    status: 200,
    answer: asking,
  },
  remindCourse: {
    method: 'post',
    path: '/api/courses/:courseId/reminders',
    tag: courseTag,
    summary: 'Remind now those who have been asked and have not answered',
    access: lessonKeepers,
    scope: null,
    limit: 'look',
    owner,
    params: courseParams,
    body: remind,
    status: 200,
    answer: z.object({
      mailed: z.number(),
      tooSoon: z.number().meta({ description: 'Requests that a mail went out for in the last half day' }),
    }),
  },
  invalidatePermission: {
    method: 'post',
    path: '/api/permissions/:permissionId/invalidate',
    tag: 'Permissions',
    summary: 'Declare a record invalid: forged, of the wrong person or child',
    access: administrator,
    scope: null,
    confirmed: true,
    owner: 'permission',
    params: permissionParams,
    body: invalidate,
    status: 200,
    answer: permission,
  },
  getPermissionRules: {
    method: 'get',
    path: '/api/school/permission-rules',
    tag: 'School',
    summary: 'How the school asks for permission',
    access: anyOfSchool,
    scope: 'read',
    status: 200,
    answer: permissionRules,
  },
  choosePermissionRules: {
    method: 'put',
    path: '/api/school/permission-rules',
    tag: 'School',
    summary: 'Choose how the school asks for permission: a preset, or single rules',
    access: administrator,
    scope: null,
    confirmed: true,
    body: choosePermissionRules,
    status: 200,
    answer: permissionRules,
  },
  listTexts: {
    method: 'get',
    path: '/api/school/texts',
    tag: 'School',
    summary: 'The notice and the consent that signers read',
    access: anyOfSchool,
    scope: 'read',
    status: 200,
    answer: list(schoolText),
  },
  setText: {
    method: 'put',
    path: '/api/school/texts',
    tag: 'School',
    summary: 'Change the notice or the consent; courses that were asked keep theirs until they are changed',
    access: administrator,
    scope: null,
    confirmed: true,
    body: setText,
    bodyBytes: 128 * 1024,
    status: 200,
    answer: schoolText,
  },
  sendTestMail: {
    method: 'post',
    path: '/api/school/test-mail',
    tag: 'School',
    summary: 'Send a mail to my own address, to see whether the mail server takes it',
    access: administrator,
    scope: null,
    limit: 'credentials',
    status: 202,
  },
} as const satisfies Record<string, Route>;
