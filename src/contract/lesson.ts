import { z } from 'zod';
import { mostParticipants, mostSites } from '../domain/permission.ts';
import { change, lessonKind } from './retention.ts';
import {
  audience,
  capacity,
  id,
  instant,
  maybeTime,
  permissionStatus,
  purpose,
  reason,
  route,
  setOf,
  staffRole,
  text,
  time,
  userId,
} from './values.ts';

export const school = z
  .object({
    id,
    name: z.string(),
    requireAllGuardians: z.boolean(),
    secondFactorRoles: z.array(staffRole),
    requirePupilSignature: z.boolean(),
    yearStartMonth: z.number(),
    yearStartDay: z.number(),
    expiredGraceDays: z.number(),
    eraseOnWithdrawalDays: z.number().nullable(),
  })
  .meta({ id: 'School' });
export const changedSchool = school.extend({ waiting: change.nullable() }).meta({ id: 'ChangedSchool' });
export const changeSchool = z.object({
  name: text(200).optional(),
  requireAllGuardians: z.boolean().optional(),
  secondFactorRoles: setOf(staffRole)
    .optional()
    .meta({ description: 'Roles that need a second factor; administrators and auditors need one in any case' }),
  requirePupilSignature: z.boolean().optional(),
  yearStartMonth: z.int().min(1).max(12).optional().meta({ description: 'Where the school year begins' }),
  yearStartDay: z.int().min(1).max(28).optional(),
  expiredGraceDays: z
    .int()
    .min(1)
    .max(365)
    .optional()
    .meta({ description: 'How long a recording stays expired, closed to everybody, before it is erased' }),
  eraseOnWithdrawalDays: z
    .int()
    .min(1)
    .max(3_650)
    .nullable()
    .optional()
    .meta({ description: 'Days after a withdrawal at which a recording is erased by itself; null: never' }),
});

export const approveChannel = z.object({ name: text(120) });
export const assessChannel = z
  .object({ assessedBy: text(120), summary: text(4000), validFrom: instant, validUntil: instant })
  .refine((a) => a.validFrom < a.validUntil, { path: ['validUntil'], message: 'must be after validFrom' });
export const channel = z
  .object({
    id,
    name: z.string(),
    approved: z.boolean(),
    assessments: z.array(
      z.object({ id, assessedBy: z.string(), summary: z.string(), validFrom: time, validUntil: time }),
    ),
  })
  .meta({ id: 'Channel' });
export const channelParams = z.object({ channelId: id });

export const addSite = z.object({
  name: text(200),
  kind: z.enum(['school', 'other']).default('school'),
  contact: text(300),
});
export const addParticipant = z
  .object({
    name: text(200),
    kind: z.enum(['pupil', 'teacher', 'guest']),
    isMinor: z.boolean(),
    guardians: z
      .array(z.object({ name: text(200), contact: text(300) }))
      .max(6)
      .default([]),
  })
  .meta({ id: 'AddParticipant' });
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
  .refine((l) => l.plannedStart < l.plannedEnd, { path: ['plannedEnd'], message: 'must be after plannedStart' })
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
  .object({ id, name: z.string(), kind: z.string(), contact: z.string(), addedAt: time })
  .meta({ id: 'Site' });
const participant = z
  .object({
    id,
    name: z.string(),
    kind: z.string(),
    isMinor: z.boolean(),
    addedAt: time,
    guardians: z.array(z.object({ id, name: z.string(), contact: z.string() })),
  })
  .meta({ id: 'Participant' });
export const siteAnswer = site;
export const participantAnswer = participant;
export const lessonSummary = z
  .object({ id, title: z.string(), plannedStart: time, plannedEnd: time, recordings: z.number(), teacherId: userId })
  .meta({ id: 'LessonSummary' });
export const lesson = lessonSummary
  .extend({
    kind: lessonKind,
    reason: z.string(),
    supervisorName: z.string(),
    channelId: id,
    channelName: z.string(),
    announcedAt: maybeTime,
    announcedBy: z.string().nullable(),
    announcedHow: z.string().nullable(),
    announcedSecond: z.number().nullable(),
    sites: z.array(site),
    participants: z.array(participant),
  })
  .meta({ id: 'Lesson' });
export const lessonParams = z.object({ lessonId: id });
export const gate = z.object({ holds: z.boolean(), at: time, reasons: z.array(reason) }).meta({
  id: 'Gate',
  description: 'Whether a recording of this lesson would be accepted now, and everything that is missing',
});
export const gateQuery = z.object({ audience: audience.optional() });

const signature = {
  route,
  signerName: text(200),
  signerCapacity: capacity,
  guardianId: id.optional(),
  signedAt: instant,
  validUntil: instant.optional(),
};
export const recordPermission = z
  .object({
    siteId: id.optional(),
    participantId: id.optional(),
    status: z.enum(['requested', 'granted', 'refused']),
    purposes: setOf(purpose).min(1).default(['record', 'keep']),
    releaseTo: setOf(audience).default([]),
    noticeVersion: text(40).default('1'),
    noticeLanguage: text(10).default('tr'),
    reason: text(2000)
      .optional()
      .meta({ description: 'The reason as the signer read it; the lesson’s own reason by default' }),
    route: route.default('paper'),
    signerName: signature.signerName.optional(),
    signerCapacity: signature.signerCapacity.optional(),
    guardianId: signature.guardianId,
    signedAt: signature.signedAt.optional(),
    validUntil: signature.validUntil,
  })
  .refine((p) => (p.siteId === undefined) !== (p.participantId === undefined), {
    path: ['participantId'],
    message: 'name either a site or a participant',
  })
  .refine((p) => p.status === 'requested' || (p.signerName && p.signerCapacity && p.signedAt), {
    path: ['signerName'],
    message: 'say who answered, in what capacity and when',
  })
  .meta({ id: 'RecordPermission' });
export const answerPermission = z
  .object({
    status: z.enum(['granted', 'refused']),
    ...signature,
    purposes: setOf(purpose).min(1).optional(),
    releaseTo: setOf(audience).optional(),
  })
  .meta({ id: 'AnswerPermission' });
export const withdrawPermission = z.object({ note: text(1000).optional() });
export const permission = z
  .object({
    id,
    lessonId: id,
    siteId: id.nullable(),
    participantId: id.nullable(),
    status: permissionStatus,
    purposes: z.array(purpose),
    releaseTo: z.array(audience),
    route,
    signerName: z.string().nullable(),
    signerCapacity: capacity.nullable(),
    guardianId: id.nullable(),
    signedAt: maybeTime,
    validUntil: maybeTime,
    reason: z.string(),
    noticeVersion: z.string(),
    noticeLanguage: z.string(),
    documentSha256: z.string().nullable(),
    createdAt: time,
    events: z.array(
      z.object({ at: time, status: permissionStatus, actorId: z.string().nullable(), note: z.string().nullable() }),
    ),
  })
  .meta({ id: 'Permission' });
export const permissionParams = z.object({ permissionId: id });
