import { Readable } from 'node:stream';
import { crc32, createInflateRaw } from 'node:zlib';
import { openFile } from './open-file.ts';
import { readZip, type Unpacking, type ZipFile, ZipMalformed } from './zip-reader.ts';

/** Opens a ZIP archive on a disk. @throws ZipMalformed. */
export async function openZip(path: string): Promise<ZipFile & AsyncDisposable> {
  const file = await openFile(path);
  try {
    return { ...(await readZip(file, unpacking)), [Symbol.asyncDispose]: () => file[Symbol.asyncDispose]() };
  } catch (error) {
    await file[Symbol.asyncDispose]();
    throw error;
  }
}

/** Unpacks with what Node has. */
export const unpacking: Unpacking = { crc32, inflate };

async function* inflate(raw: AsyncIterable<Uint8Array>, packed: number): AsyncGenerator<Uint8Array> {
  const inflated = createInflateRaw();
  const source = Readable.from(raw);
  source.once('error', (error) => inflated.destroy(error));
  source.pipe(inflated);
  try {
    yield* inflated as AsyncIterable<Uint8Array>;
    if (inflated.bytesWritten !== packed) throw new ZipMalformed('a member has octets after its end');
  } catch (error) {
    if ((error as { code?: string }).code?.startsWith('Z_'))
      throw new ZipMalformed('a member is damaged', { cause: error });
    throw error;
  } finally {
    source.destroy();
    inflated.destroy();
  }
}
