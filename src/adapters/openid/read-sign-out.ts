import { createHash } from 'node:crypto';
import { createRemoteJWKSet, customFetch, errors, type JWTPayload, jwtVerify } from 'jose';
import type * as openid from 'openid-client';
import { Refusal } from '../../domain/errors.ts';
import { NotBelieved, type SignedOut } from '../../pipeline/ports/sign-on.ts';
import { askProvider } from './ask-provider.ts';

const event = 'http://schemas.openid.net/event/backchannel-logout';
/** Signatures that only the provider can make. */
const algorithms = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
];
const ageSeconds = 5 * 60;
const skewSeconds = 60;

/** Reads logout tokens of a provider, by the keys that it publishes. OpenID Connect Back-Channel Logout 1.0, 2.6. */
export function createSignOutReader(clientId: string) {
  const readers = new Map<string, ReturnType<typeof createRemoteJWKSet>>();
  const keysOf = (url: string) => {
    const known = readers.get(url);
    if (known) return known;
    const keys = createRemoteJWKSet(new URL(url), { [customFetch]: askProvider });
    readers.set(url, keys);
    return keys;
  };
  return async (config: openid.Configuration, token: string): Promise<SignedOut> => {
    const { issuer, jwks_uri } = config.serverMetadata();
    if (jwks_uri === undefined) throw new NotBelieved('answer', 'the provider publishes no keys');
    let payload: JWTPayload;
    try {
      ({ payload } = await jwtVerify(token, keysOf(jwks_uri), {
        issuer,
        audience: clientId,
        algorithms,
        maxTokenAge: ageSeconds,
        clockTolerance: skewSeconds,
        requiredClaims: ['jti', 'iat', 'events'],
      }));
    } catch (cause) {
      const isToken = cause instanceof errors.JOSEError && !(cause instanceof errors.JWKSTimeout);
      if (isToken) throw new NotBelieved('answer', cause.code, { cause });
      throw new Refusal('PROVIDER_UNAVAILABLE', { cause });
    }
    const { sub, sid, jti, nonce, iat = 0, events } = payload;
    const isSignOut = typeof events === 'object' && events !== null && Object.hasOwn(events, event);
    if (!isSignOut || nonce !== undefined) throw new NotBelieved('answer', 'no logout token');
    const sessionId = typeof sid === 'string' ? sid : null;
    if (typeof jti !== 'string' || (sub === undefined && sessionId === null))
      throw new NotBelieved('answer', 'names nobody');
    return {
      issuer,
      subject: sub ?? null,
      sessionId,
      challengeDigest: createHash('sha256').update(`sign-out ${jti}`).digest('hex'),
      challengeEndsAt: new Date((iat + ageSeconds + 2 * skewSeconds) * 1000),
    };
  };
}
