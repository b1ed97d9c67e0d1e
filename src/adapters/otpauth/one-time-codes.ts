import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { Secret, TOTP } from 'otpauth';
import type { OneTimeCodes } from '../../pipeline/ports/credentials.ts';

const stepSeconds = 30;
/** Tolerated error of a telephone's clock. */
const toleranceMs = 10_000;
const secretOctets = 20;
const nonceOctets = 12;
const tagOctets = 16;

/** One-time codes of an authenticator app: RFC 6238 with SHA-1, six digits, 30 seconds, which every app knows. */
export function createOneTimeCodes(authSecret: string): OneTimeCodes {
  const key = new Uint8Array(hkdfSync('sha256', authSecret, '', 'emanet authenticator secrets', 32));
  return {
    begin(label) {
      const secret = randomBytes(secretOctets);
      const uri = totpOf(secret, label).toString();
      return { sealed: seal(key, secret), uri };
    },
    findStep(sealed, code, at) {
      const totp = totpOf(open(key, sealed));
      const steps = [-toleranceMs, 0, toleranceMs].map((ms) => Math.floor((at.getTime() + ms) / (stepSeconds * 1000)));
      const step = [...new Set(steps)].find(
        (one) => totp.validate({ token: code, timestamp: one * stepSeconds * 1000, window: 0 }) === 0,
      );
      return step === undefined ? null : BigInt(step);
    },
  };
}

function totpOf(secret: Uint8Array, label = ''): TOTP {
  return new TOTP({
    issuer: 'Emanet',
    label,
    algorithm: 'SHA1',
    digits: 6,
    period: stepSeconds,
    secret: new Secret({ buffer: Uint8Array.from(secret).buffer }),
  });
}

/** AES-256-GCM under a fresh nonce: nonce, ciphertext, tag. */
function seal(key: Uint8Array, secret: Uint8Array): Uint8Array<ArrayBuffer> {
  const nonce = randomBytes(nonceOctets);
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: tagOctets });
  return Uint8Array.from(Buffer.concat([nonce, cipher.update(secret), cipher.final(), cipher.getAuthTag()]));
}

/** @throws Error for bytes that were not sealed with this key: AUTH_SECRET has changed, or the row was altered. */
function open(key: Uint8Array, sealed: Uint8Array): Uint8Array {
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, nonceOctets), { authTagLength: tagOctets });
  decipher.setAuthTag(sealed.subarray(sealed.length - tagOctets));
  return Buffer.concat([decipher.update(sealed.subarray(nonceOctets, sealed.length - tagOctets)), decipher.final()]);
}
