import { z } from 'zod';
import { id, language, maybeTime, plain, scope, setOf, staffRole, text, time, userId } from './values.ts';

export const signIn = z
  .object({
    email: z.email().max(254),
    password: z.string().min(1).max(128),
    code: z
      .string()
      .max(40)
      .regex(/^(\d{6}|[A-Za-z0-9 -]{24,40})$/)
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
  .object({
    id,
    current: z.boolean(),
    createdAt: time,
    seenAt: time,
    /** Ends then if it is not used; moves on with use, up to `endsAt`. */
    expiresAt: time,
    endsAt: time,
    factor: z.enum(['password', 'authenticator', 'backup_code', 'passkey']),
    userAgent: z.string().nullable(),
  })
  .meta({ id: 'OpenSession' });

const base64url = (max: number) =>
  z
    .string()
    .max(max)
    .regex(/^[A-Za-z0-9_-]+$/);
/** What a browser made of a challenge: WebAuthn, `PublicKeyCredential.toJSON()`. */
const credential = <R extends z.ZodType>(response: R) =>
  z.object({
    id: base64url(1_400),
    rawId: base64url(1_400),
    type: z.literal('public-key'),
    response,
    authenticatorAttachment: z.string().max(40).nullish(),
    clientExtensionResults: z.object({}).default({}),
  });
export const passkeyAnswer = credential(
  z.object({
    clientDataJSON: base64url(8_192),
    authenticatorData: base64url(8_192),
    signature: base64url(8_192),
    userHandle: base64url(200).nullish(),
  }),
).meta({ id: 'PasskeyAnswer' });
const newPasskeyAnswer = credential(
  z.object({ clientDataJSON: base64url(8_192), attestationObject: base64url(32_768) }),
).meta({ id: 'NewPasskeyAnswer' });

/** What `navigator.credentials` takes: WebAuthn, `parse…OptionsFromJSON()`. */
export const passkeyOptions = z.looseObject({ challenge: z.string() }).meta({ id: 'PasskeyOptions' });
export const passkey = z
  .object({ id: z.string(), name: z.string(), createdAt: time, lastUsedAt: maybeTime })
  .meta({ id: 'Passkey' });
export const addPasskey = z.object({ name: text(80), answer: newPasskeyAnswer });
export const passkeyParams = z.object({ passkeyId: base64url(1_400) });
export const signInWithPasskey = z.object({ answer: passkeyAnswer });

const password = z.string().min(1).max(128);
/** Twelve characters or more, and nothing else is asked of their composition. */
const newPassword = z.string().min(12, 'at least 12 characters').max(128);
export const confirmSession = z
  .union([z.object({ password, code: signIn.shape.code }), z.object({ passkey: passkeyAnswer })])
  .meta({ id: 'ConfirmSession' });
export const changePassword = z.object({ password, newPassword });
export const askForPasswordReset = z.object({ email: z.email().max(254) });
export const finishPasswordReset = z.object({ token: plain(200).min(20), password: newPassword });
export const sentPasswordReset = z
  .object({
    url: z.string().nullable().meta({ description: 'To be handed over; null when it went to the person by mail' }),
  })
  .meta({ id: 'SentPasswordReset' });
export const backupCodes = z.object({ backupCodes: z.array(z.string()) }).meta({ id: 'BackupCodes' });
export const factors = z
  .object({ authenticator: z.boolean(), passkeys: z.int(), backupCodes: z.int() })
  .meta({ id: 'Factors', description: 'What I have beside a password; backup codes that are left' });
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
  password: newPassword,
  language: language.default('tr'),
});

export const changeStaff = z.object({ roles: setOf(staffRole).min(1).optional(), disabled: z.boolean().optional() });
export const userParams = z.object({ userId });
export const tokenParams = z.object({ tokenId: id });
export const sessionParams = z.object({ sessionId: id });
export const invitationParams = z.object({ invitationId: id });
