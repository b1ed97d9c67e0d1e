import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { isTagError } from './chunk-cipher.ts';
import { VaultCorrupt } from './errors.ts';

/**
 * How contacts of people lie in the database: a dump of it gives no way to reach a family. Layout
 * (docs/data-and-keys.md):
 *
 *   01 ‖ nonce (96 bits) ‖ AES-256-GCM ciphertext ‖ tag (128 bits)
 *
 * The id of the row is the associated data: the value of one row does not open in another.
 */

const version = 1;
const nonceBytes = 12;
const tagBytes = 16;
const ciphertextAt = 1 + nonceBytes;

/** Octets of the people key, from which both keys below are derived. */
export const peopleKeyBytes = 32;

/**
 * What the people key is good for: `lock` seals a contact or the evidence of a signature, `lookup` finds a contact again, and
 * `links` makes the tokens of personal links. Derived once for many.
 */
export interface ContactKeys {
  readonly lock: Uint8Array;
  readonly lookup: Uint8Array;
  readonly links: Uint8Array;
}

export function deriveContactKeys(peopleKey: Uint8Array): ContactKeys {
  if (peopleKey.length !== peopleKeyBytes) throw new RangeError(`people key of ${peopleKey.length} octets`);
  const derive = (info: string) => new Uint8Array(hkdfSync('sha256', peopleKey, new Uint8Array(), info, 32));
  return {
    lock: derive('emanet contact'),
    lookup: derive('emanet contact lookup'),
    links: derive('emanet signer link'),
  };
}

/** Never twice the same: the nonce is drawn again each time. */
export function lockContact({ lock }: ContactKeys, rowId: string, value: string): Buffer<ArrayBuffer> {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv('aes-256-gcm', lock, nonce, { authTagLength: tagBytes }).setAAD(Buffer.from(rowId));
  return Buffer.concat([Buffer.of(version), nonce, cipher.update(value, 'utf8'), cipher.final(), cipher.getAuthTag()]);
}

/** @throws VaultCorrupt `LOCK` when it is not what was locked for this row with that key. */
export function unlockContact({ lock }: ContactKeys, rowId: string, locked: Uint8Array): string {
  const bytes = Buffer.from(locked.buffer, locked.byteOffset, locked.length);
  if (bytes.length < ciphertextAt + tagBytes || bytes[0] !== version)
    throw new VaultCorrupt('LOCK', 'not a locked contact');
  const tagAt = bytes.length - tagBytes;
  const decipher = createDecipheriv('aes-256-gcm', lock, bytes.subarray(1, ciphertextAt), { authTagLength: tagBytes })
    .setAAD(Buffer.from(rowId))
    .setAuthTag(bytes.subarray(tagAt));
  try {
    return Buffer.concat([decipher.update(bytes.subarray(ciphertextAt, tagAt)), decipher.final()]).toString('utf8');
  } catch (cause) {
    if (isTagError(cause)) throw new VaultCorrupt('LOCK', 'the contact is not the one that was locked here', cause);
    throw cause;
  }
}

/** HMAC-SHA-256 by which an address is found again without being readable. `normalized` is of `domain/person.ts`. */
export function contactDigest({ lookup }: ContactKeys, kind: string, normalized: string): Buffer<ArrayBuffer> {
  return createHmac('sha256', lookup).update(`${kind}:${normalized}`).digest();
}

/** The token of a personal link: 128 bits (HMAC-SHA-256, cut; RFC 2104, section 5) in base64url (RFC 4648). */
export function linkToken({ links }: ContactKeys, linkId: string): string {
  return createHmac('sha256', links).update(linkId).digest().subarray(0, 16).toString('base64url');
}
