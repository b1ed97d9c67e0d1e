import { hkdfSync, randomBytes } from 'node:crypto';
import {
  bodyBytesOf,
  ChunkCipher,
  ChunkWriter,
  isTagError,
  type SealedPieces,
  saltBytes,
  sliceBytes,
  tagBytes,
  vaultSuite,
} from './chunk-cipher.ts';
import { MediaRooms } from './count-media.ts';
import { type Digest, digestHere, digestOnThread } from './digest-thread.ts';
import { wrapSessionKey } from './envelope.ts';
import { LengthMismatch, VaultCorrupt } from './errors.ts';
import type { RecipientKey } from './keyring.ts';
import { type LiteralWriter, writeDeclared } from './literal-writer.ts';
import { takeMedia } from './open-chunk.ts';
import { chooseFraming, LiteralLayout } from './packet.ts';
import { isLargeSealing, keyCommitment, recordOf, type Sealed } from './seal.ts';
import { uploadKeyBytes } from './stage.ts';

/**
 * A body that is staged while it is sealed (docs/vault-format.md, Staging). One run of bytes, from the first one on and
 * over one connection, becomes chunks of a body under a session key drawn for this run: HKDF-SHA256(upload key, fresh
 * random salt). If the run brings the whole file, its parts in a row are the sealed body. If it breaks off, they are only
 * read any more: nothing is ever encrypted again with the key of a run that is over.
 */

/** Chunks of a part: just over the 5 MiB that S3 wants of the parts of an object. A kill costs at most two of them. */
export const bodyPartChunks = 5;

/** A run of chunks, to be staged as one object. */
export interface BodyPart {
  /** Offset of its first byte of media, and how many bytes of media it holds. */
  readonly start: number;
  readonly bytes: number;
  /** Index of its first chunk. */
  readonly chunk: number;
  /** The last tag in it, by which its row names the object. */
  readonly tag: Uint8Array;
  /** Ciphertext, once it is counted into the digest of the body. */
  readonly pieces: Promise<readonly Uint8Array[]>;
}

export interface BodyRun {
  readonly uploadKey: Uint8Array;
  /** Size of the whole file. */
  readonly mediaBytes: number;
  readonly chunkOctet: number;
  readonly partChunks: number;
}

/** Digests of a body that arrived in one run; lower-case hex. */
export interface BodyDigests {
  readonly bodySha256: string;
  readonly mediaSha256: string;
}

/** Seals one run while its bytes arrive. Used once: the salt is drawn here and unknown before. */
export class BodyStager {
  readonly salt = randomBytes(saltBytes);
  readonly #layout: LiteralLayout;
  readonly #literal: LiteralWriter;
  readonly #cipher: ChunkCipher;
  readonly #partChunks: number;
  readonly #bodyDigest: Digest;
  readonly #mediaDigest: Digest;
  readonly #rooms: MediaRooms;
  readonly #chunks: ChunkWriter;
  #received = 0;
  #part: { start: number; chunk: number; tag: Uint8Array; counted: Promise<readonly Uint8Array[]>[] } | null = null;
  #partEnd = 0;

  constructor({ uploadKey, mediaBytes, chunkOctet, partChunks }: BodyRun) {
    this.#layout = new LiteralLayout(mediaBytes, chooseFraming(mediaBytes));
    this.#literal = writeDeclared(this.#layout);
    const sessionKey = sessionKeyOf(uploadKey, this.salt);
    this.#cipher = new ChunkCipher(vaultSuite(chunkOctet), sessionKey, this.salt);
    sessionKey.fill(0);
    this.#partChunks = partChunks;
    const isLarge = isLargeSealing(chunkOctet, mediaBytes);
    this.#bodyDigest = isLarge ? digestOnThread('body') : digestHere();
    this.#mediaDigest = isLarge ? digestOnThread('media') : digestHere();
    this.#rooms = new MediaRooms(mediaBytes, this.#mediaDigest);
    this.#chunks = new ChunkWriter(this.#cipher);
  }

  /** Takes bytes of media and yields the parts that became full. @throws LengthMismatch at a byte too many. */
  async *add(piece: Uint8Array): AsyncGenerator<BodyPart> {
    this.#received += piece.length;
    if (this.#received > this.#layout.mediaBytes) throw new LengthMismatch(this.#layout.mediaBytes, this.#received);
    for (let rest = piece; rest.length > 0; ) {
      rest = rest.subarray(this.#rooms.take(rest));
      const slice = this.#rooms.fullSlice();
      if (slice === null) continue;
      yield* this.#encrypt(slice);
      await this.#rooms.turn();
    }
  }

  /**
   * Ends the run: what it still holds becomes a last part, also when bytes are missing. `digests` are those of the whole
   * body, or null when it is not whole.
   */
  async end(): Promise<{ parts: readonly BodyPart[]; digests: Promise<BodyDigests> | null }> {
    const parts: BodyPart[] = [];
    const slice = this.#rooms.rest();
    if (slice !== null) parts.push(...this.#encrypt(slice));
    const isWhole = this.#received === this.#layout.mediaBytes;
    if (isWhole) for (const octets of this.#literal.end()) parts.push(...this.#encryptOctets(octets));
    const { plaintextBytes } = this.#chunks;
    const rest = this.#chunks.rest();
    if (rest !== null) this.#gather(rest);
    if (isWhole) this.#gather(this.#chunks.finalTag(plaintextBytes));
    const last = this.#takePart(plaintextBytes);
    if (last !== null) parts.push(last);
    await this.#rooms.end();
    const digests = isWhole
      ? Promise.all([this.#bodyDigest.hex(), this.#mediaDigest.hex()]).then(([bodySha256, mediaSha256]) => ({
          bodySha256,
          mediaSha256,
        }))
      : null;
    digests?.catch(() => {}); // met by whoever takes them
    return { parts, digests };
  }

  /** Ends the run in any case, and overwrites what it held. */
  drop(): void {
    this.#bodyDigest.drop();
    this.#mediaDigest.drop();
    this.#rooms.wipe();
    this.#literal.wipe();
    this.#cipher.destroy();
  }

  *#encrypt(media: Uint8Array): Generator<BodyPart> {
    for (const octets of this.#literal.write(media)) yield* this.#encryptOctets(octets);
  }

  *#encryptOctets(octets: Uint8Array): Generator<BodyPart> {
    for (const pieces of this.#chunks.add(octets)) {
      this.#gather(pieces);
      const { chunks } = this.#chunks;
      const plainEnd = chunks * this.#cipher.chunkBytes;
      // The final tag goes with the last chunk.
      if (!this.#part || chunks - this.#part.chunk < this.#partChunks || plainEnd >= this.#layout.plaintextBytes)
        continue;
      const part = this.#takePart(plainEnd);
      if (part !== null) yield part;
    }
  }

  #gather(pieces: SealedPieces): void {
    this.#part ??= { start: this.#partEnd, chunk: this.#chunks.chunks - 1, tag: new Uint8Array(0), counted: [] };
    // A copy: the pieces go to another thread.
    this.#part.tag = Uint8Array.from(pieces.at(-1) ?? []);
    const counted = this.#bodyDigest.add(...pieces);
    counted.catch(() => {}); // met when the part is written
    this.#part.counted.push(counted);
  }

  #takePart(plainEnd: number): BodyPart | null {
    if (this.#part === null) return null;
    const { start, chunk, tag, counted } = this.#part;
    this.#part = null;
    this.#partEnd = this.#layout.mediaBefore(plainEnd);
    const pieces = Promise.all(counted).then((all) => all.flat());
    pieces.catch(() => {}); // met when the part is written
    return { start, bytes: this.#partEnd - start, chunk, tag, pieces };
  }
}

/** The place of a staged part of a body, as its row has it. */
export interface StagedBodyPart {
  readonly start: number;
  readonly bytes: number;
  readonly chunk: number;
  readonly chunkOctet: number;
  readonly salt: Uint8Array;
  readonly tag: Uint8Array;
}

/** The most octets that a part with so many bytes of media has: their chunks, tags and the literal packet's own octets. */
export function mostStoredBytes(mediaBytes: number, chunkOctet: number): number {
  const plaintextBytes = mediaBytes + framingBytesAtMost;
  return bodyBytesOf(plaintextBytes, chunkOctet) + tagBytes;
}
/** The head of the packet, and an octet or five for each of the few lengths that a part can hold. */
const framingBytesAtMost = 64;

/**
 * The media of a staged part of a body, in slices.
 * @throws VaultCorrupt `CHUNK_TAG`, `FRAMING`, `LENGTH`: not one byte of a part that is not authentic is released.
 */
export function openBodyPart(
  uploadKey: Uint8Array,
  mediaBytes: number,
  part: StagedBodyPart,
  ciphertext: Uint8Array,
): Uint8Array[] {
  const sessionKey = sessionKeyOf(uploadKey, part.salt);
  const cipher = new ChunkCipher(vaultSuite(part.chunkOctet), sessionKey, part.salt);
  sessionKey.fill(0);
  const plaintext: Buffer[] = [];
  try {
    if (Buffer.compare(ciphertext.subarray(-tagBytes), part.tag) !== 0)
      throw new VaultCorrupt('CHUNK_TAG', `the staged part at ${part.start} is another one`);
    const layout = new LiteralLayout(mediaBytes, chooseFraming(mediaBytes));
    let rest = ciphertext;
    // What is left behind the last chunk is the final tag, which counts when the body is whole.
    for (let index = part.chunk; rest.length > tagBytes; index++) {
      const wholeBytes = Math.min(cipher.chunkBytes, layout.plaintextBytes - index * cipher.chunkBytes);
      const sealed = rest.subarray(0, Math.min(wholeBytes, rest.length - tagBytes));
      if (sealed.length === 0) throw new VaultCorrupt('LENGTH', `the staged part at ${part.start} is too long`);
      const decipher = cipher.opener(index);
      for (let at = 0; at < sealed.length; at += sliceBytes)
        plaintext.push(decipher.update(sealed.subarray(at, at + sliceBytes)));
      decipher.setAuthTag(rest.subarray(sealed.length, sealed.length + tagBytes));
      plaintext.push(decipher.final());
      rest = rest.subarray(sealed.length + tagBytes);
    }
    const media = takeMedia(layout, part.chunk * cipher.chunkBytes, plaintext);
    const bytes = media.reduce((sum, one) => sum + one.bytes.length, 0);
    if (bytes !== part.bytes || (media[0] && media[0].start !== part.start))
      throw new VaultCorrupt('LENGTH', `the staged part at ${part.start} holds ${bytes} of ${part.bytes} bytes`);
    return media.map((one) => one.bytes);
  } catch (cause) {
    for (const piece of plaintext) piece.fill(0);
    if (isTagError(cause))
      throw new VaultCorrupt('CHUNK_TAG', `the staged part at ${part.start} is not authentic`, cause);
    throw cause;
  } finally {
    cipher.destroy();
  }
}

/** The record of a body that arrived in one run: its session key in an envelope for these recipients. */
export async function sealedInOneRun(
  run: { uploadKey: Uint8Array; salt: Uint8Array; chunkOctet: number; mediaBytes: number } & BodyDigests,
  recipients: readonly RecipientKey[],
): Promise<Sealed> {
  const { salt, chunkOctet, mediaBytes, bodySha256, mediaSha256 } = run;
  const framing = chooseFraming(mediaBytes);
  const bodyBytes = bodyBytesOf(new LiteralLayout(mediaBytes, framing).plaintextBytes, chunkOctet);
  const sessionKey = sessionKeyOf(run.uploadKey, salt);
  try {
    const wrappedKeys = await wrapSessionKey(sessionKey, recipients);
    const commitment = keyCommitment(sessionKey);
    return recordOf(wrappedKeys, {
      ...{ salt, chunkOctet, framing, bodyBytes },
      ...{ bodySha256, mediaBytes, mediaSha256, commitment },
    });
  } finally {
    sessionKey.fill(0);
  }
}

function sessionKeyOf(uploadKey: Uint8Array, salt: Uint8Array): Uint8Array {
  if (uploadKey.length !== uploadKeyBytes) throw new RangeError(`upload key of ${uploadKey.length} octets`);
  return new Uint8Array(hkdfSync('sha256', uploadKey, salt, 'emanet staged body', 32));
}
