import { z } from 'zod';
import { mostParticipants, mostSites, participantKinds, siteKinds } from '../domain/permission.ts';
import { lessonKinds } from '../domain/retention.ts';
import { lessonKeepers, lessonReaders, list, MiB, next, type Route } from './route.ts';
import {
  audience,
  because,
  cursor,
  id,
  instant,
  maybeTime,
  pageLimit,
  plain,
  reason,
  text,
  time,
  userId,
} from './values.ts';

export const addSite = z.object({
  name: text(200),
  kind: z.enum(siteKinds).default('school'),
  contact: text(300),
});
export const addParticipant = z
  .object({
    name: text(200),
    kind: z.enum(participantKinds),
    isMinor: z.boolean(),
    contact: text(300)
      .optional()
      .meta({ description: 'Addresses of somebody who answers for themselves: e-mail, telephone; commas between' }),
    guardians: z
      .array(z.object({ name: text(200), contact: text(300) }))
      .max(6)
      .default([]),
  })
  .meta({ id: 'AddParticipant' });

export const lessonKind = z.enum(lessonKinds);
export const createLesson = z
  .object({
    title: text(200),
    kind: lessonKind.default('lesson').meta({ description: 'Retention policies may differ by it' }),
    reason: text(2000).meta({
      description: 'Why the lesson is recorded (P2); every permission is given for this reason',
    }),
    plannedStart: instant,
    plannedEnd: instant,
    supervisorName: text(200),
    channelId: id,
    sites: z.array(addSite).max(mostSites).default([]),
    participants: z.array(addParticipant).max(mostParticipants).default([]),
  })
  .refine((l) => l.plannedStart < l.plannedEnd, { path: ['plannedEnd'], message: because('ENDS_BEFORE_START') })
  .meta({ id: 'CreateLesson' });
export const changeLesson = z.object({
  title: text(200).optional(),
  kind: lessonKind.optional(),
  reason: text(2000).optional(),
  supervisorName: text(200).optional(),
});
export const announce = z.object({
  at: instant,
  by: text(200),
  how: text(500),
  second: z
    .int()
    .min(0)
    .max(360_000)
    .optional()
    .meta({ description: 'The second of the recording at which it is heard' }),
});
const site = z
  .object({ id, name: z.string(), kind: z.enum(siteKinds), contact: z.string(), addedAt: time })
  .meta({ id: 'Site' });
const participant = z
  .object({
    id,
    name: z.string(),
    kind: z.enum(participantKinds),
    isMinor: z.boolean(),
    addedAt: time,
    guardians: z.array(z.object({ id, name: z.string() })),
  })
  .meta({ id: 'Participant' });
export const siteAnswer = site;
export const participantAnswer = participant;
export const lessonSummary = z
  .object({
    id,
    title: z.string(),
    plannedStart: time,
    plannedEnd: time,
    recordings: z.number(),
    teacherId: userId,
    courseId: id,
  })
  .meta({ id: 'LessonSummary' });
export const lesson = lessonSummary
  .extend({
    kind: lessonKind,
    isAlone: z.boolean().meta({ description: 'It stands alone; other lessons are of a course' }),
    reason: z.string(),
    supervisorName: z.string(),
    channelId: id,
    channelName: z.string(),
    announcedAt: maybeTime,
    announcedBy: z.string().nullable(),
    announcedHow: z.string().nullable(),
    announcedSecond: z.number().nullable(),
    sites: z.array(site),
    participants: z.array(
      participant
        .extend({ unrecorded: z.boolean().meta({ description: 'Sits in a seat that is not recorded' }) })
        .meta({ id: 'SeatedParticipant' }),
    ),
  })
  .meta({ id: 'Lesson' });
export const lessonParams = z.object({ lessonId: id });
export const gate = z.object({ holds: z.boolean(), at: time, reasons: z.array(reason) }).meta({
  id: 'Gate',
  description: 'Whether a recording of this lesson would be accepted now, and everything that is missing',
});
export const gateQuery = z.object({
  audience: audience.optional(),
  to: z
    .enum(['upload', 'keep', 'clear'])
    .optional()
    .meta({ description: 'What a recording is to be, where no audience is named. Default: upload' }),
});

export const lessonsQuery = z.object({
  words: plain(200).optional().meta({ description: 'Words of the title' }),
  from: instant.optional().meta({ description: 'Planned to begin then or later' }),
  until: instant.optional().meta({ description: 'Planned to begin before' }),
  cursor: cursor.optional(),
  limit: pageLimit.optional().meta({ description: 'Default: 1000' }),
});

export const lessonRoutes = {
  listLessons: {
    method: 'get',
    path: '/api/lessons',
    tag: 'Lessons',
    summary: 'Lessons that I may see',
    access: lessonReaders,
    scope: 'read',
    query: lessonsQuery,
    status: 200,
    answer: list(lessonSummary).extend({ next }),
  },
  createLesson: {
    method: 'post',
    path: '/api/lessons',
    tag: 'Lessons',
    summary: 'Create a lesson',
    access: { to: { teacher: 'own', administrator: 'any' } },
    scope: 'write',
    body: createLesson,
    bodyBytes: 2 * MiB,
    status: 201,
    answer: lesson,
  },
  getLesson: {
    method: 'get',
    path: '/api/lessons/:lessonId',
    tag: 'Lessons',
    summary: 'One lesson',
    access: lessonReaders,
    scope: 'read',
    owner: 'lesson',
    params: lessonParams,
    status: 200,
    answer: lesson,
  },
  changeLesson: {
    method: 'patch',
    path: '/api/lessons/:lessonId',
    tag: 'Lessons',
    summary: 'Change a lesson; a changed reason voids the permissions given for the old one',
    access: lessonKeepers,
    scope: 'write',
    owner: 'lesson',
    params: lessonParams,
    body: changeLesson,
    status: 200,
    answer: lesson,
  },
  announce: {
    method: 'put',
    path: '/api/lessons/:lessonId/announcement',
    tag: 'Lessons',
    summary: 'State how, by whom and when the recording was announced (P3)',
    access: lessonKeepers,
    scope: 'write',
    owner: 'lesson',
    params: lessonParams,
    body: announce,
    status: 200,
    answer: lesson,
  },
  addSite: {
    method: 'post',
    path: '/api/lessons/:lessonId/sites',
    tag: 'Lessons',
    summary: 'Add a site',
    access: lessonKeepers,
    scope: 'write',
    owner: 'lesson',
    params: lessonParams,
    body: addSite,
    status: 201,
    answer: siteAnswer,
  },
  addParticipant: {
    method: 'post',
    path: '/api/lessons/:lessonId/participants',
    tag: 'Lessons',
    summary: 'Add a participant and guardians',
    access: lessonKeepers,
    scope: 'write',
    owner: 'lesson',
    params: lessonParams,
    body: addParticipant,
    status: 201,
    answer: participantAnswer,
  },
  getGate: {
    method: 'get',
    path: '/api/lessons/:lessonId/gate',
    tag: 'Lessons',
    summary: 'What is still missing',
    access: lessonReaders,
    scope: 'read',
    owner: 'lesson',
    params: lessonParams,
    query: gateQuery,
    status: 200,
    answer: gate,
  },
} as const satisfies Record<string, Route>;
