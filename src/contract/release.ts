import { z } from 'zod';
import { linkStates, mostLinksAtOnce } from '../domain/link-rules.ts';
import { releaseEnds } from '../domain/release.ts';
import { recording, recordingParams } from './recording.ts';
import { administrator, lessonKeepers, list, type Route } from './route.ts';
import { audience, id, instant, maybeTime, text, time } from './values.ts';

export const releaseBody = z.object({ audience, endsAt: instant }).meta({ id: 'ReleaseRecording' });
export const release = z
  .object({
    id,
    recordingId: id,
    audience,
    endsAt: time,
    releasedAt: time,
    endedAt: maybeTime,
    endedWhy: z.enum(releaseEnds).nullable(),
  })
  .meta({ id: 'Release' });
export const releaseParams = z.object({ releaseId: id });
export const createLink = z.object({ viewerName: text(200), expiresAt: instant.optional() });
export const link = z
  .object({
    id,
    releaseId: id,
    viewerName: z.string(),
    createdAt: time,
    expiresAt: time,
    revokedAt: maybeTime,
    timesUsed: z.number().meta({ description: 'How often it was opened' }),
    lastUsedAt: maybeTime.meta({ description: 'When it was last opened or watched' }),
  })
  .meta({ id: 'ViewerLink' });
export const newLink = link
  .extend({ token: z.string(), url: z.string().meta({ description: 'Shown this once' }) })
  .meta({ id: 'NewViewerLink' });
const listedLink = link
  .extend({
    state: z.enum(linkStates),
    endsAt: time.meta({ description: 'When it ends, with its release or before' }),
    audience,
    recordingId: id,
    lesson: z.object({ id, title: z.string() }),
  })
  .meta({ id: 'ListedLink' });
const revokeLinks = z
  .union([
    z.strictObject({ linkIds: z.array(id).min(1).max(mostLinksAtOnce) }),
    z.strictObject({ allOpen: z.literal(true) }),
  ])
  .meta({ id: 'RevokeLinks' });
export const linkParams = z.object({ linkId: id });

export const releaseRoutes = {
  approveRecording: {
    method: 'post',
    path: '/api/recordings/:recordingId/approve',
    tag: 'Release',
    summary: 'Approve; never of one’s own upload or review',
    access: administrator,
    scope: null,
    owner: 'recording',
    params: recordingParams,
    status: 200,
    answer: recording,
  },
  liftQuarantine: {
    method: 'post',
    path: '/api/recordings/:recordingId/lift-quarantine',
    tag: 'Release',
    summary: 'Put a quarantined recording back into review once the gate holds',
    access: administrator,
    scope: null,
    owner: 'recording',
    params: recordingParams,
    status: 200,
    answer: recording,
  },
  releaseRecording: {
    method: 'post',
    path: '/api/recordings/:recordingId/releases',
    tag: 'Release',
    summary: 'Release to an audience until a date',
    access: administrator,
    scope: null,
    owner: 'recording',
    params: recordingParams,
    body: releaseBody,
    status: 201,
    answer: release,
  },
  endRelease: {
    method: 'delete',
    path: '/api/releases/:releaseId',
    tag: 'Release',
    summary: 'End a release at once',
    access: administrator,
    scope: null,
    owner: 'release',
    params: releaseParams,
    status: 204,
  },
  listLinks: {
    method: 'get',
    path: '/api/releases/:releaseId/links',
    tag: 'Release',
    summary: 'Personal links of a release',
    access: lessonKeepers,
    scope: 'read',
    owner: 'release',
    params: releaseParams,
    status: 200,
    answer: list(link),
  },
  createLink: {
    method: 'post',
    path: '/api/releases/:releaseId/links',
    tag: 'Release',
    summary: 'Issue a personal link',
    access: lessonKeepers,
    scope: null,
    limit: 'look',
    owner: 'release',
    params: releaseParams,
    body: createLink,
    status: 201,
    answer: newLink,
  },
  listAllLinks: {
    method: 'get',
    path: '/api/links',
    tag: 'Release',
    summary: 'Personal links of the school, or of the caller’s lessons, the newest first',
    access: lessonKeepers,
    scope: 'read',
    query: z.object({
      state: z.enum(linkStates).optional(),
      cursor: id.optional().meta({ description: '`next` of the answer before' }),
      limit: z.coerce.number().int().min(1).max(200).default(50),
    }),
    status: 200,
    answer: list(listedLink).extend({ next: z.string().nullable() }),
  },
  revokeLinks: {
    method: 'post',
    path: '/api/links/revoke',
    tag: 'Release',
    summary: 'Revoke the links named, or all open ones that the caller may see',
    access: lessonKeepers,
    scope: null,
    confirmed: true,
    body: revokeLinks,
    status: 200,
    answer: z.object({ revoked: z.number().meta({ description: 'How many were not revoked before' }) }),
  },
  revokeLink: {
    method: 'delete',
    path: '/api/links/:linkId',
    tag: 'Release',
    summary: 'Revoke a personal link',
    access: lessonKeepers,
    scope: null,
    owner: 'link',
    params: linkParams,
    status: 204,
  },
} as const satisfies Record<string, Route>;
