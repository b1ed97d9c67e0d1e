import { z } from 'zod';
import { factors } from '../domain/ids.ts';
import { administrator, everybody, list, type Route } from './route.ts';
import { id, language, maybeTime, setOf, staffRole, text, time, userId } from './values.ts';

export const person = z
  .object({
    id: userId,
    name: z.string(),
    email: z.string(),
    roles: z.array(staffRole),
    secondFactor: z.boolean(),
    language,
    disabledAt: maybeTime,
    ofProvider: z
      .boolean()
      .meta({ description: 'The provider of single sign-on knows who it is: there is no password' }),
    rolesOfProvider: z.boolean().meta({ description: 'The roles follow what the provider says' }),
    isEmergency: z.boolean().meta({ description: 'The account for emergencies, made by the operator' }),
  })
  .meta({ id: 'StaffMember' });

export const openSession = z
  .object({
    id,
    current: z.boolean(),
    createdAt: time,
    seenAt: time,
    /** Ends then if it is not used. Use moves it on, up to `endsAt`. */
    expiresAt: time,
    endsAt: time,
    factor: z.enum(factors),
    userAgent: z.string().nullable(),
  })
  .meta({ id: 'OpenSession' });

export const password = z.string().min(1).max(128);
/** Twelve characters or more, and nothing else is asked of their composition. */
export const newPassword = z.string().min(12, 'at least 12 characters').max(128);
export const sentPasswordReset = z
  .object({
    url: z.string().nullable().meta({ description: 'To be handed over; null when it went to the person by mail' }),
  })
  .meta({ id: 'SentPasswordReset' });
export const factorReset = z
  .object({
    id,
    userId,
    requestedById: userId,
    requestedAt: time,
    expiresAt: time,
    user: z.object({ name: z.string(), email: z.string() }),
  })
  .meta({ id: 'FactorReset' });
export const factorResetParams = z.object({ resetId: id });
export const userSessionParams = z.object({ userId, sessionId: id });

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
  password: newPassword,
  language: language.default('tr'),
});

export const createScimToken = z.object({ name: text(80) });
export const scimToken = z
  .object({ id, name: z.string(), createdAt: time, lastUsedAt: maybeTime, revokedAt: maybeTime })
  .meta({ id: 'ScimToken' });
export const newScimToken = scimToken
  .extend({ token: z.string().meta({ description: 'Shown this once' }) })
  .meta({ id: 'NewScimToken' });
export const scimTokenParams = z.object({ tokenId: id });

export const changeStaff = z.object({ roles: setOf(staffRole).min(1).optional(), disabled: z.boolean().optional() });
export const userParams = z.object({ userId });
export const invitationParams = z.object({ invitationId: id });

export const staffRoutes = {
  listStaff: {
    method: 'get',
    path: '/api/staff',
    tag: 'Staff',
    summary: 'Everybody with an account',
    access: administrator,
    scope: 'read',
    status: 200,
    answer: list(person),
  },
  changeStaff: {
    method: 'patch',
    path: '/api/staff/:userId',
    tag: 'Staff',
    summary: 'Change roles, disable or enable an account',
    access: administrator,
    scope: null,
    confirmed: true,
    params: userParams,
    body: changeStaff,
    status: 200,
    answer: person,
  },
  listSessionsOf: {
    method: 'get',
    path: '/api/staff/:userId/sessions',
    tag: 'Staff',
    summary: 'Open sessions of a member of staff',
    access: administrator,
    scope: null,
    params: userParams,
    status: 200,
    answer: list(openSession),
  },
  endSessionOf: {
    method: 'delete',
    path: '/api/staff/:userId/sessions/:sessionId',
    tag: 'Staff',
    summary: 'End a session of a member of staff',
    access: administrator,
    scope: null,
    params: userSessionParams,
    status: 204,
  },
  endSessionsOf: {
    method: 'delete',
    path: '/api/staff/:userId/sessions',
    tag: 'Staff',
    summary: 'End every session of a member of staff',
    access: administrator,
    scope: null,
    params: userParams,
    status: 204,
  },
  sendPasswordReset: {
    method: 'post',
    path: '/api/staff/:userId/password-reset',
    tag: 'Staff',
    summary: 'Send a member of staff a link to a new password, which nobody else learns',
    access: administrator,
    scope: null,
    limit: 'invite',
    confirmed: true,
    params: userParams,
    status: 202,
    answer: sentPasswordReset,
  },
  askForFactorReset: {
    method: 'post',
    path: '/api/staff/:userId/second-factor-reset',
    tag: 'Staff',
    summary: 'Ask to reset a second factor; another administrator has to confirm',
    access: administrator,
    scope: null,
    limit: 'invite',
    confirmed: true,
    params: userParams,
    status: 201,
    answer: factorReset,
  },
  listFactorResets: {
    method: 'get',
    path: '/api/second-factor-resets',
    tag: 'Staff',
    summary: 'Second factors that are to be reset, and wait for another administrator',
    access: administrator,
    scope: null,
    status: 200,
    answer: list(factorReset),
  },
  confirmFactorReset: {
    method: 'post',
    path: '/api/second-factor-resets/:resetId/confirm',
    tag: 'Staff',
    summary: 'Confirm, as another administrator, that a second factor is reset',
    access: administrator,
    scope: null,
    confirmed: true,
    params: factorResetParams,
    status: 204,
  },
  cancelFactorReset: {
    method: 'delete',
    path: '/api/second-factor-resets/:resetId',
    tag: 'Staff',
    summary: 'Call back a reset of a second factor',
    access: administrator,
    scope: null,
    params: factorResetParams,
    status: 204,
  },
  listScimTokens: {
    method: 'get',
    path: '/api/scim-tokens',
    tag: 'Staff',
    summary: 'Tokens with which a provider provisions staff (SCIM)',
    access: administrator,
    scope: null,
    status: 200,
    answer: list(scimToken),
  },
  createScimToken: {
    method: 'post',
    path: '/api/scim-tokens',
    tag: 'Staff',
    summary: 'Make a token with which a provider provisions staff (SCIM)',
    access: administrator,
    scope: null,
    limit: 'invite',
    confirmed: true,
    body: createScimToken,
    status: 201,
    answer: newScimToken,
  },
  revokeScimToken: {
    method: 'delete',
    path: '/api/scim-tokens/:tokenId',
    tag: 'Staff',
    summary: 'Revoke a token of a provider',
    access: administrator,
    scope: null,
    params: scimTokenParams,
    status: 204,
  },
  listInvitations: {
    method: 'get',
    path: '/api/invitations',
    tag: 'Staff',
    summary: 'Invitations',
    access: administrator,
    scope: 'read',
    status: 200,
    answer: list(invitation),
  },
  invite: {
    method: 'post',
    path: '/api/invitations',
    tag: 'Staff',
    summary: 'Invite a member of staff',
    access: administrator,
    scope: null,
    limit: 'invite',
    confirmed: true,
    body: invite,
    status: 201,
    answer: newInvitation,
  },
  revokeInvitation: {
    method: 'delete',
    path: '/api/invitations/:invitationId',
    tag: 'Staff',
    summary: 'Revoke an invitation',
    access: administrator,
    scope: null,
    params: invitationParams,
    status: 204,
  },
  acceptInvitation: {
    method: 'post',
    path: '/api/invitations/accept',
    tag: 'Staff',
    summary: 'Accept an invitation and choose a password',
    access: everybody,
    scope: null,
    limit: 'invitation',
    body: acceptInvitation,
    status: 201,
    answer: person,
  },
} as const satisfies Record<string, Route>;

export const secondFactor = z
  .object({ totpUri: z.string(), backupCodes: z.array(z.string()) })
  .meta({ id: 'SecondFactor' });

export const backupCodes = z.object({ backupCodes: z.array(z.string()) }).meta({ id: 'BackupCodes' });
