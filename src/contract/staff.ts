import { z } from 'zod';
import { id, language, maybeTime, plain, scope, setOf, staffRole, text, time, userId } from './values.ts';

export const signIn = z
  .object({
    email: z.email().max(254),
    password: z.string().min(1).max(128),
    code: z
      .string()
      .max(11)
      .regex(/^(\d{6}|[A-Za-z0-9]{5}-[A-Za-z0-9]{5})$/)
      .optional()
      .meta({
        description: 'Six digits of the authenticator, or a backup code; needed when a second factor is set up',
      }),
  })
  .meta({ id: 'SignIn' });

export const person = z
  .object({
    id: userId,
    name: z.string(),
    email: z.string(),
    roles: z.array(staffRole),
    secondFactor: z.boolean(),
    language,
    disabledAt: maybeTime,
  })
  .meta({ id: 'StaffMember' });

export const session = z
  .object({
    person,
    /** Roles ask for a second factor and none is set up: nothing else is open until it is. */
    secondFactorMissing: z.boolean(),
    scopes: z.array(scope).nullable(),
  })
  .meta({ id: 'Session' });

export const openSession = z
  .object({ id: z.string(), current: z.boolean(), createdAt: time, expiresAt: time, userAgent: z.string().nullable() })
  .meta({ id: 'OpenSession' });

export const beginSecondFactor = z.object({ password: z.string().min(1).max(128) });
export const secondFactor = z
  .object({ totpUri: z.string(), backupCodes: z.array(z.string()) })
  .meta({ id: 'SecondFactor' });
export const verifySecondFactor = z.object({
  code: z
    .string()
    .max(6)
    .regex(/^\d{6}$/),
});

export const createToken = z.object({
  name: text(80),
  scopes: setOf(scope).min(1).default(['read', 'write']),
  days: z.int().min(1).max(365).default(90),
});
export const apiToken = z
  .object({
    id,
    name: z.string(),
    scopes: z.array(scope),
    createdAt: time,
    expiresAt: time,
    lastUsedAt: maybeTime,
    revokedAt: maybeTime,
  })
  .meta({ id: 'ApiToken' });
export const newApiToken = apiToken
  .extend({ token: z.string().meta({ description: 'Shown this once' }) })
  .meta({ id: 'NewApiToken' });

export const invite = z.object({
  email: z.email().max(254),
  name: text(120),
  roles: setOf(staffRole).min(1),
  days: z.int().min(1).max(30).default(7),
});
export const invitation = z
  .object({
    id,
    email: z.string(),
    name: z.string(),
    roles: z.array(staffRole),
    createdAt: time,
    expiresAt: time,
    acceptedAt: maybeTime,
    revokedAt: maybeTime,
  })
  .meta({ id: 'Invitation' });
export const newInvitation = invitation
  .extend({ token: z.string().meta({ description: 'Shown this once; also sent by mail when mail is set up' }) })
  .meta({ id: 'NewInvitation' });
export const acceptInvitation = z.object({
  token: z.string().min(20).max(200),
  password: z.string().min(12, 'at least 12 characters').max(128),
  language: language.default('tr'),
});

export const changeStaff = z.object({ roles: setOf(staffRole).min(1).optional(), disabled: z.boolean().optional() });
export const userParams = z.object({ userId });
export const tokenParams = z.object({ tokenId: id });
export const sessionParams = z.object({ sessionId: plain(64).min(1) });
export const invitationParams = z.object({ invitationId: id });
