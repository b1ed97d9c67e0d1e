import { bodyBytesOf, ChunkCipher, isTagError, tagBytes, vaultSuite } from './chunk-cipher.ts';
import { openEnvelope } from './envelope.ts';
import { VaultCorrupt } from './errors.ts';
import type { OpeningKey } from './keyring.ts';
import { LiteralReader } from './literal-reader.ts';

/**
 * Opens a sealed body from its beginning to its end with only envelope and body: for recovery, when the length of the
 * media is unknown. A chunk is given out after its tag was verified. A body that was cut or extended at a chunk's
 * boundary shows only at the end, so the output counts only if the stream ends without an error.
 * @throws VaultCorrupt `ENVELOPE`, `LENGTH`, `TRUNCATED`, `CHUNK_TAG`, `FINAL_TAG`, `FRAMING`.
 * @throws KeyRefused.
 */
export async function* openStream(options: {
  envelope: Uint8Array;
  privateKeys: readonly OpeningKey[];
  body: AsyncIterable<Uint8Array>;
  bodyBytes: number;
}): AsyncGenerator<Uint8Array> {
  const { body, bodyBytes } = options;
  const opened = await openEnvelope(options.envelope, options.privateKeys);
  const cipher = new ChunkCipher(vaultSuite(opened.chunkOctet), opened.sessionKey, opened.salt);
  opened.sessionKey.fill(0);
  try {
    const chunks = Math.ceil((bodyBytes - tagBytes) / (cipher.chunkBytes + tagBytes));
    const plaintextBytes = bodyBytes - (chunks + 1) * tagBytes;
    if (chunks < 1 || bodyBytesOf(plaintextBytes, opened.chunkOctet) !== bodyBytes)
      throw new VaultCorrupt('LENGTH', `a body cannot have ${bodyBytes} bytes`);
    const literal = new LiteralReader();
    let index = 0;
    for await (const sealed of cut(body, cipher.chunkBytes + tagBytes, chunks, bodyBytes)) {
      if (index === chunks) {
        if (!cipher.isFinalTag(sealed, chunks, plaintextBytes))
          throw new VaultCorrupt('FINAL_TAG', 'the body is not the whole of what was sealed under this envelope');
        continue;
      }
      const media = literal.take(openChunk(cipher, index++, sealed));
      if (media.length > 0) yield media;
    }
    literal.end();
  } finally {
    cipher.destroy();
  }
}

function openChunk(cipher: ChunkCipher, index: number, sealed: Uint8Array): Buffer {
  const decipher = cipher.opener(index);
  decipher.setAuthTag(sealed.subarray(-tagBytes));
  const plaintext = decipher.update(sealed.subarray(0, -tagBytes));
  try {
    const rest = decipher.final();
    return rest.length === 0 ? plaintext : Buffer.concat([plaintext, rest]);
  } catch (cause) {
    plaintext.fill(0);
    if (isTagError(cause)) throw new VaultCorrupt('CHUNK_TAG', `chunk ${index} is not authentic`, cause);
    throw cause;
  }
}

/** `chunks` pieces of `pieceBytes`, the last one shorter, then the final tag. */
async function* cut(
  body: AsyncIterable<Uint8Array>,
  pieceBytes: number,
  chunks: number,
  bodyBytes: number,
): AsyncGenerator<Buffer> {
  let waiting: Uint8Array[] = [];
  let held = 0;
  let index = 0;
  let seen = 0;
  const lastBytes = bodyBytes - tagBytes - (chunks - 1) * pieceBytes;
  const wanted = () => (index < chunks - 1 ? pieceBytes : index === chunks - 1 ? lastBytes : tagBytes);
  for await (const piece of body) {
    seen += piece.length;
    if (seen > bodyBytes) throw new VaultCorrupt('LENGTH', `the body exceeds ${bodyBytes} bytes`);
    waiting.push(piece);
    held += piece.length;
    while (index <= chunks && held >= wanted()) {
      const all = Buffer.concat(waiting, held);
      const size = wanted();
      index++;
      yield all.subarray(0, size);
      waiting = [all.subarray(size)];
      held -= size;
    }
  }
  if (index <= chunks) throw new VaultCorrupt('TRUNCATED', `the body ends after ${seen} of ${bodyBytes} bytes`);
}
