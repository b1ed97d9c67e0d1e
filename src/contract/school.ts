import { z } from 'zod';
import { attendanceRules } from '../domain/permission.ts';
import { change } from './fate.ts';
import { administrator, anyOfSchool, list, type Route } from './route.ts';
import { because, id, instant, maybeTime, schoolRole, setOf, staffRole, text, time } from './values.ts';

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
    linkDays: z.number(),
    longestLinkDays: z.number(),
    attendance: z.enum(attendanceRules),
  })
  .meta({ id: 'School' });
export const changedSchool = school.extend({ waiting: change.nullable() }).meta({ id: 'ChangedSchool' });
export const changeSchool = z.object({
  name: text(200).optional(),
  requireAllGuardians: z.boolean().optional(),
  secondFactorRoles: setOf(schoolRole)
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
  linkDays: z.int().min(1).max(3_650).optional().meta({ description: 'How long a link lives where nothing is said' }),
  longestLinkDays: z
    .int()
    .min(1)
    .max(3_650)
    .optional()
    .meta({ description: 'How long a link may live at the longest' }),
  attendance: z
    .enum(attendanceRules)
    .optional()
    .meta({ description: 'From when on a recording needs an attendance report' }),
});

export const approveChannel = z.object({ name: text(120) });
export const assessChannel = z
  .object({ assessedBy: text(120), summary: text(4000), validFrom: instant, validUntil: instant })
  .refine((a) => a.validFrom < a.validUntil, { path: ['validUntil'], message: because('ENDS_BEFORE_START') });
export const channel = z
  .object({
    id,
    name: z.string(),
    approved: z.boolean(),
    withdrawnAt: maybeTime.meta({ description: 'Since when its approval is taken back' }),
    withdrawnWhy: z.string().nullable(),
    assessments: z.array(
      z.object({ id, assessedBy: z.string(), summary: z.string(), validFrom: time, validUntil: time }),
    ),
  })
  .meta({ id: 'Channel' });
const withdrawChannel = z.object({ why: text(500) }).meta({ id: 'WithdrawChannel' });
const channelWithdrawal = z
  .object({
    name: z.string(),
    approved: z.boolean(),
    recordings: z.number().meta({ description: 'Recordings that go out of reach' }),
    recordedLessons: z.number().meta({ description: 'Lessons that they are of' }),
    recorded: z
      .array(z.object({ id, title: z.string(), plannedStart: time }))
      .meta({ description: 'The earliest 200 of these lessons' }),
    upcoming: z.number().meta({ description: 'Lessons to come, which go on and are not recorded over it' }),
  })
  .meta({ id: 'ChannelWithdrawal' });
export const channelParams = z.object({ channelId: id });

export const schoolRoutes = {
  getSchool: {
    method: 'get',
    path: '/api/school',
    tag: 'School',
    summary: 'The school and its rules',
    access: anyOfSchool,
    scope: 'read',
    status: 200,
    answer: school,
  },
  changeSchool: {
    method: 'patch',
    path: '/api/school',
    tag: 'School',
    summary: 'Change the school’s rules',
    access: administrator,
    scope: null,
    confirmed: true,
    body: changeSchool,
    status: 200,
    answer: changedSchool,
  },
  listChannels: {
    method: 'get',
    path: '/api/channels',
    tag: 'School',
    summary: 'Channels and their risk assessments',
    access: anyOfSchool,
    scope: 'read',
    status: 200,
    answer: list(channel),
  },
  approveChannel: {
    method: 'post',
    path: '/api/channels',
    tag: 'School',
    summary: 'Approve a channel',
    access: administrator,
    scope: null,
    body: approveChannel,
    status: 201,
    answer: channel,
  },
  assessChannel: {
    method: 'post',
    path: '/api/channels/:channelId/assessments',
    tag: 'School',
    summary: 'Record a risk assessment of a channel',
    access: administrator,
    scope: null,
    params: channelParams,
    body: assessChannel,
    status: 201,
    answer: channel,
  },
  previewChannelWithdrawal: {
    method: 'get',
    path: '/api/channels/:channelId/withdrawal',
    tag: 'School',
    summary: 'What taking the approval of a channel back would stop',
    access: administrator,
    scope: 'read',
    params: channelParams,
    status: 200,
    answer: channelWithdrawal,
  },
  withdrawChannel: {
    method: 'post',
    path: '/api/channels/:channelId/withdraw',
    tag: 'School',
    summary: 'Take the approval of a channel back; recordings over it go out of reach at once',
    access: administrator,
    scope: null,
    confirmed: true,
    params: channelParams,
    body: withdrawChannel,
    status: 200,
    answer: channel,
  },
} as const satisfies Record<string, Route>;
