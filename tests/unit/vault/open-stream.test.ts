import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openStream } from '../../../src/vault/open-stream.ts';
import { collect, inPieces, seal, testKey } from '../../support/vault.ts';

const key = await testKey();
const chunkOctet = 0; // 64 octets: every boundary is near
const recipients = [key.recipient];

const open = (envelope: Uint8Array, body: Uint8Array, pieceBytes = 1_000, bodyBytes = body.length) =>
  collect(openStream({ envelope, privateKeys: [key.opening], body: inPieces(body, pieceBytes), bodyBytes }));

describe('with envelope and body alone', () => {
  it('gives back media of any length, declared or not, however the body is cut', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(1_500),
        fc.boolean(),
        fc.integer({ min: 1, max: 300 }),
        async (size, isDeclared, piece) => {
          const media = randomBytes(size);
          const options = { recipients, chunkOctet, ...(isDeclared ? { mediaLength: size } : {}) };
          const { body, sealed } = await seal(media, options);
          expect((await open(sealed.envelope, body, piece)).equals(media)).toBe(true);
        },
      ),
      { numRuns: 150 },
    );
  });

  it('crosses the parts of 4 MiB', async () => {
    const media = randomBytes(2 ** 23 + 5);
    const { body, sealed } = await seal(media, { recipients });
    expect((await open(sealed.envelope, body, 70_000)).equals(media)).toBe(true);
  });

  it('refuses every flipped byte, and every cut', async () => {
    const { body, sealed } = await seal(randomBytes(200), { recipients, chunkOctet, mediaLength: 200 });
    for (let at = 0; at < body.length; at++) {
      const changed = Buffer.from(body);
      changed[at]! ^= 1;
      await expect(open(sealed.envelope, changed)).rejects.toMatchObject({ name: 'VaultCorrupt' });
      await expect(open(sealed.envelope, body.subarray(0, at))).rejects.toMatchObject({ name: 'VaultCorrupt' });
      await expect(open(sealed.envelope, body.subarray(0, at), 7, body.length)).rejects.toMatchObject({
        code: 'TRUNCATED',
      });
    }
    const longer = Buffer.concat([body, Buffer.alloc(80)]);
    await expect(open(sealed.envelope, longer)).rejects.toMatchObject({ name: 'VaultCorrupt' });
    await expect(open(sealed.envelope, longer, 7, body.length)).rejects.toMatchObject({ code: 'LENGTH' });
  });

  it('refuses chunks that were swapped', async () => {
    const { body, sealed } = await seal(randomBytes(200), { recipients, chunkOctet, mediaLength: 200 });
    const swapped = Buffer.concat([body.subarray(80, 160), body.subarray(0, 80), body.subarray(160)]);
    await expect(open(sealed.envelope, swapped)).rejects.toMatchObject({ code: 'CHUNK_TAG' });
  });
});
