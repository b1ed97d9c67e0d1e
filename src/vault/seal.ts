import { createHash, createHmac, randomBytes } from 'node:crypto';
import { type BodySealer, ChunkCipher, defaultChunkOctet, saltBytes, vaultSuite } from './chunk-cipher.ts';
import { makeEnvelope, wrapSessionKey } from './envelope.ts';
import { LengthMismatch } from './errors.ts';
import type { RecipientKey } from './keyring.ts';
import { chooseFraming, definiteLength, type Framing, LiteralLayout, packetTag, partialLength } from './packet.ts';

export interface SealOptions {
  readonly recipients: readonly RecipientKey[];
  /** Exact size of the media when it is known; more or less than this fails with `LengthMismatch`. */
  readonly mediaLength?: number;
  readonly chunkOctet?: number;
  /** For tests with fixed vectors only: a key and salt must never meet two different plaintexts. */
  readonly fixed?: { readonly sessionKey: Uint8Array; readonly salt: Uint8Array };
}

/** Everything that opening, checking and auditing a sealed body needs. Digests are lower-case hex. */
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
   * Media in, body octets out; fits between the stages of `pipeline()` and into `ObjectStore.put`.
   * Usable once. Failing or abandoned, it leaves no way to open what was emitted.
   * @throws LengthMismatch as soon as a byte too many arrives, or at the end before the final tag is emitted.
   */
  body(media: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array>;
  /** @throws Error until `body` has been read to its end. */
  readonly result: Sealed;
}

/**
 * Prepares to seal one recording under a session key and salt drawn for it alone. Memory stays constant:
 * with a declared length nothing is gathered, without one at most one part of 4 MiB.
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

  try {
    const sealer = cipher.sealer();
    const mediaHash = createHash('sha256');
    const bodyHash = createHash('sha256');
    let mediaBytes = 0;
    let bodyBytes = 0;
    const counted = counting(media, mediaLength, (piece) => {
      mediaBytes += piece.length;
      mediaHash.update(piece);
    });
    const literal = layout ? frameDeclared(counted, layout) : frameUndeclared(counted);
    for await (const sealedPiece of encrypt(literal, sealer)) {
      bodyBytes += sealedPiece.length;
      bodyHash.update(sealedPiece);
      yield sealedPiece;
    }
    const envelope = makeEnvelope({ wrappedKeys, salt, chunkOctet, bodyBytes });
    return {
      envelope,
      envelopeSha256: createHash('sha256').update(envelope).digest('hex'),
      salt,
      chunkOctet,
      framing,
      bodyBytes,
      bodySha256: bodyHash.digest('hex'),
      mediaBytes,
      mediaSha256: mediaHash.digest('hex'),
      commitment,
    };
  } finally {
    cipher.destroy();
  }
}

async function* encrypt(literal: AsyncIterable<Uint8Array>, sealer: BodySealer): AsyncGenerator<Uint8Array> {
  for await (const piece of literal) yield* sealer.update(piece);
  yield* sealer.end();
}

/** Passes the media on while it fits what was declared. */
async function* counting(
  media: AsyncIterable<Uint8Array>,
  declaredBytes: number | undefined,
  count: (piece: Uint8Array) => void,
): AsyncGenerator<Uint8Array> {
  let receivedBytes = 0;
  for await (const piece of media) {
    receivedBytes += piece.length;
    if (declaredBytes !== undefined && receivedBytes > declaredBytes) {
      throw new LengthMismatch(declaredBytes, receivedBytes);
    }
    count(piece);
    yield piece;
  }
  if (declaredBytes !== undefined && receivedBytes < declaredBytes) {
    throw new LengthMismatch(declaredBytes, receivedBytes);
  }
}

/** Media of known length: the layout says where its octets go, the media fills the runs between them. */
async function* frameDeclared(media: AsyncIterable<Uint8Array>, layout: LiteralLayout): AsyncGenerator<Uint8Array> {
  const runs = layout.runs(0, layout.plaintextBytes);
  let room = 0;
  const nextRun = function* (): Generator<Uint8Array> {
    for (let next = runs.next(); !next.done; next = runs.next()) {
      if (next.value.kind === 'media') {
        room = next.value.length;
        return;
      }
      yield next.value.octets;
    }
  };
  yield* nextRun();
  for await (const piece of media) {
    let rest = piece;
    while (rest.length > 0) {
      const run = rest.subarray(0, room);
      yield run;
      room -= run.length;
      rest = rest.subarray(run.length);
      if (room === 0) yield* nextRun();
    }
  }
}

const undeclaredPartBytes = 2 ** 22;

/** Media of unknown length: a part is gathered before the octet that announces it can be written. */
async function* frameUndeclared(media: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const part = Buffer.allocUnsafeSlow(undeclaredPartBytes);
  try {
    // The six fields of the literal packet open its first part.
    let filled = part.write('b\0\0\0\0\0', 'latin1');
    yield Uint8Array.of(packetTag.literal);
    for await (const piece of media) {
      let rest = piece;
      while (rest.length > 0) {
        const run = rest.subarray(0, undeclaredPartBytes - filled);
        part.set(run, filled);
        filled += run.length;
        rest = rest.subarray(run.length);
        if (filled === undeclaredPartBytes) {
          yield Uint8Array.of(partialLength(22));
          yield part;
          filled = 0;
        }
      }
    }
    yield definiteLength(filled);
    yield part.subarray(0, filled);
  } finally {
    part.fill(0);
  }
}
