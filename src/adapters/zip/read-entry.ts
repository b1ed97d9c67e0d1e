import { crc32 } from 'node:zlib';
import type { Entry, ZipFile } from 'yauzl';
import { damagedEntry, encryptedEntry, expandsTooFar, unknownMethod } from './archive-refusals.ts';
import type { SourceReader } from './source-reader.ts';

/** Sound, film and pictures stay far below; a thousand takes nothing but zeros. */
const maxRatio = 200;
/** Small files of one colour expand further and harm nobody. */
const harmlessBytes = 4 * 1024 ** 2;

/**
 * The unpacked bytes of one entry. It is refused unless they have the length and the checksum that the archive states.
 * @throws Refusal `NOT_MEDIA`, `MEDIA_NOT_ALLOWED`; errors of the source.
 */
export async function* readEntry(
  zip: ZipFile,
  reader: SourceReader,
  entry: Entry,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  if (entry.isEncrypted()) throw encryptedEntry();
  if (!entry.canDecodeFileData()) throw unknownMethod();
  const { uncompressedSize: bytes, compressedSize: packed } = entry;
  if (bytes > harmlessBytes && bytes > packed * maxRatio) throw expandsTooFar(maxRatio);
  let given = 0;
  let sum = 0;
  try {
    for await (const chunk of await zip.openReadStreamPromise(entry)) {
      const piece = chunk as Buffer;
      given += piece.length;
      if (given > bytes) throw new Error('there is more of it than the archive says');
      sum = crc32(piece, sum);
      yield piece;
    }
    if (given < bytes || sum !== entry.crc32) throw new Error('it is not what was packed');
  } catch (error) {
    signal?.throwIfAborted();
    throw reader.fault ?? damagedEntry(error);
  }
}
