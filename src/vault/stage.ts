import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { isTagError, tagBytes } from './chunk-cipher.ts';
import { VaultCorrupt } from './errors.ts';

/**
 * Staged parts of an upload that is not sealed yet. Every part has a key of its own, HKDF-SHA256(upload key, fresh random
 * salt), so that nonce 0 is met once per key whatever is tried again, by whomever, after whichever crash or restored
 * backup (docs/vault-format.md, Staging).
 */

/** Where a part belongs: authenticated with it, so that parts cannot be moved, not within an upload nor between two. */
export interface PartPlace {
  readonly uploadId: string;
  /** Offset of the part's first byte in the file. */
  readonly start: number;
}

export const uploadKeyBytes = 32;

/** The most that one staged object holds; what one crash can cost is this, and what was on the way. */
export const stagedPartBytes = 4 * 2 ** 20;

/** Encrypts one part while its pieces arrive. Used once: the salt is drawn here and known to nobody before. */
export class PartSealer {
  readonly salt = randomBytes(32);
  readonly #cipher;
  #pieces: Uint8Array[] = [];
  #bytes = 0;

  constructor(uploadKey: Uint8Array, place: PartPlace) {
    this.#cipher = createCipheriv('aes-256-gcm', partKey(uploadKey, this.salt), zeroNonce, { authTagLength: tagBytes });
    this.#cipher.setAAD(octetsOf(place));
  }

  get bytes(): number {
    return this.#bytes;
  }

  add(plaintext: Uint8Array): void {
    this.#pieces.push(this.#cipher.update(plaintext));
    this.#bytes += plaintext.length;
  }

  /** Ciphertext and tag. Size of the ciphertext is that of the plaintext. */
  end(): { pieces: readonly Uint8Array[]; tag: Uint8Array } {
    this.#pieces.push(this.#cipher.final());
    return { pieces: this.#pieces, tag: this.#cipher.getAuthTag() };
  }
}

/** @throws VaultCorrupt `CHUNK_TAG`: of a part that is not authentic in this place nothing is released. */
export function openPart(
  uploadKey: Uint8Array,
  place: PartPlace,
  part: { readonly salt: Uint8Array; readonly tag: Uint8Array; readonly ciphertext: Uint8Array },
): Buffer {
  // GCM would take a shorter tag for what it is, and four octets can be guessed.
  if (part.tag.length !== tagBytes)
    throw new VaultCorrupt('CHUNK_TAG', `the staged part at ${place.start} has a tag of ${part.tag.length} octets`);
  const decipher = createDecipheriv('aes-256-gcm', partKey(uploadKey, part.salt), zeroNonce, {
    authTagLength: tagBytes,
  });
  decipher.setAAD(octetsOf(place));
  decipher.setAuthTag(part.tag);
  const plaintext = decipher.update(part.ciphertext);
  try {
    decipher.final();
    return plaintext;
  } catch (cause) {
    plaintext.fill(0);
    if (isTagError(cause))
      throw new VaultCorrupt('CHUNK_TAG', `the staged part at ${place.start} is not authentic`, cause);
    throw cause;
  }
}

const zeroNonce = new Uint8Array(12);

function partKey(uploadKey: Uint8Array, salt: Uint8Array): Uint8Array {
  if (uploadKey.length !== uploadKeyBytes) throw new RangeError(`upload key of ${uploadKey.length} octets`);
  return new Uint8Array(hkdfSync('sha256', uploadKey, salt, 'emanet staged part', 32));
}

function octetsOf({ uploadId, start }: PartPlace): Uint8Array {
  return Buffer.from(`${uploadId}:${start}`, 'latin1');
}
