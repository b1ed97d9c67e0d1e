import { createHash, timingSafeEqual } from 'node:crypto';
import { bodyBytesOf, ChunkCipher, tagBytes, vaultSuite } from './chunk-cipher.ts';
import { ChunkWindow } from './chunk-window.ts';
import { openEnvelope } from './envelope.ts';
import { VaultCorrupt } from './errors.ts';
import type { OpeningKey } from './keyring.ts';
import { ChunkOpener, type OpenedChunk } from './open-chunk.ts';
import { type Framing, LiteralLayout } from './packet.ts';
import { readAhead } from './read-ahead.ts';
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
  /** From the record made when sealing: the given values are checked before anything is read. */
  readonly expected?: {
    readonly envelopeSha256?: string;
    readonly salt?: Uint8Array;
    readonly chunkOctet?: number;
    readonly commitment?: string;
  };
  readonly signal?: AbortSignal;
}

/**
 * How many of the chunks decrypted last an opened source keeps, for ranges read side by side. One chunk has 1 MiB by
 * default.
 */
export const windowChunks = 8;

/** Random access to the media of one sealed body. Has the shape of the pipeline's `MediaSource`. */
export interface OpenMedia {
  readonly bytes: number;
  /**
   * Media bytes `[start, end)`. Fetches the chunks that hold them, in one go except those among the last `windowChunks`
   * of this source, and the next chunk while the one before is being consumed; never one outside the range. A chunk is
   * held back until its tag is verified: a chunk that is not authentic is not released, nor is any part of it. The
   * released bytes belong to the reader. Reads may run at the same time.
   * @throws VaultCorrupt `CHUNK_TAG`, `TRUNCATED`, `LENGTH`, `FRAMING`.
   * @throws RangeError outside `[0, bytes]`.
   */
  read(start: number, end: number, signal?: AbortSignal): AsyncGenerator<Uint8Array>;
  /** Overwrites the message key and the window; reads that begin or continue afterwards fail. */
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
  for await (const piece of await fetch(bodyBytes - tagBytes, bodyBytes, signal)) pieces.push(Uint8Array.from(piece));
  const tag = Buffer.concat(pieces);
  if (tag.length < tagBytes) throw new VaultCorrupt('TRUNCATED', 'the final tag is cut off');
  const chunks = Math.ceil(layout.plaintextBytes / cipher.chunkBytes);
  if (tag.length > tagBytes || !cipher.isFinalTag(tag, chunks, layout.plaintextBytes)) {
    throw new VaultCorrupt('FINAL_TAG', 'the body is not the whole of what was sealed under this envelope');
  }
}

/** A chunk on its way to a reader: lent by the window and copied out, or the reader's own. */
type Passed = { readonly lent: ReturnType<ChunkWindow['add']> } | { readonly own: OpenedChunk };

/**
 * From this many chunks on, a read takes whole chunks as its own, uncopied, and leaves the window to reads that jump
 * about. Players and ffmpeg ask for everything from a place on and hang up soon; they stay below this.
 */
const chunksThroughWindow = 4;

/** Sockets and pipes take pieces of this size, and the allocator has them at hand. */
const copiedBytes = 64 * 1024;

class SealedMedia implements OpenMedia {
  readonly bytes: number;
  readonly #cipher: ChunkCipher;
  readonly #layout: LiteralLayout;
  readonly #bodyBytes: number;
  readonly #fetch: FetchBody;
  readonly #window = new ChunkWindow(windowChunks);
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
    const left = new AbortController();
    const stop = signal ? AbortSignal.any([signal, left.signal]) : left.signal;
    // A chunk at the edge of the range stays in the window: a range beside this one needs it.
    const isWhole = (index: number) =>
      index >= firstChunk + chunksThroughWindow && (end === this.bytes || index < endChunk - 1);
    const chunks = readAhead(this.#chunks(firstChunk, endChunk, isWhole, stop), 1, {
      leave: () => left.abort(),
      drop: (passed) => this.#giveBack(passed),
    });
    for await (const passed of chunks) {
      try {
        for (const piece of this.#release(passed, start, end)) {
          yield piece;
          signal?.throwIfAborted();
        }
      } finally {
        this.#giveBack(passed);
      }
    }
    signal?.throwIfAborted();
  }

  close(): void {
    this.#closed = true;
    this.#cipher.destroy();
    this.#window.wipe();
  }

  /** The part of a chunk that lies in media `[start, end)`. */
  *#release(passed: Passed, start: number, end: number): Generator<Uint8Array> {
    const { media } = 'own' in passed ? passed.own : passed.lent.chunk;
    for (const { start: at, bytes } of media) {
      const wanted = bytes.subarray(Math.max(0, start - at), Math.max(0, end - at));
      const step = 'own' in passed ? Math.max(1, wanted.length) : copiedBytes;
      for (let from = 0; from < wanted.length; from += step) {
        this.#assertOpen();
        const piece = wanted.subarray(from, from + step);
        yield 'own' in passed ? piece : Buffer.from(piece);
      }
    }
  }

  #giveBack(passed: Passed): void {
    if ('lent' in passed) this.#window.giveBack(passed.lent);
  }

  /** Chunks `[first, end)`; fetched ones for which `isOwn` is true do not enter the window. */
  async *#chunks(
    first: number,
    end: number,
    isOwn: (index: number) => boolean,
    signal: AbortSignal,
  ): AsyncGenerator<Passed> {
    for (let index = first; index < end; ) {
      this.#assertOpen();
      const lent = this.#window.borrow(index);
      if (lent) {
        yield { lent };
        index += 1;
        continue;
      }
      let missingEnd = index + 1;
      while (missingEnd < end && !this.#window.has(missingEnd)) missingEnd += 1;
      for await (const chunk of this.#fetchChunks(index, missingEnd, signal)) {
        yield isOwn(chunk.index) ? { own: chunk } : { lent: this.#window.add(chunk) };
      }
      index = missingEnd;
    }
  }

  /** Chunks `[first, end)` out of one fetch. */
  async *#fetchChunks(first: number, end: number, signal: AbortSignal): AsyncGenerator<OpenedChunk> {
    const storedChunk = this.#cipher.chunkBytes + tagBytes;
    const storedTo = Math.min(end * storedChunk, this.#bodyBytes - tagBytes);
    let index = first;
    let opener: ChunkOpener | null = null;
    try {
      for await (const piece of await this.#fetch(first * storedChunk, storedTo, signal)) {
        signal.throwIfAborted();
        for (let rest = piece; rest.length > 0; ) {
          if (index === end) throw new VaultCorrupt('LENGTH', 'the store returned more than was asked for');
          this.#assertOpen();
          opener ??= new ChunkOpener(this.#cipher, this.#layout, index);
          rest = opener.take(rest);
          if (!opener.isComplete) continue;
          const chunk = opener.release();
          opener = null;
          index += 1;
          yield chunk;
        }
      }
    } finally {
      opener?.wipe();
    }
    signal.throwIfAborted();
    if (index !== end) throw new VaultCorrupt('TRUNCATED', `the body ends in chunk ${index}`);
  }

  #assertOpen(): void {
    if (this.#closed) throw new Error('the media is closed');
  }
}
