import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  exportedBytes,
  exportMessage,
  makeEnvelope,
  openEnvelope,
  rewrapEnvelope,
  wrapSessionKey,
} from '../../../src/vault/envelope.ts';
import { collect, inPieces, openSealed, seal, type TestKey, testKey } from '../../support/vault.ts';

let key: TestKey;
let other: TestKey;
beforeAll(async () => {
  key = await testKey(4);
  other = await testKey(6);
});

const sessionKey = randomBytes(32);
const salt = randomBytes(32);
const make = async (bodyBytes: number) =>
  makeEnvelope({ wrappedKeys: await wrapSessionKey(sessionKey, [key.recipient]), salt, chunkOctet: 14, bodyBytes });

it('gives back session key, salt and chunk octet', async () => {
  const opened = await openEnvelope(await make(40), [other.opening, key.opening]);
  expect(opened).toEqual({ sessionKey: new Uint8Array(sessionKey), salt: Buffer.from(salt), chunkOctet: 14 });
});

it.each([
  [40, 'd24c'],
  [192, 'd2c024'],
  [2 ** 32 - 1 - 36, 'd2ffffffffff'],
  [2 ** 32 - 36, 'd2fe'],
])('announces a body of %i octets with %s', async (bodyBytes, octets) => {
  const header = Buffer.from(await make(bodyBytes)).subarray(-36 - octets.length / 2, -36);
  expect(header.toString('hex')).toBe(octets);
});

describe('an envelope that was changed', () => {
  it('by any bit does not give another session key', async () => {
    const envelope = await make(40);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: envelope.length * 8 - 1 }), async (bit) => {
        const changed = Buffer.from(envelope);
        changed[bit >> 3]! ^= 1 << (bit & 7);
        const opened = await openEnvelope(changed, [key.opening]).catch((error: Error) => error);
        if (opened instanceof Error) expect(['VaultCorrupt', 'KeyRefused']).toContain(opened.name);
        else expect(Buffer.compare(opened.sessionKey, sessionKey)).toBe(0);
      }),
      { numRuns: 150 },
    );
  });

  it('by cutting it anywhere does not open', async () => {
    const envelope = await make(40);
    for (let length = 0; length < envelope.length; length += 1) {
      await expect(openEnvelope(envelope.subarray(0, length), [key.opening])).rejects.toMatchObject({
        code: 'ENVELOPE',
      });
    }
  });

  it('by adding a second session key does not open', async () => {
    const foreign = await wrapSessionKey(randomBytes(32), [key.recipient]);
    const both = Buffer.concat([foreign, await make(40)]);
    await expect(openEnvelope(both, [key.opening])).rejects.toMatchObject({ code: 'ENVELOPE' });
  });
});

it('is wrapped again for others, who open the same body; the former recipient does not', async () => {
  const media = randomBytes(5000);
  const { body, sealed } = await seal(media, { recipients: [key.recipient], mediaLength: media.length });
  const envelope = await rewrapEnvelope(sealed.envelope, [key.opening], [other.recipient]);
  const expected = { commitment: sealed.commitment, salt: sealed.salt };
  const opened = await openSealed(sealed, other, body, { envelope, expected });
  expect((await collect(opened.read(0, media.length))).equals(media)).toBe(true);
  await expect(openSealed(sealed, key, body, { envelope, expected })).rejects.toMatchObject({
    code: 'NOT_A_RECIPIENT',
  });
});

describe('an exported message', () => {
  it('is envelope and body, side by side', async () => {
    const envelope = await make(1000);
    const body = randomBytes(1000);
    const file = await collect(exportMessage(envelope, inPieces(body, 7), 1000));
    expect(file.equals(Buffer.concat([envelope, body]))).toBe(true);
    expect(exportedBytes(envelope, 1000)).toBe(file.length);
  });

  it.each([999, 1001])('is refused when the body has %i octets instead of 1000', async (bytes) => {
    const exporting = exportMessage(await make(1000), inPieces(randomBytes(bytes)), 1000);
    await expect(collect(exporting)).rejects.toMatchObject({ code: 'LENGTH' });
  });

  it('is refused when the envelope announces another length', async () => {
    const exporting = exportMessage(await make(1000), inPieces(randomBytes(900)), 900);
    await expect(collect(exporting)).rejects.toMatchObject({ code: 'LENGTH' });
  });

  it.each([2 ** 32 - 36, 2 ** 32, 5 * 2 ** 30 - 36])(
    'over 4 GiB has a length octet at every GiB: a body of %i octets',
    async (bodyBytes) => {
      const envelope = await make(bodyBytes);
      const piece = Buffer.alloc(2 ** 26);
      const body = (async function* () {
        for (let at = 0; at < bodyBytes; at += piece.length) yield piece.subarray(0, bodyBytes - at);
      })();
      // All octets of the body are zero, so that what is not is framing.
      const found: { at: number; octets: string }[] = [];
      let at = -envelope.length;
      for await (const run of exportMessage(envelope, body, bodyBytes)) {
        if (at >= 0 && run.length <= 5) found.push({ at, octets: Buffer.from(run).toString('hex') });
        at += run.length;
      }
      expect(exportedBytes(envelope, bodyBytes)).toBe(envelope.length + at);
      const gib = 2 ** 30;
      const total = bodyBytes + 36;
      const last = total % gib;
      const inner = Math.floor(total / gib) - 1;
      expect(found.slice(0, inner)).toEqual(
        Array.from({ length: inner }, (_, index) => ({ at: (index + 1) * gib - 36 + index, octets: 'fe' })),
      );
      const lastAt = (inner + 1) * gib - 36 + inner;
      expect(found.at(inner)).toEqual({ at: lastAt, octets: last === 0 ? '00' : '24' });
    },
    30_000,
  );
});
