import { execFileSync } from 'node:child_process';
import { randomBytes, randomInt } from 'node:crypto';
import { DiskStore } from '../../src/adapters/disk/disk-store.ts';
import { openMedia } from '../../src/vault/open.ts';
import { sealStream } from '../../src/vault/seal.ts';
import { testKey } from '../support/vault.ts';
import { atMost, type Bench, gib, median, mib } from './measure.ts';

const offsets = 10;

/**
 * (c) The first byte and the first MiB at random places of a large recording, each time opened again and, as root on Linux,
 * with an empty page cache. The peer reads the same places of the same file without decrypting.
 */
export const seeking: Bench = {
  about: 'first byte and first MiB at ten random offsets of 10 GiB, cold',
  async measure({ isQuick, runs, folder, say }) {
    const bytes = isQuick ? 16 * mib : 10 * gib;
    const store = new DiskStore({ folder });
    const key = await testKey();
    const block = randomBytes(16 * mib);
    const sealing = sealStream({ recipients: [key.recipient], mediaLength: bytes });
    await store.put('recording', sealing.body(blocks(block, bytes)));
    const sealed = sealing.result;

    const firstByte: number[] = [];
    const firstMib: number[] = [];
    const plainByte: number[] = [];
    const plainMib: number[] = [];
    let mostChunks = 0;
    for (let turn = 0; turn < runs * offsets; turn++) {
      const start = randomInt(bytes - 2 * mib);
      dropPageCache();
      let fetched = 0;
      const began = performance.now();
      const media = await openMedia({
        ...sealed,
        privateKeys: [key.opening],
        expected: sealed,
        fetch: async function* (from, to, signal) {
          for await (const piece of await store.get('recording', { start: from, end: to }, signal ? { signal } : {})) {
            fetched += piece.length;
            yield piece;
          }
        },
      });
      let read = 0;
      for await (const piece of media.read(start, bytes)) {
        if (read === 0) {
          firstByte.push(performance.now() - began);
          mostChunks = Math.max(mostChunks, Math.ceil((fetched - 16) / (mib + 16)));
        }
        read += piece.length;
        if (read >= mib) break;
      }
      firstMib.push(performance.now() - began);
      media.close();

      dropPageCache();
      const plainBegan = performance.now();
      let plainRead = 0;
      for await (const piece of await store.get('recording', { start, end: bytes })) {
        if (plainRead === 0) plainByte.push(performance.now() - plainBegan);
        plainRead += piece.length;
        if (plainRead >= mib) break;
      }
      plainMib.push(performance.now() - plainBegan);
    }
    say(`  ${runs * offsets} places`);
    await store.delete('recording');
    return [
      atMost('(c) chunks fetched before the first byte, most', mostChunks, 'chunks', 2),
      atMost('(c) time to the first byte', median(firstByte), 'ms', undefined, {
        name: 'same file, not decrypted',
        value: median(plainByte),
      }),
      atMost('(c) time to the first MiB', median(firstMib), 'ms', undefined, {
        name: 'same file, not decrypted',
        value: median(plainMib),
      }),
    ];
  },
};

async function* blocks(block: Buffer, bytes: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes; at += mib) yield block.subarray(at % block.length, (at % block.length) + mib);
}

/** Only root may; for others the pages of the file stay where they are, for both contenders alike. */
function dropPageCache(): void {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return;
  execFileSync('sh', ['-c', 'sync; echo 1 > /proc/sys/vm/drop_caches']);
}
