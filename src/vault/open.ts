import { createHash, timingSafeEqual } from 'node:crypto';
import { bodyBytesOf, ChunkCipher, isTagError, tagBytes, vaultSuite } from './chunk-cipher.ts';
import { openEnvelope } from './envelope.ts';
import { VaultCorrupt } from './errors.ts';
import type { OpeningKey } from './keyring.ts';
import { type Framing, LiteralLayout, type LiteralRun } from './packet.ts';
import { keyCommitment } from './seal.ts';

/** Bytes `[start, end)` of the stored body, in order. Called once per read, and once on opening. */
export type FetchBody = (
  start: number,
  end: number,
  signal?: AbortSignal,
) => AsyncIterable<Uint8Array> | Promise<AsyncIterable<Uint8Array>>;

export interface OpenOptions {
  readonly envelope: Uint8Array;
  readonly privateKeys: readonly OpeningKey[];
  /** The three stored fields from which the place of every byte follows. */
  readonly bodyBytes: number;
  readonly mediaBytes: number;
  readonly framing: Framing;
  readonly fetch: FetchBody;
  /** From the record made when sealing: what is given is checked before anything is read. */
  readonly expected?: {
    readonly envelopeSha256?: string;
    readonly salt?: Uint8Array;
    readonly chunkOctet?: number;
    readonly commitment?: string;
  };
  readonly signal?: AbortSignal;
}

/** Random access to the media of one sealed body. Has the shape of the pipeline's `MediaSource`. */
export interface OpenMedia {
  readonly bytes: number;
  /**
   * Media bytes `[start, end)` with one fetch of the chunks that hold them. A chunk is held back until its tag is
   * verified: of a chunk that is not authentic nothing is released. Reads may run at the same time.
   * @throws VaultCorrupt `CHUNK_TAG`, `TRUNCATED`, `LENGTH`, `FRAMING`. @throws RangeError outside `[0, bytes]`.
   */
  read(start: number, end: number, signal?: AbortSignal): AsyncGenerator<Uint8Array>;
  /** Overwrites the message key; reads that begin or continue afterwards fail. */
  close(): void;
}

/**
 * Opens a sealed body. Fetches its last 16 octets and verifies the final tag against the stored lengths, which closes
 * the gap that reads of ranges would leave: a body cut at a chunk boundary.
 * @throws VaultCorrupt `BINDING`, `ENVELOPE`, `LENGTH`, `TRUNCATED`, `FINAL_TAG`. @throws KeyRefused `NOT_A_RECIPIENT`.
 */
export async function openMedia(options: OpenOptions): Promise<OpenMedia> {
  const { envelope, expected = {}, bodyBytes, fetch, signal } = options;
  if (expected.envelopeSha256 !== undefined) {
    const digest = createHash('sha256').update(envelope).digest();
    assertBound(digest, Buffer.from(expected.envelopeSha256, 'hex'), 'envelope');
  }
  const opened = await openEnvelope(envelope, options.privateKeys);
  let cipher: ChunkCipher;
  try {
    const { sessionKey, salt, chunkOctet } = opened;
    if (expected.salt !== undefined) assertBound(salt, expected.salt, 'salt');
    if (expected.chunkOctet !== undefined && expected.chunkOctet !== chunkOctet) {
      throw new VaultCorrupt('BINDING', 'the chunk octet is not the one that was sealed');
    }
    if (expected.commitment !== undefined) {
      assertBound(
        Buffer.from(keyCommitment(sessionKey), 'hex'),
        Buffer.from(expected.commitment, 'hex'),
        'session key',
      );
    }
    cipher = new ChunkCipher(vaultSuite(chunkOctet), sessionKey, salt);
  } finally {
    opened.sessionKey.fill(0);
  }
  try {
    const layout = new LiteralLayout(options.mediaBytes, options.framing);
    if (bodyBytesOf(layout.plaintextBytes, opened.chunkOctet) !== bodyBytes) {
      throw new VaultCorrupt('LENGTH', `a body of ${bodyBytes} bytes does not hold ${options.mediaBytes} of media`);
    }
    await verifyFinalTag(cipher, layout, bodyBytes, fetch, signal);
    return new SealedMedia(cipher, layout, bodyBytes, fetch);
  } catch (error) {
    cipher.destroy();
    throw error;
  }
}

function assertBound(actual: Uint8Array, wanted: Uint8Array, what: string): void {
  if (actual.length !== wanted.length || !timingSafeEqual(actual, wanted)) {
    throw new VaultCorrupt('BINDING', `the ${what} is not the one that was sealed`);
  }
}

async function verifyFinalTag(
  cipher: ChunkCipher,
  layout: LiteralLayout,
  bodyBytes: number,
  fetch: FetchBody,
  signal?: AbortSignal,
): Promise<void> {
  const pieces: Uint8Array[] = [];
  for await (const piece of await fetch(bodyBytes - tagBytes, bodyBytes, signal)) pieces.push(piece);
  const tag = Buffer.concat(pieces);
  if (tag.length < tagBytes) throw new VaultCorrupt('TRUNCATED', 'the final tag is cut off');
  const chunks = Math.ceil(layout.plaintextBytes / cipher.chunkBytes);
  if (tag.length > tagBytes || !cipher.isFinalTag(tag, chunks, layout.plaintextBytes)) {
    throw new VaultCorrupt('FINAL_TAG', 'the body is not the whole of what was sealed under this envelope');
  }
}

class SealedMedia implements OpenMedia {
  readonly bytes: number;
  readonly #cipher: ChunkCipher;
  readonly #layout: LiteralLayout;
  readonly #bodyBytes: number;
  readonly #fetch: FetchBody;
  #closed = false;

  constructor(cipher: ChunkCipher, layout: LiteralLayout, bodyBytes: number, fetch: FetchBody) {
    this.bytes = layout.mediaBytes;
    this.#cipher = cipher;
    this.#layout = layout;
    this.#bodyBytes = bodyBytes;
    this.#fetch = fetch;
  }

  async *read(start: number, end: number, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
    if (
      !(Number.isSafeInteger(start) && Number.isSafeInteger(end) && 0 <= start && start <= end && end <= this.bytes)
    ) {
      throw new RangeError(`[${start}, ${end}) is outside media of ${this.bytes} bytes`);
    }
    // Empty media still has a chunk, with the literal header: reading it whole checks that too.
    if (start === end && this.bytes > 0) return;
    const { chunkBytes } = this.#cipher;
    const firstPlain = this.bytes === 0 ? 0 : this.#layout.plainOffset(start);
    const lastPlain = this.bytes === 0 ? this.#layout.plaintextBytes - 1 : this.#layout.plainOffset(end - 1);
    const firstChunk = Math.floor(firstPlain / chunkBytes);
    const endChunk = Math.floor(lastPlain / chunkBytes) + 1;
    const plainFrom = firstChunk * chunkBytes;
    const plainTo = Math.min(endChunk * chunkBytes, this.#layout.plaintextBytes);
    const plaintext = this.#openChunks(firstChunk, endChunk, plainTo, signal);
    const picker = new MediaPicker(this.#layout.runs(plainFrom, plainTo), plainFrom, start, end);
    for await (const piece of plaintext) {
      signal?.throwIfAborted();
      yield* picker.pick(piece);
    }
  }

  close(): void {
    this.#closed = true;
    this.#cipher.destroy();
  }

  /** Verified plaintext of chunks `[first, end)`, whose last plaintext octet is the one before `plainTo`. */
  async *#openChunks(
    first: number,
    end: number,
    plainTo: number,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<Uint8Array> {
    const { chunkBytes } = this.#cipher;
    const storedFrom = first * (chunkBytes + tagBytes);
    const storedTo = Math.min(end * (chunkBytes + tagBytes), this.#bodyBytes - tagBytes);
    let chunk = new ChunkOpener(this.#openerOf(first), Math.min(chunkBytes, plainTo - first * chunkBytes));
    let index = first;
    for await (const piece of await this.#fetch(storedFrom, storedTo, signal)) {
      signal?.throwIfAborted();
      let rest = piece;
      while (rest.length > 0) {
        if (index === end) throw new VaultCorrupt('LENGTH', 'the store returned more than was asked for');
        rest = chunk.take(rest);
        if (!chunk.isComplete) continue;
        yield* chunk.release(index);
        index += 1;
        if (index < end) {
          chunk = new ChunkOpener(this.#openerOf(index), Math.min(chunkBytes, plainTo - index * chunkBytes));
        }
      }
    }
    signal?.throwIfAborted();
    if (index !== end) throw new VaultCorrupt('TRUNCATED', `the body ends in chunk ${index}`);
  }

  #openerOf(index: number) {
    if (this.#closed) throw new Error('the media is closed');
    return this.#cipher.opener(index);
  }
}

/** Decrypts one chunk as its pieces arrive and gives them out only when the tag has been verified. */
class ChunkOpener {
  readonly #decipher: ReturnType<ChunkCipher['opener']>;
  readonly #tag = Buffer.alloc(tagBytes);
  #plaintext: Buffer[] = [];
  #wanted: number;
  #tagFilled = 0;

  constructor(decipher: ReturnType<ChunkCipher['opener']>, plaintextBytes: number) {
    this.#decipher = decipher;
    this.#wanted = plaintextBytes;
  }

  get isComplete(): boolean {
    return this.#tagFilled === tagBytes;
  }

  /** Takes what belongs to this chunk and returns the rest. */
  take(stored: Uint8Array): Uint8Array {
    const sealed = stored.subarray(0, this.#wanted);
    if (sealed.length > 0) this.#plaintext.push(this.#decipher.update(sealed));
    this.#wanted -= sealed.length;
    const tagPart = stored.subarray(sealed.length, sealed.length + tagBytes - this.#tagFilled);
    this.#tag.set(tagPart, this.#tagFilled);
    this.#tagFilled += tagPart.length;
    return stored.subarray(sealed.length + tagPart.length);
  }

  release(index: number): Buffer[] {
    this.#decipher.setAuthTag(this.#tag);
    try {
      this.#plaintext.push(this.#decipher.final());
    } catch (cause) {
      for (const piece of this.#plaintext) piece.fill(0);
      this.#plaintext = [];
      if (isTagError(cause)) throw new VaultCorrupt('CHUNK_TAG', `chunk ${index} is not authentic`, cause);
      throw cause;
    }
    return this.#plaintext;
  }
}

/** Takes media `[start, end)` out of plaintext and checks the packet's own octets on the way. */
class MediaPicker {
  readonly #runs: Iterator<LiteralRun>;
  readonly #start: number;
  readonly #end: number;
  #run: LiteralRun | undefined;
  #offset: number;

  constructor(runs: Iterator<LiteralRun>, plainFrom: number, start: number, end: number) {
    this.#runs = runs;
    this.#offset = plainFrom;
    this.#start = start;
    this.#end = end;
    this.#advance();
  }

  *pick(plaintext: Uint8Array): Generator<Uint8Array> {
    let rest = plaintext;
    while (rest.length > 0) {
      const run = this.#run;
      if (run === undefined) throw new VaultCorrupt('FRAMING', 'plaintext goes on after the literal packet');
      const length = run.kind === 'media' ? run.length : run.octets.length;
      const into = this.#offset - run.plainStart;
      if (into >= length) {
        this.#advance();
        continue;
      }
      const piece = rest.subarray(0, length - into);
      rest = rest.subarray(piece.length);
      this.#offset += piece.length;
      if (run.kind === 'framing') {
        if (Buffer.compare(piece, run.octets.subarray(into, into + piece.length)) !== 0) {
          throw new VaultCorrupt('FRAMING', 'the literal packet is not framed as the stored fields say');
        }
        continue;
      }
      const mediaAt = run.mediaStart + into;
      const wanted = piece.subarray(Math.max(0, this.#start - mediaAt), Math.max(0, this.#end - mediaAt));
      if (wanted.length > 0) yield wanted;
    }
  }

  #advance(): void {
    const next = this.#runs.next();
    this.#run = next.done ? undefined : next.value;
  }
}
