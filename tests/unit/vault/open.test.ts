import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import fc from 'fast-check';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { bodyBytesOf } from '../../../src/vault/chunk-cipher.ts';
import { ChunkWindow } from '../../../src/vault/chunk-window.ts';
import type { OpenOptions } from '../../../src/vault/open.ts';
import { openMedia } from '../../../src/vault/open.ts';
import { LiteralLayout } from '../../../src/vault/packet.ts';
import type { Sealed } from '../../../src/vault/seal.ts';
import { collect, fetchFrom, inPieces, openSealed, seal, type TestKey, testKey } from '../../support/vault.ts';

const chunkOctet = 4;
const chunkBytes = 1024;
const storedChunk = chunkBytes + 16;

let key: TestKey;
let other: TestKey;
beforeAll(async () => {
  key = await testKey();
  other = await testKey();
});

const sealTest = (media: Uint8Array, isDeclared = true) =>
  seal(media, { recipients: [key.recipient], chunkOctet, ...(isDeclared ? { mediaLength: media.length } : {}) });

/** Reads everything; what was released before the failure, and the code of the failure. */
async function readUntilFailure(
  sealed: Sealed,
  body: Uint8Array,
  changed: Partial<OpenOptions> = {},
): Promise<{ released: Buffer; code: unknown }> {
  const released: Uint8Array[] = [];
  try {
    const opened = await openSealed(sealed, key, body, changed);
    for await (const piece of opened.read(0, opened.bytes)) released.push(piece);
    return { released: Buffer.concat(released), code: 'none' };
  } catch (error) {
    return { released: Buffer.concat(released), code: (error as { code?: unknown }).code ?? error };
  }
}

const flipped = (content: Uint8Array, at: number) => {
  const copy = Buffer.from(content);
  copy[at]! ^= 1;
  return copy;
};

describe('a range', () => {
  it.each([
    ['of declared media', true],
    ['of undeclared media', false],
  ])('%s equals the slice, with one fetch, in whatever pieces the store answers', async (_name, isDeclared) => {
    const media = randomBytes(10_000);
    const { body, sealed } = await sealTest(media, isDeclared);
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: media.length }),
        fc.integer({ min: 0, max: media.length }),
        fc.constantFrom(1, 15, 1024, 1040, 100_000),
        async (a, b, pieceBytes) => {
          const [start, end] = a < b ? [a, b] : [b, a];
          const fetch = fetchFrom(body, pieceBytes);
          const opened = await openSealed(sealed, key, body, { fetch });
          const before = fetch.calls;
          const found = await collect(opened.read(start, end));
          expect(found.equals(media.subarray(start, end))).toBe(true);
          expect(fetch.calls - before).toBe(start === end ? 0 : 1);
          opened.close();
        },
      ),
      { numRuns: 60 },
    );
  });

  it('crosses the length octets of 4 MiB parts', async () => {
    const media = randomBytes(9 * 2 ** 20);
    const { body, sealed } = await seal(media, { recipients: [key.recipient] });
    const opened = await openSealed(sealed, key, body);
    for (const edge of [2 ** 22 - 6, 2 ** 23 - 6]) {
      for (const [start, end] of [
        [edge - 1, edge + 1],
        [edge, edge + 1],
        [edge - 1, edge],
        [edge - 100_000, edge + 1_000_000],
      ] as const) {
        expect((await collect(opened.read(start, end))).equals(media.subarray(start, end))).toBe(true);
      }
    }
  });

  it('asks for no more than the chunks that hold it', async () => {
    const { body, sealed } = await sealTest(randomBytes(10 * chunkBytes));
    const asked: [number, number][] = [];
    const opened = await openSealed(sealed, key, body, {
      fetch: (start, end) => {
        asked.push([start, end]);
        return inPieces(body.subarray(start, end));
      },
    });
    await collect(opened.read(3 * chunkBytes, 3 * chunkBytes + 1));
    expect(asked).toEqual([
      [body.length - 16, body.length],
      [3 * storedChunk, 4 * storedChunk],
    ]);
  });

  it('at a random place has fetched at most two chunks when its first byte is there', async () => {
    const { body, sealed } = await sealTest(randomBytes(1000 * chunkBytes));
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 1000 * chunkBytes - 1 }), async (start) => {
        let fetched = 0;
        const opened = await openSealed(sealed, key, body, {
          fetch: async function* (from, to) {
            for await (const piece of inPieces(body.subarray(from, to), 64)) {
              fetched += piece.length;
              yield piece;
            }
          },
        });
        expect(fetched).toBe(16);
        for await (const _ of opened.read(start, opened.bytes)) break;
        expect(fetched - 16).toBeLessThanOrEqual(2 * storedChunk);
        opened.close();
      }),
      { numRuns: 30 },
    );
  });

  it('has the next chunk fetched while one is consumed, and no more', async () => {
    const { body, sealed } = await sealTest(randomBytes(20 * chunkBytes));
    let fetched = 0;
    const opened = await openSealed(sealed, key, body, {
      fetch: async function* (from, to) {
        for await (const piece of inPieces(body.subarray(from, to), storedChunk)) {
          fetched += piece.length;
          yield piece;
        }
      },
    });
    let read = 0;
    for await (const piece of opened.read(0, opened.bytes)) {
      read += piece.length;
      await pause(1);
      const consumed = Math.ceil((header + read) / chunkBytes);
      expect(fetched - 16).toBeGreaterThanOrEqual(Math.min(consumed + 1, 20) * storedChunk);
      expect(fetched - 16).toBeLessThanOrEqual((consumed + 1) * storedChunk);
    }
  });

  it('beside one that was read is not fetched again, as far as the window reaches', async () => {
    const media = randomBytes(40 * chunkBytes);
    const { body, sealed } = await sealTest(media);
    const fetch = fetchFrom(body);
    const opened = await openSealed(sealed, key, body, { fetch });
    const slice = async (start: number, end: number) =>
      expect((await collect(opened.read(start, end))).equals(media.subarray(start, end))).toBe(true);
    for (let at = 0; at < 5 * chunkBytes; at += 100) await slice(at, at + 100);
    expect(fetch.calls).toBe(1 + 6);
    // Chunks that are there are left out of what is fetched around them.
    await slice(0, 8 * chunkBytes - header);
    expect(fetch.calls).toBe(1 + 6 + 1);
    for (const far of [20, 22, 24, 26]) await slice(far * chunkBytes, (far + 1) * chunkBytes);
    const before = fetch.calls;
    await slice(0, 1);
    expect(fetch.calls).toBe(before + 1);
  });

  it('gives back what it borrowed, read ahead for somebody who left too: else it would never be overwritten', async () => {
    const { body, sealed } = await sealTest(randomBytes(20 * chunkBytes));
    const lent: { users: number }[] = [];
    const borrow = vi.spyOn(ChunkWindow.prototype, 'add');
    try {
      const opened = await openSealed(sealed, key, body);
      for await (const _ of opened.read(0, opened.bytes)) {
        await pause(20); // the next one is there
        break;
      }
      lent.push(...borrow.mock.results.map(({ value }) => value));
      opened.close();
    } finally {
      borrow.mockRestore();
    }
    expect(lent.length).toBeGreaterThan(1);
    expect(lent.map(({ users }) => users)).toEqual(lent.map(() => 0));
  });

  it('that goes on for long leaves the window to others', async () => {
    const { body, sealed } = await sealTest(randomBytes(100 * chunkBytes));
    const fetch = fetchFrom(body);
    const opened = await openSealed(sealed, key, body, { fetch });
    await collect(opened.read(50 * chunkBytes, 50 * chunkBytes + 1));
    await collect(opened.read(0, opened.bytes));
    const before = fetch.calls;
    await collect(opened.read(50 * chunkBytes, 50 * chunkBytes + 1));
    expect(fetch.calls).toBe(before);
  });

  it('that ends early, again and again beside one place, has its chunks fetched once', async () => {
    const { body, sealed } = await sealTest(randomBytes(100 * chunkBytes));
    let fetched = 0;
    const opened = await openSealed(sealed, key, body, {
      fetch: async function* (from, to) {
        for await (const piece of inPieces(body.subarray(from, to), 260)) {
          fetched += piece.length;
          yield piece;
        }
      },
    });
    for (let turn = 0; turn < 50; turn++) {
      for await (const _ of opened.read(30 * chunkBytes + turn, opened.bytes)) {
        await pause(3);
        break;
      }
    }
    expect(fetched).toBe(16 + 2 * storedChunk);
  });

  it('is right while others at the same time push its chunks out of the window', async () => {
    const media = randomBytes(200 * chunkBytes);
    const { body, sealed } = await sealTest(media);
    const opened = await openSealed(sealed, key, body);
    const slow = async (start: number) => {
      const found: Uint8Array[] = [];
      for await (const piece of opened.read(start, start + 3 * chunkBytes)) {
        await pause(Math.random() * 3);
        found.push(piece);
      }
      expect(Buffer.concat(found).equals(media.subarray(start, start + 3 * chunkBytes))).toBe(true);
    };
    await Promise.all(Array.from({ length: 30 }, (_, index) => slow(index * 6 * chunkBytes)));
  });

  it.each([
    [-1, 1],
    [2, 1],
    [0, 101],
    [0.5, 1],
  ])('[%d, %d) outside the media is refused', async (start, end) => {
    const { body, sealed } = await sealTest(randomBytes(100));
    const opened = await openSealed(sealed, key, body);
    await expect(collect(opened.read(start, end))).rejects.toBeInstanceOf(RangeError);
  });

  it('stops when the signal aborts, and ends the fetch when the reader leaves', async () => {
    const { body, sealed } = await sealTest(randomBytes(100 * chunkBytes));
    let ended = 0;
    const fetch = async function* (start: number, end: number) {
      try {
        yield* inPieces(body.subarray(start, end), 500);
      } finally {
        ended += 1;
      }
    };
    const opened = await openSealed(sealed, key, body, { fetch });
    const abort = new AbortController();
    await expect(async () => {
      for await (const _ of opened.read(0, opened.bytes, abort.signal)) abort.abort();
    }).rejects.toThrow('aborted');
    for await (const _ of opened.read(0, opened.bytes)) break;
    expect(ended).toBe(3);
  });

  it('is not read once the media is closed', async () => {
    const { body, sealed } = await sealTest(randomBytes(100));
    const opened = await openSealed(sealed, key, body);
    opened.close();
    await expect(collect(opened.read(0, 100))).rejects.toThrow('closed');
  });
});

const header = 1 + 2 + 6;

describe('a body that was changed', () => {
  const media = randomBytes(5 * chunkBytes);
  const nothing = Buffer.alloc(0);
  /** The media that a body of this size would hold, if any. */
  const mediaBytesIn = (bodyBytes: number): number | null => {
    for (let bytes = 0; bytes <= media.length; bytes++) {
      const plaintext = new LiteralLayout(bytes, 'definite').plaintextBytes;
      if (bodyBytesOf(plaintext, chunkOctet) === bodyBytes) return bytes;
    }
    return null;
  };
  let body: Buffer;
  let sealed: Sealed;
  beforeAll(async () => {
    ({ body, sealed } = await sealTest(media));
  });
  const chunk = (index: number) => body.subarray(index * storedChunk, (index + 1) * storedChunk);
  /** Media in the chunks before this one; the literal header opens the first. */
  const mediaBefore = (index: number) => media.subarray(0, index === 0 ? 0 : index * chunkBytes - header);
  it.each([
    ['in the literal header', 0, 0],
    ['in the first chunk', 100, 0],
    ['in a first tag', chunkBytes, 0],
    ['in a middle chunk', 2 * storedChunk + 5, 2],
    ['in a middle tag', 3 * storedChunk - 1, 2],
    ['in the last chunk', 5 * storedChunk, 5],
  ])('by one bit %s releases nothing of that chunk', async (_name, at, index) => {
    const { released, code } = await readUntilFailure(sealed, flipped(body, at));
    expect(code).toBe('CHUNK_TAG');
    expect(released.equals(mediaBefore(index))).toBe(true);
  });

  it('by one bit in the final tag does not open', async () => {
    expect(await readUntilFailure(sealed, flipped(body, body.length - 1))).toMatchObject({
      code: 'FINAL_TAG',
      released: Buffer.alloc(0),
    });
  });

  it('by dropping a chunk does not open under the stored lengths', async () => {
    const dropped = Buffer.concat([chunk(0), body.subarray(2 * storedChunk)]);
    expect((await readUntilFailure(sealed, dropped)).code).toBe('TRUNCATED');
    const bodyBytes = dropped.length;
    expect((await readUntilFailure(sealed, dropped, { bodyBytes })).code).toBe('LENGTH');
    const mediaBytes = media.length - chunkBytes;
    expect((await readUntilFailure(sealed, dropped, { bodyBytes, mediaBytes })).code).toBe('FINAL_TAG');
  });

  it('by cutting it at, before or after the end of any chunk does not open, even when the stored lengths are cut too', async () => {
    for (let chunks = 0; chunks <= 6; chunks++) {
      for (const by of [-1, 0, 1]) {
        const at = Math.min(chunks * storedChunk, body.length - 16) + by;
        if (at < 0 || at >= body.length) continue;
        const cut = body.subarray(0, at);
        expect(await readUntilFailure(sealed, cut), `at ${at}`).toEqual({ code: 'TRUNCATED', released: nothing });
        // What stands where the final tag belongs is then the tag of a chunk, or a part of one.
        for (const stored of [cut, Buffer.concat([cut, cut.subarray(-16)])]) {
          const mediaBytes = mediaBytesIn(stored.length);
          if (mediaBytes === null) continue;
          const lengths = { bodyBytes: stored.length, mediaBytes };
          expect(await readUntilFailure(sealed, stored, lengths), `at ${at}, ${mediaBytes}`).toEqual({
            code: 'FINAL_TAG',
            released: nothing,
          });
        }
      }
    }
  });

  it('by dropping, doubling or swapping any chunks releases nothing from there on', async () => {
    const chunks = Array.from({ length: 5 }, (_, index) => chunk(index));
    const end = body.subarray(5 * storedChunk);
    for (let one = 0; one < 5; one++) {
      const dropped = Buffer.concat([...chunks.toSpliced(one, 1), end]);
      expect((await readUntilFailure(sealed, dropped)).code).toBe('TRUNCATED');
      const doubled = Buffer.concat([...chunks.toSpliced(one, 0, chunks[one]!), end]);
      expect(await readUntilFailure(sealed, doubled)).toEqual({ code: 'FINAL_TAG', released: nothing });
      // A store that has the length and the end of the body right, and the chunk in the place of the next.
      const shifted = Buffer.concat([...chunks.toSpliced(one, 0, chunks[one]!).slice(0, 5), end]);
      expect(await readUntilFailure(sealed, shifted)).toEqual(
        one === 4 ? { code: 'none', released: media } : { code: 'CHUNK_TAG', released: mediaBefore(one + 1) },
      );
      for (let other = one + 1; other < 5; other++) {
        const swapped = Buffer.concat([...chunks.with(one, chunks[other]!).with(other, chunks[one]!), end]);
        expect(await readUntilFailure(sealed, swapped)).toEqual({ code: 'CHUNK_TAG', released: mediaBefore(one) });
      }
    }
  });

  it('by chunks of another recording, under the same key even, releases nothing of them', async () => {
    const elsewhere = await sealTest(randomBytes(media.length));
    for (let index = 0; index < 5; index++) {
      const mixed = Buffer.from(body);
      elsewhere.body.copy(mixed, index * storedChunk, index * storedChunk, (index + 1) * storedChunk);
      expect(await readUntilFailure(sealed, mixed)).toEqual({ code: 'CHUNK_TAG', released: mediaBefore(index) });
    }
    expect(await readUntilFailure(sealed, elsewhere.body)).toEqual({ code: 'FINAL_TAG', released: nothing });
  });

  it('by any one bit of any octet is refused, and nothing of the chunk is released', { timeout: 60_000 }, async () => {
    const small = randomBytes(64 * 3);
    const inSmallChunks = await seal(small, { recipients: [key.recipient], chunkOctet: 0, mediaLength: small.length });
    for (let at = 0; at < inSmallChunks.body.length; at++) {
      const changed = Buffer.from(inSmallChunks.body);
      changed[at]! ^= 1 << (at % 8);
      const inFinalTag = at >= changed.length - 16;
      const before = inFinalTag ? 0 : Math.max(0, Math.floor(at / 80) * 64 - header);
      expect(await readUntilFailure(inSmallChunks.sealed, changed), `octet ${at}`).toEqual({
        code: inFinalTag ? 'FINAL_TAG' : 'CHUNK_TAG',
        released: small.subarray(0, before),
      });
    }
  });

  it('in its envelope, by any one bit of any octet, is refused by the record before anything is fetched', async () => {
    const fetch = fetchFrom(body);
    for (let at = 0; at < sealed.envelope.length; at++) {
      const envelope = Buffer.from(sealed.envelope);
      envelope[at]! ^= 1 << (at % 8);
      expect((await readUntilFailure(sealed, body, { envelope, fetch })).code).toBe('BINDING');
    }
    expect(fetch.calls).toBe(0);
  });

  it('is found cut when the store stops in the middle of a read', async () => {
    const opened = await openSealed(sealed, key, body, {
      fetch: (start, end) => inPieces(body.subarray(start, start === 0 ? 2 * storedChunk : end)),
    });
    const released: Uint8Array[] = [];
    await expect(async () => {
      for await (const piece of opened.read(0, opened.bytes)) released.push(piece);
    }).rejects.toMatchObject({ code: 'TRUNCATED' });
    expect(Buffer.concat(released).equals(mediaBefore(2))).toBe(true);
  });

  it('is found longer when the store answers more than was asked', async () => {
    const opened = await openSealed(sealed, key, body, {
      fetch: (start, end) => inPieces(body.subarray(start, start === 0 ? end + 1 : end)),
    });
    await expect(collect(opened.read(0, 10))).rejects.toMatchObject({ code: 'LENGTH' });
  });
});

describe('stored fields that do not fit', () => {
  const media = randomBytes(2000);
  let body: Buffer;
  let sealed: Sealed;
  beforeAll(async () => {
    ({ body, sealed } = await sealTest(media));
  });

  it('are refused by the lengths they imply', async () => {
    expect((await readUntilFailure(sealed, body, { mediaBytes: 1999 })).code).toBe('LENGTH');
    expect((await readUntilFailure(sealed, body, { bodyBytes: body.length + 1 })).code).toBe('LENGTH');
  });

  it('are refused by the packet when the lengths happen to agree', async () => {
    // 100 bytes take one length octet either way: only the octets tell the framings apart.
    const short = await sealTest(randomBytes(100));
    expect((await readUntilFailure(short.sealed, short.body, { framing: 'partial22' })).code).toBe('none');
    const forged = await seal(randomBytes(100), {
      recipients: [key.recipient],
      chunkOctet,
      fixed: { sessionKey: new Uint8Array(32), salt: new Uint8Array(32) },
    });
    const { ChunkCipher, ChunkSealer, vaultSuite } = await import('../../../src/vault/chunk-cipher.ts');
    const cipher = new ChunkCipher(vaultSuite(chunkOctet), new Uint8Array(32), new Uint8Array(32));
    const chunk = new ChunkSealer(cipher, 0);
    chunk.add(Buffer.alloc(108, 0xcb));
    const otherPacket = Buffer.concat([...chunk.end(), cipher.finalTag(1, 108)]);
    expect(otherPacket).toHaveLength(forged.body.length);
    expect(await readUntilFailure(forged.sealed, otherPacket)).toEqual({ code: 'FRAMING', released: Buffer.alloc(0) });
  });

  it('are refused when envelope, salt, chunk octet or key are not those of the record', async () => {
    const elsewhere = await sealTest(media);
    for (const name of ['envelopeSha256', 'salt', 'commitment'] as const) {
      const expected = { [name]: elsewhere.sealed[name] };
      expect((await readUntilFailure(sealed, body, { expected })).code).toBe('BINDING');
    }
    expect((await readUntilFailure(sealed, body, { expected: { chunkOctet: 14 } })).code).toBe('BINDING');
    // A whole forgery, made by someone who has the public key only, decrypts: the record is what refuses it.
    expect((await readUntilFailure(elsewhere.sealed, elsewhere.body, { expected: sealed })).code).toBe('BINDING');
    expect((await readUntilFailure(elsewhere.sealed, elsewhere.body)).code).toBe('none');
  });

  it('are refused when the body belongs to another envelope', async () => {
    const elsewhere = await sealTest(media);
    expect((await readUntilFailure(sealed, elsewhere.body)).code).toBe('FINAL_TAG');
  });

  it('open to recipients only', async () => {
    const opening = openMedia({ ...sealed, privateKeys: [other.opening], fetch: fetchFrom(body) });
    await expect(opening).rejects.toMatchObject({ name: 'KeyRefused', code: 'NOT_A_RECIPIENT' });
  });
});
