import { open } from 'node:fs/promises';
import type { Source } from './source.ts';

/** A file on a disk, open until it is disposed of. */
export async function openFile(path: string): Promise<Source & AsyncDisposable> {
  const file = await open(path);
  const { size } = await file.stat();
  return {
    size,
    async read(start, end) {
      const octets = Buffer.alloc(Math.max(0, end - start));
      const { bytesRead } = await file.read(octets, 0, octets.length, start);
      return octets.subarray(0, bytesRead);
    },
    [Symbol.asyncDispose]: () => file.close(),
  };
}
