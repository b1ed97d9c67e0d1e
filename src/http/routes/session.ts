import { Refusal } from '../../domain/errors.ts';
import type { Outside } from '../../pipeline/ports.ts';
import { findSignedIn, type SignedIn, signIn } from '../../pipeline/staff/sign-in.ts';
import * as staff from '../../pipeline/staff/staff.ts';
import type { Handlers } from '../mount.ts';
import { sendCookies } from '../web-headers.ts';

type Own =
  | 'signIn'
  | 'getSession'
  | 'signOut'
  | 'listSessions'
  | 'revokeSession'
  | 'beginSecondFactor'
  | 'verifySecondFactor'
  | 'setLanguage'
  | 'listTokens'
  | 'createToken'
  | 'revokeToken';

export function sessionRoutes(outside: Outside): Pick<Handlers, Own> {
  const { accounts, database } = outside;
  const toSession = ({ person, secondFactorMissing, actor }: SignedIn) => ({
    person,
    secondFactorMissing,
    scopes: actor.scopes ? [...actor.scopes] : null,
  });
  const wrongCode = (code: string, tr: string, en: string) =>
    new Refusal('INVALID_REQUEST', { reasons: [{ code, tr, en }] });
  const reload = async (headers: Headers) => {
    const found = await findSignedIn(outside, headers);
    if (!found) throw new Refusal('NOT_SIGNED_IN');
    return toSession(found);
  };
  /** What the browser will send from now on: its cookies, replaced by those just set. */
  const withCookies = (headers: Headers, cookies: readonly string[]) => {
    const jar = new Map(
      (headers.get('cookie') ?? '').split('; ').map((pair) => pair.split(/=(.*)/s).slice(0, 2) as [string, string]),
    );
    for (const cookie of cookies) {
      const [name, value] = cookie.split(';')[0]!.split(/=(.*)/s) as [string, string];
      jar.set(name, value);
    }
    const next = new Headers(headers);
    next.set('cookie', [...jar].map(([name, value]) => `${name}=${value}`).join('; '));
    return next;
  };

  return {
    async signIn({ body, caller, headers, res }) {
      const { cookies } = await signIn(outside, caller, body, headers);
      sendCookies(res, cookies);
      return reload(withCookies(new Headers(), cookies));
    },
    async getSession({ signedIn }) {
      return toSession(signedIn!);
    },
    async signOut({ caller, headers, res }) {
      sendCookies(res, (await accounts.signOut(headers)).cookies);
      await database.transact(caller, (tx) => tx.log({ action: 'staff.signed_out', outcome: 'done' }));
    },
    async listSessions({ caller, signedIn }) {
      const items = await staff.listSessions(outside, caller);
      return { items: items.map((session) => ({ ...session, current: session.id === signedIn!.sessionId })) };
    },
    revokeSession: ({ caller, params }) => staff.revokeSession(outside, caller, params.sessionId),
    async beginSecondFactor({ body, headers, res }) {
      const begun = await accounts.beginSecondFactor(body.password, headers);
      if (!begun) throw wrongCode('PASSWORD_WRONG', 'Parola yanlış.', 'The password is wrong.');
      sendCookies(res, begun.cookies);
      return { totpUri: begun.totpUri, backupCodes: [...begun.backupCodes] };
    },
    async verifySecondFactor({ body, caller, headers, res, signedIn }) {
      const verified = await accounts.verifySecondFactor(body.code, headers);
      if (!verified) throw wrongCode('CODE_WRONG', 'Kod yanlış ya da süresi geçti.', 'The code is wrong or too old.');
      sendCookies(res, verified.cookies);
      await database.transact(caller, (tx) =>
        tx.log({
          action: 'staff.second_factor_enabled',
          outcome: 'done',
          object: { kind: 'staff', id: signedIn!.person.id },
        }),
      );
      return reload(withCookies(headers, verified.cookies));
    },
    async setLanguage({ body, caller, headers }) {
      await staff.setLanguage(outside, caller, body.language);
      return reload(headers);
    },
    async listTokens({ caller }) {
      return { items: await staff.listTokens(outside, caller) };
    },
    createToken: ({ caller, body }) => staff.createToken(outside, caller, body),
    revokeToken: ({ caller, params }) => staff.revokeToken(outside, caller, params.tokenId),
  };
}
