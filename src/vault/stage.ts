import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { isTagError, sliceBytes, tagBytes } from './chunk-cipher.ts';
import { VaultCorrupt } from './errors.ts';

/**
 * Staged parts of an upload that is not sealed yet. Every part has a key of its own, HKDF-SHA256(upload key, fresh
 * random salt), so that each key meets nonce 0 once, whatever is retried, by any process, after any crash or restored
 * backup (docs/vault-format.md, Staging).
 */

/**
 * The place of a part. It is authenticated with the part, so that parts cannot be moved, neither within an upload nor
 * between two.
 */
export interface PartPlace {
  readonly uploadId: string;
  /** Offset of the part's first byte in the file. */
  readonly start: number;
}

export const uploadKeyBytes = 32;

/** Maximum size of a staged object. One crash costs at most this and the bytes on the way. */
export const stagedPartBytes = 4 * 2 ** 20;

/** Encrypts one part while its pieces arrive. Used once: the salt is drawn here and unknown before. */
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

  /** Ciphertext and tag. The ciphertext has the size of the plaintext. */
  end(): { pieces: readonly Uint8Array[]; tag: Uint8Array } {
    this.#pieces.push(this.#cipher.final());
    return { pieces: this.#pieces, tag: this.#cipher.getAuthTag() };
  }
}

/**
 * The plaintext of a part, in slices of 64 KiB that share their memory with nothing: whoever is done with one can free it.
 * @throws VaultCorrupt `CHUNK_TAG`: a part that is not authentic in this place is not released, nor is any byte of it.
 */
export function openPart(
  uploadKey: Uint8Array,
  place: PartPlace,
  part: { readonly salt: Uint8Array; readonly tag: Uint8Array; readonly ciphertext: Uint8Array },
): Buffer[] {
  // GCM would accept a shorter tag, and four octets can be guessed.
  if (part.tag.length !== tagBytes)
    throw new VaultCorrupt('CHUNK_TAG', `the staged part at ${place.start} has a tag of ${part.tag.length} octets`);
  const decipher = createDecipheriv('aes-256-gcm', partKey(uploadKey, part.salt), zeroNonce, {
    authTagLength: tagBytes,
  });
  decipher.setAAD(octetsOf(place));
  decipher.setAuthTag(part.tag);
  const slices: Buffer[] = [];
  for (let at = 0; at < part.ciphertext.length; at += sliceBytes)
    slices.push(decipher.update(part.ciphertext.subarray(at, at + sliceBytes)));
  try {
    decipher.final();
    return slices;
  } catch (cause) {
    for (const slice of slices) slice.fill(0);
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
