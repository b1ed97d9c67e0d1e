import { createHash, createHmac, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto';
import {
  generateAuthenticationOptions,
  generateRegistrationOptions,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from '@simplewebauthn/server';
import type { PasskeyAnswer, Passkeys } from '../../pipeline/ports/credentials.ts';

const nonceOctets = 16;
const timeOctets = 8;
const macOctets = 32;
const challengeMs = 5 * 60_000;
/** COSE: EdDSA, ES256, RS256; every authenticator has one of them. */
const algorithms = [-8, -7, -257];

/**
 * Passkeys (W3C WebAuthn, level 3) of this site alone, with user verification always: a passkey is both factors in one.
 * A challenge vouches for itself: it holds its purpose and its end, under a key made of AUTH_SECRET. So the challenges
 * that strangers ask for store nothing. The caller ensures, by `challengeDigest`, that one is answered only once.
 */
export function createPasskeys({ baseUrl, authSecret }: { baseUrl: () => string; authSecret: string }): Passkeys {
  const key = new Uint8Array(hkdfSync('sha256', authSecret, '', 'emanet passkey challenges', 32));
  const site = () => ({ origin: new URL(baseUrl()).origin, id: new URL(baseUrl()).hostname });
  const macOf = (purpose: string, head: Uint8Array) => createHmac('sha256', key).update(head).update(purpose).digest();
  const challengeFor = (purpose: string, at: Date): Uint8Array<ArrayBuffer> => {
    const head = Buffer.alloc(nonceOctets + timeOctets);
    randomBytes(nonceOctets).copy(head);
    head.writeBigUInt64BE(BigInt(at.getTime() + challengeMs), nonceOctets);
    return Uint8Array.from(Buffer.concat([head, macOf(purpose, head)]));
  };
  const isOurs = (challenge: string, purpose: string, at: Date): boolean => {
    const octets = Buffer.from(challenge, 'base64url');
    if (octets.length !== nonceOctets + timeOctets + macOctets) return false;
    const head = octets.subarray(0, nonceOctets + timeOctets);
    if (!timingSafeEqual(macOf(purpose, head), octets.subarray(head.length))) return false;
    return head.readBigUInt64BE(nonceOctets) > BigInt(at.getTime());
  };

  return {
    async registrationOptions(person, existing, at) {
      return generateRegistrationOptions({
        rpName: 'Emanet',
        rpID: site().id,
        userName: person.email,
        userDisplayName: person.name,
        userID: Uint8Array.from(Buffer.from(person.id)),
        challenge: challengeFor(`register ${person.id}`, at),
        timeout: challengeMs,
        attestationType: 'none',
        supportedAlgorithmIDs: algorithms,
        excludeCredentials: existing.map((id) => ({ id })),
        authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
      });
    },
    async verifyRegistration(answer, personId, at) {
      const found = await orNull(() =>
        verifyRegistrationResponse({
          response: answer as Parameters<typeof verifyRegistrationResponse>[0]['response'],
          expectedChallenge: (challenge) => isOurs(challenge, `register ${personId}`, at),
          expectedOrigin: site().origin,
          expectedRPID: site().id,
          requireUserVerification: true,
          supportedAlgorithmIDs: algorithms,
        }),
      );
      if (!found?.verified) return null;
      const { id, publicKey, counter } = found.registrationInfo.credential;
      return { id, publicKey: Uint8Array.from(publicKey), counter, ...challengeOf(answer) };
    },
    async signInOptions(at) {
      return generateAuthenticationOptions({
        rpID: site().id,
        challenge: challengeFor('sign in', at),
        timeout: challengeMs,
        userVerification: 'required',
      });
    },
    async verifySignIn(answer, kept, at) {
      const found = await orNull(() =>
        verifyAuthenticationResponse({
          response: answer as Parameters<typeof verifyAuthenticationResponse>[0]['response'],
          expectedChallenge: (challenge) => isOurs(challenge, 'sign in', at),
          expectedOrigin: site().origin,
          expectedRPID: site().id,
          credential: { id: kept.id, publicKey: Uint8Array.from(kept.publicKey), counter: kept.counter },
          requireUserVerification: true,
        }),
      );
      if (!found?.verified) return null;
      return { counter: found.authenticationInfo.newCounter, ...challengeOf(answer) };
    },
  };
}

/** The library throws for every answer that it does not believe. Each means "no", whatever its words. */
async function orNull<T>(verify: () => Promise<T>): Promise<T | null> {
  try {
    return await verify();
  } catch (error) {
    if (error instanceof Error) return null;
    throw error;
  }
}

function challengeOf(answer: PasskeyAnswer): { challengeDigest: string; challengeEndsAt: Date } {
  const { challenge } = JSON.parse(Buffer.from(answer.response.clientDataJSON, 'base64url').toString('utf8'));
  const octets = Buffer.from(challenge, 'base64url');
  return {
    challengeDigest: createHash('sha256').update(octets).digest('hex'),
    challengeEndsAt: new Date(Number(octets.readBigUInt64BE(nonceOctets))),
  };
}
