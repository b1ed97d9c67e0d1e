import { generateKeyPairSync } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Provider } from 'oidc-provider';

/** Somebody whom the provider knows. */
export interface ProviderPerson {
  readonly email?: string;
  readonly emailVerified?: boolean;
  readonly name?: string;
  groups?: readonly string[] | undefined;
  /** How they sign in there, RFC 8176. */
  readonly amr?: readonly string[];
}

export interface TestProvider {
  readonly issuer: string;
  /** Settings of a server that trusts it. */
  readonly env: Record<string, string>;
  /** By their names at the provider. */
  readonly people: Map<string, ProviderPerson>;
  /** Signs somebody out there, and says so to a server. */
  signOut(serverUrl: string, login: string): Promise<void>;
  /** Where it may send browsers back to. */
  allow(serverUrl: string): void;
  stop(): Promise<void>;
}

export const clientId = 'emanet';
export const clientSecret = 'test only, a secret of the client';

/** A real OpenID provider on loopback, on another site than the server: browsers take 127.0.0.1 and localhost for two. */
export async function startProvider(): Promise<TestProvider> {
  const people = new Map<string, ProviderPerson>();
  let handle: (req: IncomingMessage, res: ServerResponse) => unknown = () => {};
  const server = createServer((req, res) => void handle(req, res));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const key = { ...privateKey.export({ format: 'jwk' }), kid: 'test', use: 'sig', alg: 'RS256' };
  const redirectUris: string[] = ['http://localhost:1/sign-in/callback'];
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: clientId,
        client_secret: clientSecret,
        redirect_uris: redirectUris,
        backchannel_logout_uri: 'http://localhost:1/sign-in/backchannel-logout',
      },
    ],
    jwks: { keys: [key] } as never,
    cookies: { keys: ['test only'] },
    features: { devInteractions: { enabled: false }, backchannelLogout: { enabled: true } },
    claims: {
      openid: ['sub', 'sid', 'auth_time', 'amr'],
      email: ['email', 'email_verified'],
      profile: ['name', 'groups'],
    },
    // It would not call loopback.
    fetch: (url, options) => {
      const { method = 'POST', headers = {}, body = null, redirect = 'manual' } = options ?? {};
      return fetch(url, { method, headers, body, redirect });
    },
    interactions: { url: (_ctx, { uid }) => `/interaction/${uid}` },
    async findAccount(_ctx, sub) {
      const person = people.get(sub);
      if (!person) return undefined;
      const { email, emailVerified: email_verified, name, groups } = person;
      return { accountId: sub, claims: async () => ({ sub, email, email_verified, name, groups }) as never };
    },
    async loadExistingGrant(ctx) {
      const { client, session, provider: own } = ctx.oidc;
      const grant = new own.Grant({ clientId: client?.clientId ?? '', accountId: session?.accountId ?? '' });
      grant.addOIDCScope('openid profile email');
      await grant.save();
      return grant;
    },
  });
  // Every client of a test server may be sent back to: its port is not known before.
  Object.defineProperty(provider.Client.prototype, 'redirectUriAllowed', {
    value: (uri: string) => redirectUris.includes(uri),
  });
  const answer = provider.callback();
  handle = async (req, res) => {
    const uid = /^\/interaction\/[\w-]+$/.exec(req.url ?? '');
    if (!uid) return answer(req, res);
    if (req.method !== 'POST') {
      res.setHeader('content-type', 'text/html; charset=utf-8');
      return res.end(
        '<!doctype html><title>Provider</title><form method="post"><label>Login <input name="login" autofocus></label><button>Continue</button></form>',
      );
    }
    let body = '';
    for await (const piece of req) body += piece;
    const login = new URLSearchParams(body).get('login') ?? '';
    const person = people.get(login);
    const result = person
      ? { login: { accountId: login, amr: [...(person.amr ?? ['pwd'])] } }
      : { error: 'access_denied', error_description: 'nobody of that name' };
    await provider.interactionFinished(req, res, result, { mergeWithLastSubmission: false });
  };
  return {
    issuer,
    people,
    env: {
      OIDC_ISSUER: issuer,
      OIDC_CLIENT_ID: clientId,
      OIDC_CLIENT_SECRET: clientSecret,
      OIDC_NAME: 'Okul Kimlik',
      OIDC_ROLES: 'teachers=teacher; reviewers=reviewer; heads=administrator+reviewer; cn=auditors,ou=groups=auditor',
    },
    allow: (serverUrl) => void redirectUris.push(`${serverUrl}/sign-in/callback`),
    async signOut(serverUrl, login) {
      const client = await provider.Client.find(clientId);
      if (!client) throw new Error('the provider does not know the client');
      Object.assign(client, { backchannelLogoutUri: `${serverUrl}/sign-in/backchannel-logout` });
      await (client.backchannelLogout as (sub: string, sid: string) => Promise<void>)(login, 'of every session');
    },
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A browser without a window: keeps cookies, and follows redirects one by one. */
export class Walker {
  readonly cookies = new Map<string, string>();
  /** Every address that it was sent to. */
  readonly visited: string[] = [];

  async fetch(url: string, options: RequestInit = {}): Promise<Response> {
    this.visited.push(url);
    const { host } = new URL(url);
    const own = [...this.cookies].filter(([key]) => key.startsWith(`${host} `));
    const cookie = own.map(([key, value]) => `${key.slice(host.length + 1)}=${value}`).join('; ');
    const headers = { 'accept-language': 'en', accept: 'text/html', ...(options.headers as object), cookie };
    const response = await fetch(url, { ...options, headers, redirect: 'manual' });
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value === '' || /max-age=0|expires=Thu, 01 Jan 1970/i.test(line)) this.cookies.delete(`${host} ${name}`);
      else this.cookies.set(`${host} ${name}`, value);
    }
    return response;
  }

  /** Follows redirects as long as there are, but not to an address that begins with `before`. */
  async follow(url: string, { before }: { before?: string } = {}): Promise<{ url: string; response: Response }> {
    let at = url;
    let response = await this.fetch(at);
    for (let hops = 0; hops < 15 && response.status >= 300 && response.status < 400; hops++) {
      at = new URL(response.headers.get('location') ?? '', at).href;
      if (before !== undefined && at.startsWith(before)) return { url: at, response };
      response = await this.fetch(at);
    }
    return { url: at, response };
  }

  /** Goes to the provider and signs in there; up to the address with which it comes back, which is not opened yet. */
  async toCallback(serverUrl: string, login: string, begin = '/sign-in/provider'): Promise<string> {
    const before = `${serverUrl}/sign-in/callback`;
    const { url, response } = await this.follow(serverUrl + begin, { before });
    if (url.startsWith(before)) return url;
    if (!url.includes('/interaction/'))
      throw new Error(`no sign-in at the provider: ${response.status} ${url} ${await response.text()}`);
    const posted = await this.fetch(url, {
      method: 'POST',
      body: new URLSearchParams({ login }),
    });
    const next = new URL(posted.headers.get('location') ?? '', url).href;
    const back = await this.follow(next, { before });
    if (!back.url.startsWith(before)) throw new Error(`did not come back: ${back.url} ${await back.response.text()}`);
    return back.url;
  }

  /** Signs in by the provider; the answer to the address with which the browser comes back. */
  async signIn(
    serverUrl: string,
    login: string,
    begin?: string,
  ): Promise<{ status: number; text: string; next: string | null }> {
    const response = await this.fetch(await this.toCallback(serverUrl, login, begin));
    const next = response.headers.get('refresh')?.replace(/^0; url=/, '') ?? null;
    return { status: response.status, text: await response.text(), next };
  }

  /** Drops the cookies of a site: another person sits down at the browser. */
  forget(url: string): void {
    for (const key of this.cookies.keys()) if (key.startsWith(`${new URL(url).host} `)) this.cookies.delete(key);
  }

  /** The cookies for a server, as a header. */
  headerFor(serverUrl: string): string {
    const { host } = new URL(serverUrl);
    const own = [...this.cookies].filter(([key]) => key.startsWith(`${host} `));
    return own.map(([key, value]) => `${key.slice(host.length + 1)}=${value}`).join('; ');
  }
}
