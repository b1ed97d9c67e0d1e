import { z } from 'zod';
import { uploadStates } from '../domain/lifecycle.ts';
import { lessonParams } from './lesson.ts';
import { everybody, list, type Route, uploaders } from './route.ts';
import { id, maybeTime, reason, time } from './values.ts';

export const uploadParams = z.object({ uploadId: id });
export const upload = z
  .object({
    id: id.meta({ description: 'Also the id of the recording that it becomes' }),
    lessonId: id,
    lessonTitle: z.string(),
    state: z.enum([...uploadStates, 'sealed']),
    bytes: z.number(),
    offset: z.number().meta({ description: 'Every byte before it is encrypted and stored' }),
    sealedShare: z.number().meta({ description: 'How far the sealing is, 0 to 1' }),
    fileName: z.string().nullable(),
    fileModifiedAt: maybeTime.meta({ description: 'What the sender said: who goes on compares' }),
    createdAt: time,
    expiresAt: maybeTime.meta({ description: 'It is swept away when nothing arrives until then' }),
    code: z.string().nullable(),
    reasons: z.array(reason),
  })
  .meta({ id: 'Upload' });

export const uploadRoutes = {
  describeUploads: {
    method: 'options',
    path: '/api/uploads',
    tag: 'Uploads',
    summary: 'What the server knows of tus: version, extensions, largest size, checksums',
    access: everybody,
    scope: null,
    status: 204,
  },
  beginUpload: {
    method: 'post',
    path: '/api/lessons/:lessonId/uploads',
    tag: 'Uploads',
    summary: 'Begin a resumable upload (tus 1.0.0). The gate is asked before a byte of it is taken',
    access: uploaders,
    scope: 'write',
    limit: 'upload',
    owner: 'lesson',
    params: lessonParams,
    rawType: 'application/offset+octet-stream',
    status: 201,
  },
  listUploads: {
    method: 'get',
    path: '/api/uploads',
    tag: 'Uploads',
    summary: 'My uploads that have not become a recording yet',
    access: uploaders,
    scope: 'read',
    status: 200,
    answer: list(upload),
  },
  findUploadOffset: {
    method: 'head',
    path: '/api/uploads/:uploadId',
    tag: 'Uploads',
    summary: 'Where a resumable upload goes on (tus 1.0.0)',
    access: uploaders,
    scope: 'write',
    owner: 'upload',
    params: uploadParams,
    status: 200,
  },
  getUpload: {
    method: 'get',
    path: '/api/uploads/:uploadId',
    tag: 'Uploads',
    summary: 'How far an upload is, its sealing included',
    access: uploaders,
    scope: 'read',
    owner: 'upload',
    params: uploadParams,
    status: 200,
    answer: upload,
  },
  appendToUpload: {
    method: 'patch',
    path: '/api/uploads/:uploadId',
    tag: 'Uploads',
    summary: 'Send the next bytes of a resumable upload (tus 1.0.0)',
    access: uploaders,
    scope: 'write',
    owner: 'upload',
    params: uploadParams,
    rawType: 'application/offset+octet-stream',
    status: 204,
  },
  cancelUpload: {
    method: 'delete',
    path: '/api/uploads/:uploadId',
    tag: 'Uploads',
    summary: 'Give an upload up; its key is destroyed (tus 1.0.0, termination)',
    access: uploaders,
    scope: 'write',
    owner: 'upload',
    params: uploadParams,
    status: 204,
  },
} as const satisfies Record<string, Route>;
