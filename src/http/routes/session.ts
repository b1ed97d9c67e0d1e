import { Refusal } from '../../domain/errors.ts';
import type { Outside, PasskeyAnswer } from '../../pipeline/ports.ts';
import { changePassword } from '../../pipeline/staff/change-password.ts';
import * as passkeys from '../../pipeline/staff/passkeys.ts';
import { askForPasswordReset, finishPasswordReset } from '../../pipeline/staff/reset-password.ts';
import * as factor from '../../pipeline/staff/second-factor.ts';
import * as sessions from '../../pipeline/staff/sessions.ts';
import {
  askForPasskey,
  confirmSession,
  findSignedIn,
  type SignedIn,
  signIn,
  signInWithPasskey,
} from '../../pipeline/staff/sign-in.ts';
import * as staff from '../../pipeline/staff/staff.ts';
import type { Asked, Handlers } from '../mount.ts';
import { clearSessionCookie, setSessionCookie } from '../presented.ts';

type Own =
  | 'signIn'
  | 'askForPasskey'
  | 'signInWithPasskey'
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
  const toSession = ({ person, secondFactorMissing, actor }: SignedIn) => ({
    person,
    secondFactorMissing,
    scopes: actor.scopes ? [...actor.scopes] : null,
  });
  /** As it stands after what was just done. */
  const sessionOf = async (sessionToken: string) => {
    const found = await findSignedIn(outside, { apiToken: null, sessionToken });
    if (!found) throw new Refusal('NOT_SIGNED_IN');
    return toSession(found);
  };
  const reload = async ({ presented }: Pick<Asked<'setLanguage'>, 'presented'>) => {
    const found = await findSignedIn(outside, presented);
    if (!found) throw new Refusal('NOT_SIGNED_IN');
    return toSession(found);
  };

  return {
    async signIn({ body, caller, req, res }) {
      const { token } = await signIn(outside, caller, body, req.get('user-agent') ?? null);
      setSessionCookie(res, token, isSecure);
      return sessionOf(token);
    },
    askForPasskey: async () => toOptions(await askForPasskey(outside)),
    async signInWithPasskey({ body, caller, req, res }) {
      const { token } = await signInWithPasskey(outside, caller, body.answer, req.get('user-agent') ?? null);
      setSessionCookie(res, token, isSecure);
      return sessionOf(token);
    },
    async confirmSession({ caller, signedIn, body, res }) {
      setSessionCookie(res, (await confirmSession(outside, caller, signedIn!, body)).token, isSecure);
    },
    async changePassword({ caller, signedIn, body, res }) {
      setSessionCookie(res, (await changePassword(outside, caller, signedIn!, body)).token, isSecure);
    },
    askForPasswordReset: ({ caller, body }) => askForPasswordReset(outside, caller, body.email),
    finishPasswordReset: ({ caller, body }) => finishPasswordReset(outside, caller, body),
    async getSession({ signedIn }) {
      return toSession(signedIn!);
    },
    async signOut({ caller, signedIn, res }) {
      clearSessionCookie(res, isSecure);
      res.setHeader('Clear-Site-Data', '"cache", "storage"');
      await sessions.signOut(outside, caller, signedIn!.sessionId);
    },
    async listSessions({ signedIn }) {
      const items = await sessions.listSessionsOf(outside, signedIn!.person.id);
      return { items: items.map((session) => toOpenSession(session, signedIn!.sessionId)) };
    },
    revokeSession: ({ caller, params, signedIn }) =>
      sessions.endSessionsOf(outside, caller, { userId: signedIn!.person.id, sessionId: params.sessionId }),
    getFactors: ({ signedIn }) => factor.factorsOf(outside.database.read, signedIn!.person.id),
    beginSecondFactor: ({ caller }) => factor.beginAuthenticator(outside, caller),
    async verifySecondFactor(asked) {
      await factor.finishAuthenticator(outside, asked.caller, asked.signedIn!.sessionId, asked.body.code);
      return reload(asked);
    },
    removeSecondFactor: ({ caller, signedIn }) => factor.removeAuthenticator(outside, caller, signedIn!.sessionId),
    renewBackupCodes: ({ caller }) => factor.renewBackupCodes(outside, caller),
    listPasskeys: async ({ caller }) => ({ items: await passkeys.listPasskeys(outside, caller) }),
    beginPasskey: async ({ caller }) => toOptions(await passkeys.beginPasskey(outside, caller)),
    addPasskey: ({ caller, signedIn, body }) =>
      passkeys.addPasskey(outside, caller, signedIn!.sessionId, {
        name: body.name,
        answer: body.answer as PasskeyAnswer,
      }),
    removePasskey: ({ caller, signedIn, params }) =>
      passkeys.removePasskey(outside, caller, signedIn!.sessionId, params.passkeyId),
    async setLanguage(asked) {
      await staff.setLanguage(outside, asked.caller, asked.body.language);
      return reload(asked);
    },
    async listTokens({ caller }) {
      return { items: await staff.listTokens(outside, caller) };
    },
    createToken: ({ caller, body }) => staff.createToken(outside, caller, body),
    revokeToken: ({ caller, params }) => staff.revokeToken(outside, caller, params.tokenId),
  };
}

const toOptions = (options: object) => options as { challenge: string };

type SessionRow = Awaited<ReturnType<typeof sessions.listSessionsOf>>[number];

export function toOpenSession(row: SessionRow, currentId: string | null) {
  return { ...row, factor: row.factor as sessions.Factor, current: row.id === currentId };
}
