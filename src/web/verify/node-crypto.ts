import { ed25519 } from '@noble/curves/ed25519.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { Buffer } from 'buffer/';

/**
 * What the verifier uses of `node:crypto`, for browsers: the bundler puts this file in its place. Web Crypto answers
 * later, and the verifier hashes in the middle of what it does. Only SHA-256 and checking Ed25519; nothing here signs.
 */
interface Key {
  readonly type: 'public';
  readonly asymmetricKeyType: 'ed25519';
  /** SubjectPublicKeyInfo, RFC 8410. */
  readonly spki: Uint8Array;
  export(): Uint8Array;
}

interface Hashing {
  update(octets: Uint8Array | string): Hashing;
  digest(): Buffer;
  digest(encoding: 'hex' | 'base64'): string;
}

export function createHash(algorithm: string): Hashing {
  onlySha256(algorithm);
  const state = sha256.create();
  const hashing: Hashing = {
    update(octets) {
      state.update(toOctets(octets));
      return hashing;
    },
    digest: ((encoding?: 'hex' | 'base64') => {
      const digest = Buffer.from(state.digest());
      return encoding === undefined ? digest : digest.toString(encoding);
    }) as Hashing['digest'],
  };
  return hashing;
}

/** Always octets: the verifier asks for nothing else. */
export function hash(algorithm: string, octets: Uint8Array | string): Buffer {
  onlySha256(algorithm);
  return Buffer.from(sha256(toOctets(octets)));
}

export function createPublicKey({ key }: { readonly key: Uint8Array }): Key {
  return { type: 'public', asymmetricKeyType: 'ed25519', spki: key, export: () => Buffer.from(key) };
}

const keyBytes = 32;

/** Strict, as RFC 8032 has it. */
export const verify = (_algorithm: null, octets: Uint8Array, { spki }: Key, signature: Uint8Array): boolean =>
  ed25519.verify(toOctets(signature), toOctets(octets), toOctets(spki).slice(-keyBytes), { zip215: false });

export function createPrivateKey(): never {
  throw new Error('nothing is signed in a browser');
}

export function sign(): never {
  throw new Error('nothing is signed in a browser');
}

function onlySha256(algorithm: string): void {
  if (algorithm !== 'sha256') throw new Error(`${algorithm} is not needed here`);
}

/** A plain array of octets, without the methods that `Buffer` adds. */
function toOctets(octets: Uint8Array | string): Uint8Array {
  if (typeof octets === 'string') return new TextEncoder().encode(octets);
  return new Uint8Array(octets.buffer, octets.byteOffset, octets.length);
}
