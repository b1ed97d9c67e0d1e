import { generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What an ID token of the provider is made of. */
export interface Forgery {
  header?: object;
  claims?: Record<string, unknown>;
  /** Signs with a key that the provider does not publish. */
  foreignKey?: boolean;
  /** Leaves the signature out. */
  unsigned?: boolean;
  /** What the token endpoint answers in place of tokens. */
  answer?: { status: number; body: string; after?: Promise<void> };
}

/** A provider that says whatever a test wants it to: what a real one never does. */
export async function startForgingProvider() {
  const [own, foreign] = [0, 1].map(() => generateKeyPairSync('rsa', { modulusLength: 2048 }));
  let forgery: Forgery = {};
  let nonce = '';
  let issuer = '';
  const now = () => Math.floor(Date.now() / 1000);
  const tokenOf = (): string => {
    const said = { iss: issuer, sub: 'mallory', aud: 'emanet', nonce, iat: now(), exp: now() + 60, amr: ['mfa'] };
    const more = { groups: ['heads'], email: 'mallory@school.example', email_verified: true };
    return signed({ ...said, ...more, sid: 'session-1', ...forgery.claims }, forgery);
  };
  const signed = (claims: object, forged: Forgery): string => {
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const head = part({ alg: 'RS256', kid: 'own', ...forged.header });
    const text = `${head}.${part(claims)}`;
    if (forged.unsigned) return `${text}.`;
    const { privateKey } = forged.foreignKey ? foreign! : own!;
    return `${text}.${sign('sha256', Buffer.from(text), privateKey).toString('base64url')}`;
  };
  const server = createServer(async (req, res) => {
    const json = (value: object) => {
      res.setHeader('content-type', 'application/json');
      res.end(JSON.stringify(value));
    };
    if (req.url === '/.well-known/openid-configuration')
      return json({
        issuer,
        authorization_endpoint: `${issuer}/auth`,
        token_endpoint: `${issuer}/token`,
        jwks_uri: `${issuer}/jwks`,
        response_types_supported: ['code'],
        subject_types_supported: ['public'],
        id_token_signing_alg_values_supported: ['RS256', 'none'],
        authorization_response_iss_parameter_supported: true,
      });
    if (req.url === '/jwks')
      return json({ keys: [{ ...own!.publicKey.export({ format: 'jwk' }), kid: 'own', use: 'sig' }] });
    if (req.url !== '/token') return res.end();
    req.resume();
    if (forgery.answer) {
      await forgery.answer.after;
      res.writeHead(forgery.answer.status, { 'content-type': 'application/json' });
      return res.end(forgery.answer.body);
    }
    json({ access_token: 'a', token_type: 'Bearer', expires_in: 60, id_token: tokenOf() });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    issuer,
    /** What its next token says, in answer to a journey that went to this address. */
    forge(next: Forgery, authorizationUrl: string) {
      forgery = next;
      nonce = new URL(authorizationUrl).searchParams.get('nonce') ?? '';
    },
    /** A logout token. */
    signOut(forged: Forgery): string {
      const events = { 'http://schemas.openid.net/event/backchannel-logout': {} };
      const said = {
        iss: issuer,
        sub: 'mallory',
        aud: 'emanet',
        iat: now(),
        exp: now() + 60,
        jti: randomUUID(),
        events,
      };
      return signed({ ...said, ...forged.claims }, forged);
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
