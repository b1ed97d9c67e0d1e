import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { ServerUnreachable } from '../client/errors.ts';
import type { Lease, ServerLink } from './server-link.ts';

/** What the server sent is not the ciphertext that it described. */
export class BodyDiffers extends Error {
  override readonly name = 'BodyDiffers';
}

/** Times in a row that nothing arrived. */
const mostFailures = 5;

/** Fetches the ciphertext of a leased recording into a file. Goes on where a connection broke. @throws BodyDiffers. */
export async function fetchBody(
  { readBody }: Pick<ServerLink, 'readBody'>,
  { id, sealed }: Pick<Lease, 'id' | 'sealed'>,
  path: string,
  { signal, onProgress }: { signal: AbortSignal; onProgress: (bytes: number) => void },
): Promise<void> {
  await using file = await open(path, 'wx', 0o600);
  const hash = createHash('sha256');
  let bytes = 0;
  for (let failures = 0; bytes < sealed.bodyBytes; ) {
    try {
      for await (const piece of await readBody(id, bytes, signal)) {
        if (bytes + piece.length > sealed.bodyBytes) throw new BodyDiffers();
        await file.write(piece);
        hash.update(piece);
        bytes += piece.length;
        failures = 0;
        onProgress(bytes);
      }
    } catch (error) {
      signal.throwIfAborted();
      const isBroken = error instanceof ServerUnreachable || error instanceof TypeError;
      if (!isBroken) throw error;
    }
    if (bytes === sealed.bodyBytes) break;
    failures += 1;
    if (failures > mostFailures) throw new BodyDiffers();
    await wait(2 ** failures * 250, undefined, { signal });
  }
  if (hash.digest('hex') !== sealed.bodySha256) throw new BodyDiffers();
}

/** Reads ranges of such a file, as the vault asks for them. */
export const readFrom =
  (path: string) =>
  (start: number, end: number, signal?: AbortSignal): AsyncIterable<Uint8Array> =>
    // `end` of Node is the last byte.
    createReadStream(path, { start, end: end - 1, highWaterMark: 256 * 1024, ...(signal ? { signal } : {}) });
