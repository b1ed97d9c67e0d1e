import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/**
 * Writes a stream to a file that appears under its name only when it is complete, for its owner only.
 * Returns the number of bytes.
 */
export async function saveStream(stream: Readable, path: string): Promise<number> {
  const part = `${path}.part`;
  const file = createWriteStream(part, { mode: 0o600 });
  try {
    await pipeline(stream, file);
    await rename(part, path);
    return file.bytesWritten;
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}
