import { z } from 'zod';
import { list, type Route } from './route.ts';
import { id, maybeTime, text, time } from './values.ts';

const authority = { to: { authority: 'any' } } as const;

const keptSchool = z
  .object({
    id,
    name: z.string(),
    openedAt: time,
    closedAt: maybeTime,
    takenOutAt: maybeTime.meta({ description: 'It goes on in another installation' }),
    isFirst: z.boolean().meta({ description: 'It stands for the installation, and cannot be closed' }),
    staff: z.number(),
    recordings: z.number(),
    bytes: z.number(),
    lastUploadAt: maybeTime,
  })
  .meta({ id: 'KeptSchool', description: 'A school as an authority sees it: figures, never people or media' });
const freshRecoveryKey = z
  .object({
    fingerprint: z.string(),
    publicKey: z.string(),
    privateKey: z.string().meta({ description: 'Locked with the passphrase' }),
    passphrase: z.string(),
  })
  .meta({ id: 'FreshRecoveryKey', description: 'Shown this once: the server keeps none of it' });
const openSchool = z.object({
  name: text(200),
  rules: z.enum(['tr', 'uk']).default('tr').meta({ description: 'With which rules of permission it begins' }),
  recoveryKey: text(16_384).meta({ description: 'Public half of the school’s recovery key, armored OpenPGP' }),
  administrator: z
    .object({ email: z.email().max(254), name: text(120) })
    .nullable()
    .default(null)
    .meta({ description: 'Who is invited; null where the groups of a provider give the roles' }),
});
const openedSchool = z
  .object({
    id,
    name: z.string(),
    invitationUrl: z.string().nullable().meta({ description: 'To be handed over; null when it went by mail' }),
  })
  .meta({ id: 'OpenedSchool' });
const params = z.object({ schoolId: id });

export const authorityRoutes = {
  listSchools: {
    method: 'get',
    path: '/api/schools',
    tag: 'Schools',
    summary: 'The schools of the installation, with figures',
    access: authority,
    scope: null,
    status: 200,
    answer: list(keptSchool).extend({
      mayOpen: z.boolean().meta({ description: 'This server can write keys; else the operator opens schools' }),
    }),
  },
  makeRecoveryKey: {
    method: 'post',
    path: '/api/schools/recovery-keys',
    tag: 'Schools',
    summary: 'Make a recovery key for a school that is to be opened, and keep none of it',
    access: authority,
    scope: null,
    limit: 'invite',
    status: 201,
    answer: freshRecoveryKey,
  },
  openSchool: {
    method: 'post',
    path: '/api/schools',
    tag: 'Schools',
    summary: 'Open a school beside the others, and invite its first administrator',
    access: authority,
    scope: null,
    limit: 'invite',
    confirmed: true,
    body: openSchool,
    status: 201,
    answer: openedSchool,
  },
  closeSchool: {
    method: 'post',
    path: '/api/schools/:schoolId/close',
    tag: 'Schools',
    summary: 'Close a school: nobody works in it, and it is kept',
    access: authority,
    scope: null,
    confirmed: true,
    params,
    status: 204,
  },
  reopenSchool: {
    method: 'post',
    path: '/api/schools/:schoolId/reopen',
    tag: 'Schools',
    summary: 'Open a school again that was closed',
    access: authority,
    scope: null,
    confirmed: true,
    params,
    status: 204,
  },
} as const satisfies Record<string, Route>;
