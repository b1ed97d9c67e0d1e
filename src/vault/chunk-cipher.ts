import {
  type CipherGCM,
  type CipherGCMTypes,
  createCipheriv,
  createDecipheriv,
  type DecipherGCM,
  hkdfSync,
} from 'node:crypto';

/** The chunked AEAD of a SEIPD version 2 packet. RFC 9580, 5.13.2. */
export interface Suite {
  readonly keyBits: 128 | 256;
  readonly mode: 'gcm' | 'ocb';
  /** Chunks hold 2^(`chunkOctet` + 6) plaintext octets; 0–16. */
  readonly chunkOctet: number;
}

/** 1 MiB chunks: a seek costs about a megabyte, and tags and calls are negligible. */
export const defaultChunkOctet = 14;

export const tagBytes = 16;
export const saltBytes = 32;

/**
 * Octets given to the cipher at once: small enough to stay in the processor's cache and for the allocator to have at
 * hand; a MiB is asked of the system and given back each time (docs/performance.md).
 */
export const sliceBytes = 2 ** 16;

/** The suite that the vault writes. Reading accepts this one with any chunk octet. */
export function vaultSuite(chunkOctet: number = defaultChunkOctet): Suite {
  return { keyBits: 256, mode: 'gcm', chunkOctet };
}

const cipherIds = { 128: 7, 256: 9 } as const;
const modeIds = { ocb: 2, gcm: 3 } as const;
const nonceBytes = { ocb: 15, gcm: 12 } as const;

/** Packet tag, version, cipher, mode and chunk octet: the HKDF info and the beginning of all associated data. */
export function suiteOctets(suite: Suite): Uint8Array {
  if (!Number.isInteger(suite.chunkOctet) || suite.chunkOctet < 0 || suite.chunkOctet > 16) {
    throw new RangeError(`chunk octet ${suite.chunkOctet} is outside 0–16`);
  }
  return Uint8Array.of(0xd2, 2, cipherIds[suite.keyBits], modeIds[suite.mode], suite.chunkOctet);
}

/** Sizes of a body that holds `plaintextBytes` octets: chunks with a tag each, then the final tag. */
export function bodyBytesOf(plaintextBytes: number, chunkOctet: number): number {
  return plaintextBytes + (Math.ceil(plaintextBytes / 2 ** (chunkOctet + 6)) + 1) * tagBytes;
}

/**
 * The message key and nonce prefix of one body. Copies its part of the session key, which the caller may destroy at
 * once. `destroy` overwrites the copies that this object holds.
 */
export class ChunkCipher {
  readonly chunkBytes: number;
  readonly #name: CipherGCMTypes;
  readonly #head: Uint8Array;
  readonly #key: Buffer;
  readonly #noncePrefix: Buffer;

  constructor(suite: Suite, sessionKey: Uint8Array, salt: Uint8Array) {
    const keyBytes = suite.keyBits / 8;
    if (sessionKey.length !== keyBytes) throw new RangeError(`session key of ${sessionKey.length} octets`);
    if (salt.length !== saltBytes) throw new RangeError(`salt of ${salt.length} octets`);
    this.#head = suiteOctets(suite);
    // Node types OCB apart from GCM; the calls made here are the same for both.
    this.#name = `aes-${suite.keyBits}-${suite.mode}` as CipherGCMTypes;
    this.chunkBytes = 2 ** (suite.chunkOctet + 6);
    const prefixBytes = nonceBytes[suite.mode] - 8;
    const derived = Buffer.from(hkdfSync('sha256', sessionKey, salt, this.#head, keyBytes + prefixBytes));
    this.#key = derived.subarray(0, keyBytes);
    this.#noncePrefix = derived.subarray(keyBytes);
  }

  /** A cipher for chunk `index`. The caller asks once for every index, and for no other. */
  sealer(index: number): CipherGCM {
    return this.#cipher(index);
  }

  /** The tag that ends a body of `chunks` chunks and `plaintextBytes` octets. */
  finalTag(chunks: number, plaintextBytes: number): Buffer {
    const cipher = this.#cipher(chunks, plaintextBytes);
    cipher.final();
    return cipher.getAuthTag();
  }

  /** A decipher for chunk `index`. Nothing it returns may be released before `final()` accepted the tag. */
  opener(index: number): DecipherGCM {
    return this.#decipher(index);
  }

  /** True when `tag` authenticates a body of `chunks` chunks and `plaintextBytes` octets. */
  isFinalTag(tag: Uint8Array, chunks: number, plaintextBytes: number): boolean {
    const decipher = this.#decipher(chunks, plaintextBytes);
    decipher.setAuthTag(tag);
    try {
      decipher.final();
      return true;
    } catch (error) {
      if (isTagError(error)) return false;
      throw error;
    }
  }

  destroy(): void {
    this.#key.fill(0);
    this.#noncePrefix.fill(0);
  }

  #cipher(index: number, total?: number): CipherGCM {
    const cipher = createCipheriv(this.#name, this.#key, this.#nonce(index), { authTagLength: tagBytes });
    cipher.setAAD(this.#associatedData(total));
    return cipher;
  }

  #decipher(index: number, total?: number): DecipherGCM {
    const decipher = createDecipheriv(this.#name, this.#key, this.#nonce(index), { authTagLength: tagBytes });
    decipher.setAAD(this.#associatedData(total));
    return decipher;
  }

  #nonce(index: number): Buffer {
    const nonce = Buffer.alloc(this.#noncePrefix.length + 8);
    nonce.set(this.#noncePrefix);
    nonce.writeBigUInt64BE(BigInt(index), this.#noncePrefix.length);
    return nonce;
  }

  #associatedData(total: number | undefined): Uint8Array {
    if (total === undefined) return this.#head;
    const data = Buffer.alloc(this.#head.length + 8);
    data.set(this.#head);
    data.writeBigUInt64BE(BigInt(total), this.#head.length);
    return data;
  }
}

/**
 * Encrypts one chunk while its plaintext arrives. Starts with its first octet: an index that is not used costs nothing.
 */
export class ChunkSealer {
  readonly #cipher: ChunkCipher;
  readonly #index: number;
  readonly #pieces: Uint8Array<ArrayBuffer>[] = [];
  #sealer: CipherGCM | null = null;
  #bytes = 0;

  constructor(cipher: ChunkCipher, index: number) {
    this.#cipher = cipher;
    this.#index = index;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get room(): number {
    return this.#cipher.chunkBytes - this.#bytes;
  }

  /** At most `room` octets. */
  add(plaintext: Uint8Array): void {
    this.#sealer ??= this.#cipher.sealer(this.#index);
    this.#bytes += plaintext.length;
    this.#pieces.push(this.#sealer.update(plaintext) as Uint8Array<ArrayBuffer>);
  }

  /** The ciphertext and, last, the tag. */
  end(): Uint8Array<ArrayBuffer>[] {
    this.#sealer ??= this.#cipher.sealer(this.#index);
    // OCB keeps its last partial block for `final()`; for GCM that part is empty.
    const rest = this.#sealer.final() as Uint8Array<ArrayBuffer>;
    if (rest.length > 0) this.#pieces.push(rest);
    this.#pieces.push(this.#sealer.getAuthTag() as Uint8Array<ArrayBuffer>);
    return this.#pieces;
  }
}

export type SealedPieces = Uint8Array<ArrayBuffer>[];

/**
 * Encrypts the octets of a packet while they arrive, chunk by chunk: every index is used once, in order. Copies nothing.
 */
export class ChunkWriter {
  readonly #cipher: ChunkCipher;
  #chunk: ChunkSealer;
  #ended = 0;

  constructor(cipher: ChunkCipher) {
    this.#cipher = cipher;
    this.#chunk = new ChunkSealer(cipher, 0);
  }

  /** Chunks that were ended. */
  get chunks(): number {
    return this.#ended;
  }

  /** Octets taken so far. */
  get plaintextBytes(): number {
    return this.#ended * this.#cipher.chunkBytes + this.#chunk.bytes;
  }

  /** Yields the chunks that became full, each with its tag. */
  *add(octets: Uint8Array): Generator<SealedPieces> {
    for (let rest = octets; rest.length > 0; ) {
      const run = rest.subarray(0, Math.min(sliceBytes, this.#chunk.room));
      this.#chunk.add(run);
      rest = rest.subarray(run.length);
      if (this.#chunk.room === 0) yield this.#endChunk();
    }
  }

  /** Ends the chunk that is not full, if it was begun: its index is used up, and nothing may be added any more. */
  rest(): SealedPieces | null {
    return this.#chunk.bytes > 0 ? this.#endChunk() : null;
  }

  /** The tag that ends the body. After `rest`. */
  finalTag(plaintextBytes: number): SealedPieces {
    return [this.#cipher.finalTag(this.#ended, plaintextBytes) as Uint8Array<ArrayBuffer>];
  }

  #endChunk(): SealedPieces {
    const pieces = this.#chunk.end();
    this.#ended += 1;
    this.#chunk = new ChunkSealer(this.#cipher, this.#ended);
    return pieces;
  }
}

/** Node has no code for this failure: only the message identifies it. */
export function isTagError(error: unknown): boolean {
  return error instanceof Error && /unable to authenticate data/i.test(error.message);
}
