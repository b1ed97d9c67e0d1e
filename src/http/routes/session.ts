import { Refusal } from '../../domain/errors.ts';
import { digestToken } from '../../pipeline/core/token.ts';
import type { PasskeyAnswer } from '../../pipeline/ports/credentials.ts';
import type { Outside } from '../../pipeline/ports/outside.ts';
import { addPasskey } from '../../pipeline/staff/add-passkey.ts';
import { askForPasswordReset } from '../../pipeline/staff/ask-for-password-reset.ts';
import { beginAuthenticator } from '../../pipeline/staff/begin-authenticator.ts';
import { beginPasskey } from '../../pipeline/staff/begin-passkey.ts';
import { changePassword } from '../../pipeline/staff/change-password.ts';
import { confirmSession } from '../../pipeline/staff/confirm-session.ts';
import { createToken } from '../../pipeline/staff/create-token.ts';
import { endSessionsOf } from '../../pipeline/staff/end-sessions.ts';
import { findSignedIn, type SignedIn } from '../../pipeline/staff/find-signed-in.ts';
import { finishAuthenticator } from '../../pipeline/staff/finish-authenticator.ts';
import { finishPasswordReset } from '../../pipeline/staff/finish-password-reset.ts';
import { finishProviderSignIn } from '../../pipeline/staff/finish-provider-sign-in.ts';
import { getFactors } from '../../pipeline/staff/get-factors.ts';
import { listPasskeys } from '../../pipeline/staff/list-passkeys.ts';
import { listSessionsOf } from '../../pipeline/staff/list-sessions.ts';
import { listTokens } from '../../pipeline/staff/list-tokens.ts';
import { moveSession } from '../../pipeline/staff/move-session.ts';
import { removeAuthenticator } from '../../pipeline/staff/remove-authenticator.ts';
import { removePasskey } from '../../pipeline/staff/remove-passkey.ts';
import { renewBackupCodes } from '../../pipeline/staff/renew-backup-codes.ts';
import { revokeToken } from '../../pipeline/staff/revoke-token.ts';
import { schoolOfAddress, schoolOfPasskey, schoolsOfPerson } from '../../pipeline/staff/schools-of-account.ts';
import { setLanguage } from '../../pipeline/staff/set-language.ts';
import { signIn } from '../../pipeline/staff/sign-in.ts';
import { askForPasskey, signInWithPasskey } from '../../pipeline/staff/sign-in-with-passkey.ts';
import { signOut } from '../../pipeline/staff/sign-out.ts';
import { takeSessionOver } from '../../pipeline/staff/take-session-over.ts';
import type { Asked, Handlers } from '../mount.ts';
import { clearSessionCookie, setSessionCookie } from '../presented.ts';

type Own =
  | 'signIn'
  | 'askForPasskey'
  | 'signInWithPasskey'
  | 'moveSession'
  | 'takeProviderSession'
  | 'finishProviderSignIn'
  | 'confirmSession'
  | 'changePassword'
  | 'askForPasswordReset'
  | 'finishPasswordReset'
  | 'getSession'
  | 'signOut'
  | 'listSessions'
  | 'revokeSession'
  | 'getFactors'
  | 'beginSecondFactor'
  | 'verifySecondFactor'
  | 'removeSecondFactor'
  | 'renewBackupCodes'
  | 'listPasskeys'
  | 'beginPasskey'
  | 'addPasskey'
  | 'removePasskey'
  | 'setLanguage'
  | 'listTokens'
  | 'createToken'
  | 'revokeToken';

export function sessionRoutes(outside: Outside, isSecure: boolean): Pick<Handlers, Own> {
  const toSession = async ({ person, secondFactorMissing, codeBesideProvider, actor }: SignedIn, there: Outside) => ({
    person,
    secondFactorMissing,
    codeBesideProvider,
    scopes: actor.scopes ? [...actor.scopes] : null,
    ...(await schoolsOfPerson(there, person.id)),
  });
  /** The session after the change just made. */
  const sessionOf = async (there: Outside, sessionToken: string) => {
    const found = await findSignedIn(there, { apiToken: null, sessionToken });
    if (!found) throw new Refusal('NOT_SIGNED_IN');
    return toSession(found, there);
  };
  const reload = async ({ presented }: Pick<Asked<'setLanguage'>, 'presented'>) => {
    const found = await findSignedIn(outside, presented);
    if (!found) throw new Refusal('NOT_SIGNED_IN');
    return toSession(found, outside);
  };

  return {
    async signIn({ body, caller, req, res }) {
      const there = await schoolOfAddress(outside, body.email);
      const { token } = await signIn(there, caller, body, req.get('user-agent') ?? null);
      setSessionCookie(res, token, isSecure);
      return sessionOf(there, token);
    },
    askForPasskey: async () => toOptions(await askForPasskey(outside)),
    async signInWithPasskey({ body, caller, req, res }) {
      const there = await schoolOfPasskey(outside, body.answer.id);
      const { token } = await signInWithPasskey(there, caller, body.answer, req.get('user-agent') ?? null);
      setSessionCookie(res, token, isSecure);
      return sessionOf(there, token);
    },
    async takeProviderSession({ body, caller, res }) {
      const { token, needsCode } = await takeSessionOver(outside, caller, body);
      setSessionCookie(res, token, isSecure);
      return { needsCode };
    },
    async finishProviderSignIn({ body, caller, presented, res }) {
      const { token } = await finishProviderSignIn(outside, caller, presented.sessionToken, body);
      setSessionCookie(res, token, isSecure);
      return sessionOf(outside, token);
    },
    async confirmSession({ caller, signedIn, body, res }) {
      setSessionCookie(res, (await confirmSession(outside, caller, signedIn, body)).token, isSecure);
    },
    async changePassword({ caller, signedIn, body, res }) {
      setSessionCookie(res, (await changePassword(outside, caller, signedIn, body)).token, isSecure);
    },
    async moveSession({ body, caller, signedIn, res }) {
      const { there, token } = await moveSession(outside, caller, signedIn, body.schoolId);
      setSessionCookie(res, token, isSecure);
      return sessionOf(there, token);
    },
    askForPasswordReset: async ({ caller, body }) =>
      askForPasswordReset(await schoolOfAddress(outside, body.email), caller, body.email),
    finishPasswordReset: async ({ caller, body }) =>
      finishPasswordReset(await outside.schools.ofSecret('password-reset', digestToken(body.token)), caller, body),
    async getSession({ signedIn }) {
      return toSession(signedIn, outside);
    },
    async signOut({ caller, signedIn, res }) {
      clearSessionCookie(res, isSecure);
      res.setHeader('Clear-Site-Data', '"cache", "storage"');
      await signOut(outside, caller, signedIn.sessionId);
    },
    async listSessions({ signedIn }) {
      const items = await listSessionsOf(outside, signedIn.person.id);
      return { items: items.map((session) => toOpenSession(session, signedIn.sessionId)) };
    },
    revokeSession: ({ caller, params, signedIn }) =>
      endSessionsOf(outside, caller, { userId: signedIn.person.id, sessionId: params.sessionId }),
    getFactors: ({ signedIn }) => getFactors(outside, signedIn.person.id),
    beginSecondFactor: ({ caller }) => beginAuthenticator(outside, caller),
    async verifySecondFactor(asked) {
      await finishAuthenticator(outside, asked.caller, asked.signedIn.sessionId, asked.body.code);
      return reload(asked);
    },
    removeSecondFactor: ({ caller, signedIn }) => removeAuthenticator(outside, caller, signedIn.sessionId),
    renewBackupCodes: ({ caller }) => renewBackupCodes(outside, caller),
    listPasskeys: async ({ caller }) => ({ items: await listPasskeys(outside, caller) }),
    beginPasskey: async ({ caller }) => toOptions(await beginPasskey(outside, caller)),
    addPasskey: ({ caller, signedIn, body }) =>
      addPasskey(outside, caller, signedIn.sessionId, {
        name: body.name,
        answer: body.answer as PasskeyAnswer,
      }),
    removePasskey: ({ caller, signedIn, params }) =>
      removePasskey(outside, caller, signedIn.sessionId, params.passkeyId),
    async setLanguage(asked) {
      await setLanguage(outside, asked.caller, asked.body.language);
      return reload(asked);
    },
    async listTokens({ caller }) {
      return { items: await listTokens(outside, caller) };
    },
    createToken: ({ caller, body }) => createToken(outside, caller, body),
    revokeToken: ({ caller, params }) => revokeToken(outside, caller, params.tokenId),
  };
}

const toOptions = (options: object) => options as { challenge: string };

type SessionRow = Awaited<ReturnType<typeof listSessionsOf>>[number];

export function toOpenSession(row: SessionRow, currentId: string | null) {
  return { ...row, current: row.id === currentId };
}
