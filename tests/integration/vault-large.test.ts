import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { decrypt, readMessage } from 'openpgp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DiskStore } from '../../src/adapters/disk/disk-store.ts';
import { exportMessage } from '../../src/vault/envelope.ts';
import { type OpenMedia, openMedia } from '../../src/vault/open.ts';
import { type Sealed, sealStream } from '../../src/vault/seal.ts';
import { collect, type TestKey, testKey } from '../support/vault.ts';

const gib = 2 ** 30;
const mediaBytes = 4 * gib + 1;
const blockBytes = 2 ** 18;
const block = randomBytes(blockBytes);

/** Bytes `[start, end)` of the media: one random block, each time with its number in front. */
function* media(start: number, end: number): Generator<Buffer> {
  for (let at = start; at < end; ) {
    const number = Math.floor(at / blockBytes);
    const numbered = Buffer.from(block);
    numbered.writeUInt32BE(number);
    const into = at - number * blockBytes;
    const piece = numbered.subarray(into, Math.min(blockBytes, into + end - at));
    yield piece;
    at += piece.length;
  }
}

describe('a recording of 4 GiB and one byte', { timeout: 600_000 }, () => {
  let folder: string;
  let store: DiskStore;
  let key: TestKey;
  let sealed: Sealed;
  let opened: OpenMedia;
  let growthBytes = 0;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'emanet-large-'));
    store = new DiskStore({ folder });
    key = await testKey();
    const sealing = sealStream({ recipients: [key.recipient], mediaLength: mediaBytes });
    const before = process.memoryUsage.rss();
    const watch = setInterval(() => {
      growthBytes = Math.max(growthBytes, process.memoryUsage.rss() - before);
    }, 50);
    await store.put('large', sealing.body(Readable.from(media(0, mediaBytes))));
    clearInterval(watch);
    sealed = sealing.result;
    opened = await openMedia({
      ...sealed,
      privateKeys: [key.opening],
      expected: sealed,
      fetch: (start, end) => store.get('large', { start, end }),
    });
  }, 600_000);

  afterAll(async () => {
    opened?.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('is sealed in constant memory, in parts of 1 GiB', () => {
    expect(sealed.framing).toBe('partial30');
    expect(growthBytes).toBeLessThan(300 * 2 ** 20);
  });

  it.each([gib - 6, 2 * gib - 6, 4 * gib - 6, mediaBytes - 1])('is read around byte %i', async (edge) => {
    const [start, end] = [edge - 70_000, Math.min(edge + 70_000, mediaBytes)];
    const found = await collect(opened.read(start, end));
    expect(found.equals(Buffer.concat([...media(start, end)]))).toBe(true);
  });

  it('is decrypted by OpenPGP.js to the same bytes', async () => {
    const body = await store.get('large');
    const file = Readable.toWeb(Readable.from(exportMessage(sealed.envelope, body, sealed.bodyBytes)));
    const message = await readMessage({ binaryMessage: file as ReadableStream<Uint8Array> });
    const { data } = await decrypt({ message, decryptionKeys: key.opening.key, format: 'binary' });
    const hash = createHash('sha256');
    let bytes = 0;
    for await (const piece of data as unknown as AsyncIterable<Uint8Array>) {
      hash.update(piece);
      bytes += piece.length;
    }
    expect([bytes, hash.digest('hex')]).toEqual([mediaBytes, sealed.mediaSha256]);
  });

  it('is decrypted by the vault to the same bytes', async () => {
    const hash = createHash('sha256');
    for await (const piece of opened.read(0, mediaBytes)) hash.update(piece);
    expect(hash.digest('hex')).toBe(sealed.mediaSha256);
  });
});
