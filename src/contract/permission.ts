import { z } from 'zod';
import { lessonParams } from './lesson.ts';
import { lessonKeepers, lessonReaders, list, type Route } from './route.ts';
import {
  audience,
  because,
  capacity,
  id,
  instant,
  maybeTime,
  permissionStatus,
  purpose,
  route,
  setOf,
  text,
  time,
} from './values.ts';

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
    message: because('SITE_OR_PARTICIPANT'),
  })
  .refine((p) => p.status === 'requested' || (p.signerName && p.signerCapacity && p.signedAt), {
    path: ['signerName'],
    message: because('ANSWER_INCOMPLETE'),
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
export const withdrawPermission = z.object({
  note: text(1000).optional(),
  route: route.default('spoken').meta({ description: 'How it reached the school' }),
});
export const permission = z
  .object({
    id,
    courseId: id,
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

export const documentForm = z.object({ file: z.any().meta({ override: { type: 'string', format: 'binary' } }) });

export const permissionRoutes = {
  listPermissions: {
    method: 'get',
    path: '/api/lessons/:lessonId/permissions',
    tag: 'Permissions',
    summary: 'The permission record of a lesson',
    access: lessonReaders,
    scope: 'read',
    limit: 'look',
    owner: 'lesson',
    params: lessonParams,
    status: 200,
    answer: list(permission),
  },
  recordPermission: {
    method: 'post',
    path: '/api/lessons/:lessonId/permissions',
    tag: 'Permissions',
    summary: 'Record a permission: requested, granted or refused',
    access: lessonKeepers,
    scope: 'write',
    limit: 'look',
    owner: 'lesson',
    params: lessonParams,
    body: recordPermission,
    status: 201,
    answer: permission,
  },
  answerPermission: {
    method: 'post',
    path: '/api/permissions/:permissionId/answer',
    tag: 'Permissions',
    summary: 'Record the answer to a requested permission',
    access: lessonKeepers,
    scope: 'write',
    owner: 'permission',
    params: permissionParams,
    body: answerPermission,
    status: 200,
    answer: permission,
  },
  withdrawPermission: {
    method: 'post',
    path: '/api/permissions/:permissionId/withdraw',
    tag: 'Permissions',
    summary: 'Record a withdrawal; it takes effect at once',
    access: lessonKeepers,
    scope: 'write',
    owner: 'permission',
    params: permissionParams,
    body: withdrawPermission,
    status: 200,
    answer: permission,
  },
  previewWithdrawal: {
    method: 'get',
    path: '/api/permissions/:permissionId/withdrawal',
    tag: 'Permissions',
    summary: 'What a withdrawal would stop: recordings that go out of reach, and lessons to come',
    access: lessonKeepers,
    scope: 'read',
    owner: 'permission',
    params: permissionParams,
    status: 200,
    answer: z
      .object({
        subject: z.string(),
        recorded: z
          .array(z.object({ id, title: z.string(), plannedStart: time }))
          .meta({ description: 'Lessons of which a recording goes out of reach' }),
        upcoming: z
          .number()
          .meta({ description: 'Lessons to come; they go on, and nobody of it is recorded without permission' }),
      })
      .meta({ id: 'WithdrawalPreview' }),
  },
  putDocument: {
    method: 'put',
    path: '/api/permissions/:permissionId/document',
    tag: 'Permissions',
    summary: 'Seal the signed document',
    access: lessonKeepers,
    scope: 'write',
    limit: 'look',
    owner: 'permission',
    params: permissionParams,
    form: documentForm,
    status: 200,
    answer: permission,
  },
  getReceipt: {
    method: 'get',
    path: '/api/permissions/:permissionId/receipt',
    tag: 'Permissions',
    summary: 'Receipt of the newest act of an answer, to be handed to whoever signed on paper or telephoned',
    access: lessonKeepers,
    scope: null,
    limit: 'look',
    owner: 'permission',
    params: permissionParams,
    status: 200,
    answerType: 'application/pdf',
  },
  getDocument: {
    method: 'get',
    path: '/api/permissions/:permissionId/document',
    tag: 'Permissions',
    summary: 'Read the signed document',
    access: lessonKeepers,
    scope: null,
    limit: 'look',
    owner: 'permission',
    params: permissionParams,
    status: 200,
    answerType: 'application/octet-stream',
  },
} as const satisfies Record<string, Route>;
