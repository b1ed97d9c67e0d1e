import { createHash, randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { type CountedMedia, countMedia, countUndeclared } from '../../../src/vault/count-media.ts';
import { type Digest, digestHere, digestOnThread } from '../../../src/vault/digest-thread.ts';
import { inPieces } from '../../support/vault.ts';

async function passed(counted: CountedMedia): Promise<Buffer> {
  const slices: Uint8Array[] = [];
  for await (const slice of counted.slices()) slices.push(Uint8Array.from(slice));
  return Buffer.concat(slices);
}

describe.each<[string, () => Digest]>([
  ['here', digestHere],
  ['on a thread', () => digestOnThread('media')],
])('media counted %s', (_name, begin) => {
  it.each([
    [0, 1],
    [1, 1],
    [2 ** 16, 1_000],
    [2 ** 20, 2 ** 16],
    [9_000_001, 70_001],
    [9 * 2 ** 20, 3_000_000],
  ])('of %d bytes in pieces of %d passes whole and in order', async (bytes, pieceBytes) => {
    const media = randomBytes(bytes);
    const digest = begin();
    const counted = countMedia(inPieces(media, pieceBytes), bytes, digest);
    expect((await passed(counted)).equals(media)).toBe(true);
    expect(counted.bytes).toBe(bytes);
    expect(await digest.hex()).toBe(createHash('sha256').update(media).digest('hex'));
  });

  it('fails with the first byte too many, and at the end of too few', async () => {
    const reach = async (declared: number) => {
      const digest = begin();
      let seen = 0;
      const counted = countMedia(inPieces(randomBytes(3_000_000), 100_000), declared, digest);
      const pass = async () => {
        for await (const slice of counted.slices()) seen += slice.length;
      };
      await expect(pass()).rejects.toMatchObject({ name: 'LengthMismatch' });
      digest.drop();
      return seen;
    };
    expect(await reach(2_999_999)).toBeLessThanOrEqual(2_999_999);
    expect(await reach(3_000_001)).toBeLessThanOrEqual(3_000_000);
  });
});

it('media of unknown length passes as it comes', async () => {
  const media = randomBytes(100_000);
  const digest = digestHere();
  const counted = countUndeclared(inPieces(media, 7_000), digest);
  expect((await passed(counted)).equals(media)).toBe(true);
  expect(counted.bytes).toBe(media.length);
  expect(await digest.hex()).toBe(createHash('sha256').update(media).digest('hex'));
});
