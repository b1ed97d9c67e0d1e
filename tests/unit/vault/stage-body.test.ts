import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LengthMismatch } from '../../../src/vault/errors.ts';
import { BodyStager, openBodyPart, type StagedBodyPart, sealedInOneRun } from '../../../src/vault/stage-body.ts';
import { collect, openSealed, testKey } from '../../support/vault.ts';

const chunkOctet = 0;

interface Staged extends StagedBodyPart {
  readonly stored: Buffer;
}

/** Stages the first `sent` bytes in pieces, and ends the run. */
async function stage(media: Buffer, sent: number, pieceBytes: number, partChunks: number, uploadKey: Uint8Array) {
  const stager = new BodyStager({ uploadKey, mediaBytes: media.length, chunkOctet, partChunks });
  const staged: Staged[] = [];
  const store = async ({ pieces, ...part }: Awaited<ReturnType<BodyStager['end']>>['parts'][number]) =>
    staged.push({ ...part, chunkOctet, salt: stager.salt, stored: Buffer.concat(await pieces) });
  for (let at = 0; at < sent; at += pieceBytes)
    for await (const part of stager.add(media.subarray(at, Math.min(sent, at + pieceBytes)))) await store(part);
  const { parts, digests } = await stager.end();
  for (const part of parts) await store(part);
  const found = digests ? await digests : null;
  stager.drop();
  return { staged, digests: found, salt: stager.salt };
}

const runs = fc.record({
  bytes: fc.integer({ min: 1, max: 600 }),
  share: fc.double({ min: 0, max: 1, noNaN: true }),
  pieceBytes: fc.integer({ min: 1, max: 200 }),
  partChunks: fc.integer({ min: 1, max: 4 }),
});

describe('a body that is staged while it is sealed', () => {
  test('in one run, its parts in a row open as what was sent', async () => {
    const key = await testKey();
    await fc.assert(
      fc.asyncProperty(runs, async ({ bytes, pieceBytes, partChunks }) => {
        const [media, uploadKey] = [randomBytes(bytes), randomBytes(32)];
        const { staged, digests, salt } = await stage(media, bytes, pieceBytes, partChunks, uploadKey);
        const body = Buffer.concat(staged.map(({ stored }) => stored));
        const sealed = await sealedInOneRun({ uploadKey, salt, chunkOctet, mediaBytes: bytes, ...digests! }, [
          key.recipient,
        ]);
        expect(body.length).toBe(sealed.bodyBytes);
        const opened = await openSealed(sealed, key, body);
        expect((await collect(opened.read(0, opened.bytes))).equals(media)).toBe(true);
        opened.close();
      }),
      { numRuns: 60 },
    );
  });

  test('broken off anywhere, its parts give back every byte that was sent', async () => {
    await fc.assert(
      fc.asyncProperty(runs, async ({ bytes, share, pieceBytes, partChunks }) => {
        const [media, uploadKey] = [randomBytes(bytes), randomBytes(32)];
        const sent = Math.min(bytes - 1, Math.floor(share * bytes));
        const { staged, digests } = await stage(media, sent, pieceBytes, partChunks, uploadKey);
        expect(digests).toBeNull();
        expect(staged.reduce((end, part) => (part.start === end ? end + part.bytes : Number.NaN), 0)).toBe(sent);
        const opened = staged.flatMap(({ stored, ...part }) => openBodyPart(uploadKey, bytes, part, stored));
        expect(Buffer.concat(opened).equals(media.subarray(0, sent))).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  test.each([
    [
      'an octet changed',
      (part: Staged) => ({ ...part, stored: Buffer.from(part.stored).fill(part.stored[3]! ^ 1, 3, 4) }),
    ],
    ['another place', (part: Staged) => ({ ...part, chunk: part.chunk + 1 })],
    ['an end that is missing', (part: Staged) => ({ ...part, stored: part.stored.subarray(0, -1) })],
    ['another length', (part: Staged) => ({ ...part, bytes: part.bytes - 1 })],
    ['another tag', (part: Staged) => ({ ...part, tag: randomBytes(16) })],
    ['a short tag', (part: Staged) => ({ ...part, tag: part.tag.subarray(0, 4) })],
  ])('a part with %s is not opened', async (_, change) => {
    const [media, uploadKey] = [randomBytes(400), randomBytes(32)];
    const { staged } = await stage(media, 399, 50, 2, uploadKey);
    const { stored, ...part } = change(staged[1]!);
    expect(() => openBodyPart(uploadKey, media.length, part, stored)).toThrow(
      expect.objectContaining({ name: 'VaultCorrupt' }),
    );
  });

  test('a byte too many is refused', async () => {
    const stager = new BodyStager({ uploadKey: randomBytes(32), mediaBytes: 10, chunkOctet, partChunks: 2 });
    const adding = async () => {
      for await (const _ of stager.add(randomBytes(11)));
    };
    await expect(adding()).rejects.toThrow(LengthMismatch);
    stager.drop();
  });
});
