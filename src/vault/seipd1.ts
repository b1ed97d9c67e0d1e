import { createCipheriv, createHash, randomBytes } from 'node:crypto';
import { encryptSessionKey } from 'openpgp';
import type { VerifyingKey } from './keyring.ts';
import { chooseFraming, definiteLength, LiteralLayout, packetTag, partialLength } from './packet.ts';

/** Parts of 64 KiB: the length of the packet need not be known, nor the packet held in memory. RFC 9580, 4.2.1.4. */
const partExponent = 16;
const blockBytes = 16;
/** Tag and length of the modification detection code that ends the plaintext. RFC 9580, 5.13.1. */
const mdcHeader = Uint8Array.of(0xd3, 0x14);

/**
 * Media as an OpenPGP message of the older kind, SEIPD version 1 with AES-256 in CFB mode and SHA-1 over the plaintext,
 * in constant memory: what GnuPG reads. Its integrity shows only at the end, so the vault itself stores nothing in it.
 * `mediaBytes` is exact. RFC 9580, 5.13.1; the PKESK is of version 3.
 */
export async function* encryptForGnupg(
  media: AsyncIterable<Uint8Array>,
  mediaBytes: number,
  recipient: VerifyingKey,
): AsyncGenerator<Uint8Array> {
  const sessionKey = randomBytes(32);
  try {
    yield await encryptSessionKey({
      data: sessionKey,
      algorithm: 'aes256',
      encryptionKeys: recipient.key,
      format: 'binary',
    });
    yield Uint8Array.of(packetTag.seipd);
    yield* inParts(encryptPacket(literal(media, mediaBytes), sessionKey));
  } finally {
    sessionKey.fill(0);
  }
}

async function* encryptPacket(
  plaintext: AsyncIterable<Uint8Array>,
  sessionKey: Uint8Array,
): AsyncGenerator<Uint8Array> {
  const cipher = createCipheriv('aes-256-cfb', sessionKey, Buffer.alloc(blockBytes));
  const sha1 = createHash('sha1');
  const prefix = randomBytes(blockBytes);
  yield Uint8Array.of(1);
  const begun = Buffer.concat([prefix, prefix.subarray(-2)]);
  sha1.update(begun);
  yield cipher.update(begun);
  for await (const piece of plaintext) {
    sha1.update(piece);
    yield cipher.update(piece);
  }
  sha1.update(mdcHeader);
  yield cipher.update(Buffer.concat([mdcHeader, sha1.digest()]));
  yield cipher.final();
}

async function* literal(media: AsyncIterable<Uint8Array>, mediaBytes: number): AsyncGenerator<Uint8Array> {
  const layout = new LiteralLayout(mediaBytes, chooseFraming(mediaBytes));
  const runs = layout.runs(0, layout.plaintextBytes);
  let room = 0;
  for await (const piece of media) {
    for (let rest = piece; rest.length > 0; ) {
      while (room === 0) {
        const run = runs.next();
        if (run.done) throw new RangeError(`the media exceeds ${mediaBytes} bytes`);
        if (run.value.kind === 'framing') yield run.value.octets;
        else room = run.value.length;
      }
      const part = rest.subarray(0, room);
      yield part;
      room -= part.length;
      rest = rest.subarray(part.length);
    }
  }
  for (const run of runs) {
    if (run.kind === 'media') throw new RangeError(`the media ends before ${mediaBytes} bytes`);
    yield run.octets;
  }
  if (room > 0) throw new RangeError(`the media ends before ${mediaBytes} bytes`);
}

async function* inParts(content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const partBytes = 2 ** partExponent;
  let pending: Uint8Array = Buffer.alloc(0);
  for await (const piece of content) {
    pending = pending.length === 0 ? piece : Buffer.concat([pending, piece]);
    for (; pending.length > partBytes; pending = pending.subarray(partBytes)) {
      yield Uint8Array.of(partialLength(partExponent));
      yield pending.subarray(0, partBytes);
    }
  }
  yield definiteLength(pending.length);
  yield pending;
}
