import { z } from 'zod';
import { change, holdInForce } from './fate.ts';
import { lessonKind, lessonParams } from './lesson.ts';
import { recording, recordingParams } from './recording.ts';
import { administrator, list, type Route } from './route.ts';
import { because, id, instant, maybeTime, reason, recordingState, text, time, userId } from './values.ts';

const isExactlyOne = (a: unknown, b: unknown) => (a === undefined) !== (b === undefined);

export const addPolicy = z
  .object({
    kind: lessonKind.optional().meta({ description: 'Every kind of lesson when left out' }),
    schoolYear: z
      .int()
      .min(1950)
      .max(2199)
      .optional()
      .meta({ description: 'The calendar year in which the school year begins; every year when left out' }),
    keepDays: z.int().min(1).max(36_500).optional().meta({ description: 'Days after the end of the lesson' }),
    keepUntil: instant.optional(),
  })
  .refine((p) => isExactlyOne(p.keepDays, p.keepUntil), {
    path: ['keepDays'],
    message: because('DAYS_OR_DATE'),
  })
  .meta({ id: 'AddRetentionPolicy' });
export const policy = z
  .object({
    id,
    kind: lessonKind.nullable(),
    schoolYear: z.number().nullable(),
    keepDays: z.number().nullable(),
    keepUntil: maybeTime,
    createdById: userId,
    createdAt: time,
  })
  .meta({ id: 'RetentionPolicy' });
export const changeParams = z.object({ changeId: id });
const waiting = change.nullable().meta({ description: 'Set when it waits; null when it is done' });
export const addedPolicy = z.object({ policy: policy.nullable(), waiting }).meta({ id: 'AddedRetentionPolicy' });
export const removedPolicy = z.object({ waiting }).meta({ id: 'RemovedRetentionPolicy' });
export const policyParams = z.object({ policyId: id });

export const previewQuery = z.object({ days: z.coerce.number().int().min(0).max(3_660).default(7) });
export const previewItem = z
  .object({
    recordingId: id,
    lessonId: id,
    lessonTitle: z.string(),
    lessonAt: time,
    state: recordingState,
    expiresAt: maybeTime,
    erasesAt: time,
    reason,
    holds: z.array(holdInForce).meta({ description: 'While there is one nothing is erased' }),
  })
  .meta({ id: 'RetentionPreviewItem' });

export const setHold = z
  .object({
    reason: text(1000),
    endsAt: instant.optional(),
    reviewAt: instant.optional().meta({ description: 'When to ask again; needed for a hold without an end' }),
  })
  .refine((h) => h.endsAt !== undefined || h.reviewAt !== undefined, {
    path: ['reviewAt'],
    message: because('HOLD_WITHOUT_REVIEW'),
  })
  .meta({ id: 'SetHold' });
export const hold = z
  .object({
    id,
    recordingId: id.nullable(),
    lessonId: id.nullable(),
    reason: z.string(),
    endsAt: maybeTime,
    reviewAt: maybeTime,
    setById: userId,
    setAt: time,
  })
  .meta({ id: 'Hold' });
export const listedHold = hold.extend({ lessonTitle: z.string() }).meta({ id: 'ListedHold' });
export const holdParams = z.object({ holdId: id });
export const liftHold = z.object({ why: text(1000) });

export const eraseBody = z.object({
  note: text(1000).meta({ description: 'The reason, in words; it stands in the certificate' }),
  why: z.enum(['request', 'withdrawal']).default('request'),
});
export const certificate = z
  .object({
    certificate: z.string().meta({ description: 'Canonical JSON (RFC 8785): these bytes are signed' }),
    signature: z.string().meta({ description: 'Detached OpenPGP signature, armored' }),
    signedBy: z.string(),
    publicKey: z.string().nullable(),
  })
  .meta({ id: 'ErasureCertificate' });
export const reSealBody = z.object({ why: text(1000) });

export const retentionRoutes = {
  listPolicies: {
    method: 'get',
    path: '/api/retention/policies',
    tag: 'Retention',
    summary: 'How long recordings are kept',
    access: administrator,
    scope: 'read',
    status: 200,
    answer: list(policy),
  },
  addPolicy: {
    method: 'post',
    path: '/api/retention/policies',
    tag: 'Retention',
    summary: 'Add a policy for a kind of lesson and a school year, or for any',
    access: administrator,
    scope: null,
    confirmed: true,
    body: addPolicy,
    status: 201,
    answer: addedPolicy,
  },
  removePolicy: {
    method: 'delete',
    path: '/api/retention/policies/:policyId',
    tag: 'Retention',
    summary: 'Remove a policy',
    access: administrator,
    scope: null,
    confirmed: true,
    params: policyParams,
    status: 200,
    answer: removedPolicy,
  },
  listRetentionChanges: {
    method: 'get',
    path: '/api/retention/changes',
    tag: 'Retention',
    summary: 'What would make recordings go sooner, and waits',
    access: administrator,
    scope: null,
    status: 200,
    answer: list(change),
  },
  confirmRetentionChange: {
    method: 'post',
    path: '/api/retention/changes/:changeId/confirm',
    tag: 'Retention',
    summary: 'Confirm, as a second administrator, what another one asked for: it takes effect at once',
    access: administrator,
    scope: null,
    confirmed: true,
    params: changeParams,
    status: 204,
  },
  callBackRetentionChange: {
    method: 'delete',
    path: '/api/retention/changes/:changeId',
    tag: 'Retention',
    summary: 'Call back what waits',
    access: administrator,
    scope: null,
    params: changeParams,
    status: 204,
  },
  previewRetention: {
    method: 'get',
    path: '/api/retention/preview',
    tag: 'Retention',
    summary: 'What will be erased in the next days, and why',
    access: administrator,
    scope: 'read',
    query: previewQuery,
    status: 200,
    answer: list(previewItem),
  },
  listHolds: {
    method: 'get',
    path: '/api/holds',
    tag: 'Retention',
    summary: 'Legal holds in force',
    access: administrator,
    scope: 'read',
    status: 200,
    answer: list(listedHold),
  },
  holdRecording: {
    method: 'post',
    path: '/api/recordings/:recordingId/holds',
    tag: 'Retention',
    summary: 'Set a legal hold: nothing of the recording is erased',
    access: administrator,
    scope: null,
    owner: 'recording',
    params: recordingParams,
    body: setHold,
    status: 201,
    answer: hold,
  },
  holdLesson: {
    method: 'post',
    path: '/api/lessons/:lessonId/holds',
    tag: 'Retention',
    summary: 'Set a legal hold on every recording of a lesson',
    access: administrator,
    scope: null,
    owner: 'lesson',
    params: lessonParams,
    body: setHold,
    status: 201,
    answer: hold,
  },
  liftHold: {
    method: 'post',
    path: '/api/holds/:holdId/lift',
    tag: 'Retention',
    summary: 'Lift a legal hold',
    access: administrator,
    scope: null,
    confirmed: true,
    params: holdParams,
    body: liftHold,
    status: 204,
  },
  eraseRecording: {
    method: 'post',
    path: '/api/recordings/:recordingId/erase',
    tag: 'Retention',
    summary:
      'Ask for a recording to be erased for good: at once when a second administrator confirms, else after a week',
    access: administrator,
    scope: null,
    confirmed: true,
    owner: 'recording',
    params: recordingParams,
    body: eraseBody,
    status: 202,
    answer: recording,
  },
  getCertificate: {
    method: 'get',
    path: '/api/recordings/:recordingId/certificate',
    tag: 'Retention',
    summary: 'The signed certificate of an erasure',
    access: { to: { administrator: 'any', auditor: 'any' } },
    scope: 'read',
    limit: 'look',
    owner: 'recording',
    params: recordingParams,
    status: 200,
    answer: certificate,
  },
  reSealRecording: {
    method: 'post',
    path: '/api/recordings/:recordingId/re-seal',
    tag: 'Retention',
    summary: 'Seal a recording again under a new session key',
    access: administrator,
    scope: null,
    limit: 'check',
    confirmed: true,
    owner: 'recording',
    params: recordingParams,
    body: reSealBody,
    status: 202,
    answer: recording,
  },
} as const satisfies Record<string, Route>;
