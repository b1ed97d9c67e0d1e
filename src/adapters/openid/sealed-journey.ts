import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import type { SignOnPurpose } from '../../pipeline/ports/sign-on.ts';

/** What belongs to one journey to the provider and back. */
export interface Journey {
  readonly purpose: SignOnPurpose;
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
  readonly begunAt: number;
}

const ivOctets = 12;
const tagOctets = 16;
/** A browser keeps 4,096 octets of a cookie. */
const mostLetters = 3_500;

/**
 * Journeys are kept by the browser that makes them, under AES-256-GCM with a key made of AUTH_SECRET: strangers who begin
 * many of them store nothing here, and nobody else reads or makes one.
 */
export function createJourneySeal(authSecret: string) {
  const key = new Uint8Array(hkdfSync('sha256', authSecret, '', 'emanet journeys to the provider', 32));
  return {
    seal(journey: Journey): string {
      const iv = randomBytes(ivOctets);
      const cipher = createCipheriv('aes-256-gcm', key, iv);
      const body = Buffer.concat([cipher.update(JSON.stringify(journey), 'utf8'), cipher.final()]);
      return Buffer.concat([iv, body, cipher.getAuthTag()]).toString('base64url');
    },
    /** Null: it is not ours. */
    open(sealed: string): Journey | null {
      const octets = Buffer.from(sealed.slice(0, mostLetters), 'base64url');
      if (octets.length <= ivOctets + tagOctets) return null;
      const decipher = createDecipheriv('aes-256-gcm', key, octets.subarray(0, ivOctets), { authTagLength: tagOctets });
      decipher.setAuthTag(octets.subarray(-tagOctets));
      const begun = decipher.update(octets.subarray(ivOctets, -tagOctets));
      let rest: Buffer;
      try {
        rest = decipher.final();
      } catch {
        return null; // the tag does not fit
      }
      return JSON.parse(Buffer.concat([begun, rest]).toString('utf8'));
    },
  };
}
