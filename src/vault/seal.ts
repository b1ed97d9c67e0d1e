import { createHash, createHmac, randomBytes } from 'node:crypto';
import {
  ChunkCipher,
  ChunkWriter,
  defaultChunkOctet,
  type SealedPieces,
  saltBytes,
  vaultSuite,
} from './chunk-cipher.ts';
import { countMedia, countUndeclared } from './count-media.ts';
import { type Digest, digestHere, digestOnThread } from './digest-thread.ts';
import { makeEnvelope, wrapSessionKey } from './envelope.ts';
import type { RecipientKey } from './keyring.ts';
import { type LiteralWriter, writeDeclared, writeUndeclared } from './literal-writer.ts';
import { chooseFraming, type Framing, LiteralLayout } from './packet.ts';
import { readAhead } from './read-ahead.ts';

export interface SealOptions {
  readonly recipients: readonly RecipientKey[];
  /** Exact size of the media, if known: more or less than this fails with `LengthMismatch`. */
  readonly mediaLength?: number;
  readonly chunkOctet?: number;
  /** For tests with fixed vectors only: a key and salt must never meet two different plaintexts. */
  readonly fixed?: { readonly sessionKey: Uint8Array; readonly salt: Uint8Array };
}

/** The data needed to open, check and audit a sealed body. Digests are lower-case hex. */
export interface Sealed {
  readonly envelope: Uint8Array;
  readonly envelopeSha256: string;
  readonly salt: Uint8Array;
  readonly chunkOctet: number;
  readonly framing: Framing;
  readonly bodyBytes: number;
  readonly bodySha256: string;
  readonly mediaBytes: number;
  readonly mediaSha256: string;
  /** HMAC-SHA256(session key, "commit"): GCM does not commit to its key, this does. */
  readonly commitment: string;
}

export interface Sealing {
  /**
   * Media in, body octets out; fits between the stages of `pipeline()` and, lent (`memory.ts`), into `ObjectStore.put`.
   * The output belongs to the reader. Usable once. Failing or abandoned, it leaves no way to open what was emitted.
   * @throws LengthMismatch as soon as a byte too many arrives, or at the end before the final tag is emitted.
   */
  body(media: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array>;
  /** @throws Error until `body` has been read to its end. */
  readonly result: Sealed;
}

/**
 * Prepares to seal one recording under a session key and salt drawn for it alone. Memory stays constant: media that
 * waits to be counted (`count-media.ts`), the chunk that is being encrypted, at most `chunksAhead` encrypted ones that
 * wait to be counted and as many that wait to be taken, and, if no length was declared, one part of 4 MiB.
 */
export function sealStream(options: SealOptions): Sealing {
  let started = false;
  let sealed: Sealed | null = null;
  return {
    async *body(media) {
      if (started) throw new Error('a sealing is used once: its key must not meet a second plaintext');
      started = true;
      sealed = yield* sealBody(options, media);
    },
    get result() {
      if (sealed === null) throw new Error('not sealed: the body was not read to its end');
      return sealed;
    },
  };
}

/** HMAC-SHA256(session key, "commit") in hex. */
export function keyCommitment(sessionKey: Uint8Array): string {
  return createHmac('sha256', sessionKey).update('commit').digest('hex');
}

/** The record of a body: what was found of it, and the envelope of its session key. */
export function recordOf(wrappedKeys: Uint8Array, body: Omit<Sealed, 'envelope' | 'envelopeSha256'>): Sealed {
  const envelope = makeEnvelope({ ...body, wrappedKeys });
  return { ...body, envelope, envelopeSha256: createHash('sha256').update(envelope).digest('hex') };
}

async function* sealBody(options: SealOptions, media: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, Sealed> {
  const { recipients, mediaLength } = options;
  const chunkOctet = options.chunkOctet ?? defaultChunkOctet;
  const framing = chooseFraming(mediaLength);
  const layout = mediaLength === undefined ? null : new LiteralLayout(mediaLength, framing);

  const salt = options.fixed?.salt ?? randomBytes(saltBytes);
  const sessionKey = options.fixed ? Uint8Array.from(options.fixed.sessionKey) : randomBytes(32);
  let cipher: ChunkCipher;
  let wrappedKeys: Uint8Array;
  let commitment: string;
  try {
    wrappedKeys = await wrapSessionKey(sessionKey, recipients);
    commitment = keyCommitment(sessionKey);
    cipher = new ChunkCipher(vaultSuite(chunkOctet), sessionKey, salt);
  } finally {
    sessionKey.fill(0);
  }

  const literal = layout ? writeDeclared(layout) : writeUndeclared();
  const isLarge = isLargeSealing(chunkOctet, mediaLength ?? threadFromBytes);
  const bodyDigest = isLarge ? digestOnThread('body') : digestHere();
  const mediaDigest = isLarge && layout ? digestOnThread('media') : digestHere();
  const counted = layout ? countMedia(media, layout.mediaBytes, mediaDigest) : countUndeclared(media, mediaDigest);
  let bodyBytes = 0;
  try {
    const body = digesting(encrypting(counted.slices(), literal, cipher), bodyDigest);
    for await (const pieces of isLarge ? readAhead(body, chunksAhead) : body) {
      for (const piece of pieces) {
        bodyBytes += piece.length;
        yield piece;
      }
    }
    return recordOf(wrappedKeys, {
      salt,
      chunkOctet,
      framing,
      bodyBytes,
      bodySha256: await bodyDigest.hex(),
      mediaBytes: counted.bytes,
      mediaSha256: await mediaDigest.hex(),
      commitment,
    });
  } finally {
    bodyDigest.drop();
    mediaDigest.drop();
    literal.wipe();
    cipher.destroy();
  }
}

/** Below these sizes the threads cost more than they save. */
const threadFromBytes = 2 ** 24;
const threadFromChunkOctet = 10;
const chunksAhead = 4;

/** Whether digests on threads of their own save time. */
export function isLargeSealing(chunkOctet: number, mediaBytes: number): boolean {
  return chunkOctet >= threadFromChunkOctet && mediaBytes >= threadFromBytes;
}

/** Encrypts the literal packet while its octets arrive, and yields whole chunks and the tags. */
async function* encrypting(
  media: AsyncIterable<Uint8Array>,
  literal: LiteralWriter,
  cipher: ChunkCipher,
): AsyncGenerator<SealedPieces> {
  const chunks = new ChunkWriter(cipher);
  for await (const piece of media) for (const octets of literal.write(piece)) yield* chunks.add(octets);
  for (const octets of literal.end()) yield* chunks.add(octets);
  const { plaintextBytes } = chunks;
  const last = chunks.rest();
  if (last !== null) yield last;
  yield chunks.finalTag(plaintextBytes);
}

/** Counts sealed octets into the body's digest and passes them on, with at most `chunksAhead` chunks on the way. */
async function* digesting(sealed: AsyncIterable<SealedPieces>, digest: Digest): AsyncGenerator<readonly Uint8Array[]> {
  const onTheWay: Promise<readonly Uint8Array[]>[] = [];
  for await (const pieces of sealed) {
    const counted = digest.add(...pieces);
    // A failure is met when its turn comes.
    counted.catch(() => {});
    onTheWay.push(counted);
    const oldest = onTheWay.length > chunksAhead ? onTheWay.shift() : undefined;
    if (oldest) yield await oldest;
  }
  for (const counted of onTheWay) yield await counted;
}
