import { z } from 'zod';
import { anyStaff, enrolling, everybody, list, type Route } from './route.ts';
import { backupCodes, newPassword, openSession, password, person, secondFactor } from './staff.ts';
import { id, language, maybeTime, plain, scope, setOf, text, time } from './values.ts';

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

const namedSchool = z.object({ id, name: z.string() }).meta({ id: 'NamedSchool' });
export const moveSession = z.object({ schoolId: id });

export const session = z
  .object({
    person,
    /** The roles require a second factor and none is set up: only its set-up is open. */
    secondFactorMissing: z.boolean(),
    /** Beside the provider of single sign-on, a confirmation takes a code. */
    codeBesideProvider: z.boolean(),
    scopes: z.array(scope).nullable(),
    school: namedSchool.nullable().meta({ description: 'The school in which I work now' }),
    schools: z.array(namedSchool).meta({ description: 'The schools in which I may work' }),
  })
  .meta({ id: 'Session' });

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
export const confirmSession = z
  .union([
    z.object({ password, code: signIn.shape.code }),
    z.object({ passkey: passkeyAnswer }),
    z.object({ code: signIn.shape.code.unwrap() }),
  ])
  .meta({ id: 'ConfirmSession' });
export const finishProviderSignIn = z
  .union([z.object({ code: signIn.shape.code.unwrap() }), z.object({ passkey: passkeyAnswer })])
  .meta({ id: 'FinishProviderSignIn' });
export const takeProviderSession = z.object({ code: base64url(3_500), verifier: base64url(128) });
export const changePassword = z.object({ password, newPassword });
export const askForPasswordReset = z.object({ email: z.email().max(254) });
export const finishPasswordReset = z.object({ token: plain(200).min(20), password: newPassword });
export const factors = z
  .object({ authenticator: z.boolean(), passkeys: z.int(), backupCodes: z.int() })
  .meta({ id: 'Factors', description: 'What I have beside a password; backup codes that are left' });
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
export const tokenParams = z.object({ tokenId: id });
export const sessionParams = z.object({ sessionId: id });

export const sessionRoutes = {
  signIn: {
    method: 'post',
    path: '/api/session',
    tag: 'Session',
    summary: 'Sign in',
    access: everybody,
    scope: null,
    limit: 'signIn',
    body: signIn,
    status: 200,
    answer: session,
  },
  getSession: {
    method: 'get',
    path: '/api/session',
    tag: 'Session',
    summary: 'Who am I',
    access: enrolling,
    scope: 'read',
    status: 200,
    answer: session,
  },
  signOut: {
    method: 'delete',
    path: '/api/session',
    tag: 'Session',
    summary: 'Sign out',
    access: enrolling,
    scope: null,
    status: 204,
  },
  moveSession: {
    method: 'put',
    path: '/api/session/school',
    tag: 'Session',
    summary: 'Go on in another of my schools',
    access: anyStaff,
    scope: null,
    body: moveSession,
    status: 200,
    answer: session,
  },
  listSessions: {
    method: 'get',
    path: '/api/sessions',
    tag: 'Session',
    summary: 'My open sessions',
    access: enrolling,
    scope: null,
    status: 200,
    answer: list(openSession),
  },
  revokeSession: {
    method: 'delete',
    path: '/api/sessions/:sessionId',
    tag: 'Session',
    summary: 'End one of my sessions',
    access: enrolling,
    scope: null,
    confirmed: true,
    params: sessionParams,
    status: 204,
  },
  askForPasskey: {
    method: 'post',
    path: '/api/session/passkey/options',
    tag: 'Session',
    summary: 'A challenge for signing in with a passkey',
    access: everybody,
    scope: null,
    limit: 'passkeyOptions',
    status: 200,
    answer: passkeyOptions,
  },
  signInWithPasskey: {
    method: 'post',
    path: '/api/session/passkey',
    tag: 'Session',
    summary: 'Sign in with a passkey',
    access: everybody,
    scope: null,
    limit: 'passkey',
    body: signInWithPasskey,
    status: 200,
    answer: session,
  },
  takeProviderSession: {
    method: 'post',
    path: '/api/session/provider',
    tag: 'Session',
    summary: 'Take the session that was opened at the provider for a program on the same computer',
    access: everybody,
    scope: null,
    limit: 'signIn',
    body: takeProviderSession,
    status: 200,
    answer: z.object({ needsCode: z.boolean().meta({ description: 'A second factor is to be shown first' }) }),
  },
  finishProviderSignIn: {
    method: 'post',
    path: '/api/session/second-factor',
    tag: 'Session',
    summary: 'Show a second factor, after the provider of single sign-on asked for one alone',
    access: everybody,
    scope: null,
    limit: 'signIn',
    body: finishProviderSignIn,
    status: 200,
    answer: session,
  },
  confirmSession: {
    method: 'post',
    path: '/api/session/confirm',
    tag: 'Session',
    summary: 'Show again who I am, before something that cannot be undone',
    access: enrolling,
    scope: null,
    limit: 'credentials',
    body: confirmSession,
    status: 204,
  },
  changePassword: {
    method: 'put',
    path: '/api/session/password',
    tag: 'Session',
    summary: 'Change my password; every other session and every API token of mine ends',
    access: enrolling,
    scope: null,
    limit: 'credentials',
    body: changePassword,
    status: 204,
  },
  askForPasswordReset: {
    method: 'post',
    path: '/api/password-reset',
    tag: 'Session',
    summary: 'Have a link to a new password sent by mail; the answer is the same for every address',
    access: everybody,
    scope: null,
    limit: 'passwordReset',
    body: askForPasswordReset,
    status: 202,
  },
  finishPasswordReset: {
    method: 'post',
    path: '/api/password-reset/finish',
    tag: 'Session',
    summary: 'Choose a new password by a link, once',
    access: everybody,
    scope: null,
    limit: 'invitation',
    body: finishPasswordReset,
    status: 204,
  },
  getFactors: {
    method: 'get',
    path: '/api/second-factor',
    tag: 'Session',
    summary: 'What I have beside a password',
    access: enrolling,
    scope: null,
    status: 200,
    answer: factors,
  },
  beginSecondFactor: {
    method: 'post',
    path: '/api/second-factor',
    tag: 'Session',
    summary: 'Begin to set up an authenticator, or to replace it',
    access: enrolling,
    scope: null,
    limit: 'credentials',
    confirmed: true,
    status: 201,
    answer: secondFactor,
  },
  verifySecondFactor: {
    method: 'post',
    path: '/api/second-factor/verify',
    tag: 'Session',
    summary: 'Finish setting up an authenticator',
    access: enrolling,
    scope: null,
    limit: 'credentials',
    body: verifySecondFactor,
    status: 200,
    answer: session,
  },
  removeSecondFactor: {
    method: 'delete',
    path: '/api/second-factor',
    tag: 'Session',
    summary: 'Remove my authenticator',
    access: anyStaff,
    scope: null,
    limit: 'credentials',
    confirmed: true,
    status: 204,
  },
  renewBackupCodes: {
    method: 'post',
    path: '/api/second-factor/backup-codes',
    tag: 'Session',
    summary: 'New backup codes; older ones no longer work',
    access: anyStaff,
    scope: null,
    limit: 'credentials',
    confirmed: true,
    status: 201,
    answer: backupCodes,
  },
  listPasskeys: {
    method: 'get',
    path: '/api/passkeys',
    tag: 'Session',
    summary: 'My passkeys',
    access: enrolling,
    scope: null,
    status: 200,
    answer: list(passkey),
  },
  beginPasskey: {
    method: 'post',
    path: '/api/passkeys/options',
    tag: 'Session',
    summary: 'A challenge for a new passkey',
    access: enrolling,
    scope: null,
    limit: 'credentials',
    confirmed: true,
    status: 200,
    answer: passkeyOptions,
  },
  addPasskey: {
    method: 'post',
    path: '/api/passkeys',
    tag: 'Session',
    summary: 'Add a passkey',
    access: enrolling,
    scope: null,
    limit: 'credentials',
    confirmed: true,
    body: addPasskey,
    status: 201,
    answer: passkey,
  },
  removePasskey: {
    method: 'delete',
    path: '/api/passkeys/:passkeyId',
    tag: 'Session',
    summary: 'Remove a passkey of mine',
    access: anyStaff,
    scope: null,
    limit: 'credentials',
    confirmed: true,
    params: passkeyParams,
    status: 204,
  },
  setLanguage: {
    method: 'put',
    path: '/api/session/language',
    tag: 'Session',
    summary: 'Choose my language',
    access: enrolling,
    scope: 'write',
    body: z.object({ language }),
    status: 200,
    answer: session,
  },
  listTokens: {
    method: 'get',
    path: '/api/tokens',
    tag: 'Session',
    summary: 'My API tokens',
    access: anyStaff,
    scope: null,
    status: 200,
    answer: list(apiToken),
  },
  createToken: {
    method: 'post',
    path: '/api/tokens',
    tag: 'Session',
    summary: 'Issue an API token',
    access: anyStaff,
    scope: null,
    limit: 'credentials',
    confirmed: true,
    body: createToken,
    status: 201,
    answer: newApiToken,
  },
  revokeToken: {
    method: 'delete',
    path: '/api/tokens/:tokenId',
    tag: 'Session',
    summary: 'Revoke an API token of mine',
    access: anyStaff,
    scope: 'write',
    params: tokenParams,
    status: 204,
  },
} as const satisfies Record<string, Route>;
