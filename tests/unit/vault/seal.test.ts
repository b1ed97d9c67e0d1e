import { createHash, randomBytes } from 'node:crypto';
import { PassThrough, Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import fc from 'fast-check';
import { decrypt, readMessage } from 'openpgp';
import { beforeAll, describe, expect, it } from 'vitest';
import { exportMessage } from '../../../src/vault/envelope.ts';
import { LengthMismatch } from '../../../src/vault/errors.ts';
import { sealStream } from '../../../src/vault/seal.ts';
import { collect, inPieces, openSealed, seal, type TestKey, testKey } from '../../support/vault.ts';

const mib = 2 ** 20;
const keys = {} as Record<4 | 6, TestKey>;
beforeAll(async () => {
  keys[4] = await testKey(4);
  keys[6] = await testKey(6);
});

const sha256 = (content: Uint8Array) => createHash('sha256').update(content).digest('hex');

async function openWithOpenPgp(envelope: Uint8Array, body: Uint8Array, key: TestKey): Promise<Uint8Array> {
  const file = await collect(exportMessage(envelope, inPieces(body), body.length));
  const message = await readMessage({ binaryMessage: Uint8Array.from(file) });
  const { data } = await decrypt({ message, decryptionKeys: key.opening.key, format: 'binary' });
  return data;
}

describe.each([
  ['definite', true],
  ['unknown', false],
] as const)('media of %s length', (_name, isDeclared) => {
  describe.each([4, 6] as const)('sealed to a key of version %i', (version) => {
    it.each([0, 1, mib - 1, mib, mib + 1, 4 * mib - 6, 64 * mib])(
      'is opened by OpenPGP.js and by the vault alike: %i bytes',
      async (bytes) => {
        const media = randomBytes(bytes);
        const key = keys[version];
        const { body, sealed } = await seal(media, {
          recipients: [key.recipient],
          ...(isDeclared ? { mediaLength: bytes } : {}),
        });
        expect(Buffer.compare(await openWithOpenPgp(sealed.envelope, body, key), media)).toBe(0);
        const opened = await openSealed(sealed, key, body);
        expect(sha256(await collect(opened.read(0, opened.bytes)))).toBe(sha256(media));
      },
      60_000,
    );
  });
});

it('describes what it sealed', async () => {
  const media = randomBytes(3 * mib + 5);
  const { body, sealed } = await seal(media, { recipients: [keys[4].recipient] });
  expect(sealed).toMatchObject({
    chunkOctet: 14,
    framing: 'partial22',
    bodyBytes: body.length,
    bodySha256: sha256(body),
    envelopeSha256: sha256(sealed.envelope),
    mediaBytes: media.length,
    mediaSha256: sha256(media),
  });
  expect(sealed.commitment).toMatch(/^[0-9a-f]{64}$/);
});

it('can be opened by each of three recipients', async () => {
  const all = [keys[4], keys[6], await testKey(4)];
  const media = randomBytes(100);
  const { body, sealed } = await seal(media, { recipients: all.map(({ recipient }) => recipient), mediaLength: 100 });
  for (const key of all) {
    expect(Buffer.from(await openWithOpenPgp(sealed.envelope, body, key)).equals(media)).toBe(true);
    const opened = await openSealed(sealed, key, body);
    expect((await collect(opened.read(0, 100))).equals(media)).toBe(true);
  }
});

it('draws a new key and salt every time', async () => {
  const media = randomBytes(100);
  const options = { recipients: [keys[4].recipient], mediaLength: 100 };
  const [one, two] = [await seal(media, options), await seal(media, options)];
  expect(one.body.equals(two.body)).toBe(false);
  expect(one.sealed.commitment).not.toBe(two.sealed.commitment);
  expect(Buffer.compare(one.sealed.salt, two.sealed.salt)).not.toBe(0);
});

it('gives the same body for any pieces of the same media under one key and salt', async () => {
  const fixed = { sessionKey: randomBytes(32), salt: randomBytes(32) };
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ maxLength: 3000 }),
      fc.array(fc.integer({ min: 0, max: 700 }), { minLength: 1 }).filter((sizes) => sizes.some((size) => size > 0)),
      fc.boolean(),
      fc.constantFrom(0, 2, 4),
      async (media, sizes, isDeclared, chunkOctet) => {
        const options = {
          recipients: [keys[4].recipient],
          fixed,
          chunkOctet,
          ...(isDeclared ? { mediaLength: media.length } : {}),
        };
        const cut = async function* () {
          for (let at = 0, turn = 0; at < media.length; turn++) {
            const size = sizes[turn % sizes.length]!;
            yield media.subarray(at, at + size);
            at += size;
          }
        };
        const whole = await seal(media, options);
        const pieces = await seal(cut(), options);
        expect(pieces.body.equals(whole.body)).toBe(true);
        expect(pieces.sealed.mediaSha256).toBe(sha256(media));
      },
    ),
    { numRuns: 40 },
  );
});

describe('a declared length that is not what arrives', () => {
  it.each([
    ['one too many', 99],
    ['one too few', 101],
    ['something for nothing', 0],
  ])('fails: %s', async (_name, mediaLength) => {
    const sealing = sealStream({ recipients: [keys[4].recipient], mediaLength });
    await expect(collect(sealing.body(inPieces(randomBytes(100))))).rejects.toBeInstanceOf(LengthMismatch);
    expect(() => sealing.result).toThrow('not sealed');
  });

  it('never emits the last chunk and the final tag', async () => {
    const sealing = sealStream({ recipients: [keys[4].recipient], mediaLength: 1001, chunkOctet: 0 });
    let emitted = 0;
    await expect(async () => {
      for await (const piece of sealing.body(inPieces(randomBytes(1000), 100))) emitted += piece.length;
    }).rejects.toMatchObject({ declaredBytes: 1001, receivedBytes: 1000 });
    expect(emitted).toBeLessThanOrEqual(Math.floor(1000 / 64) * 80);
  });
});

it('has the right digests when they are made on a thread: media declared long, or of unknown length', async () => {
  const fixed = { sessionKey: randomBytes(32), salt: randomBytes(32) };
  const options = { recipients: [keys[4].recipient], fixed };
  const media = randomBytes(20 * mib);
  for (const mediaLength of [undefined, media.length]) {
    const length = mediaLength === undefined ? {} : { mediaLength };
    const { body, sealed } = await seal(media, { ...options, ...length });
    expect(sealed.bodySha256).toBe(sha256(body));
    expect(sealed.mediaSha256).toBe(sha256(media));
    const opened = await openSealed(sealed, keys[4], body);
    expect(sha256(await collect(opened.read(0, media.length)))).toBe(sha256(media));
  }
});

it('passes on the failure of its source, and then has no result', async () => {
  const sealing = sealStream({ recipients: [keys[4].recipient] });
  const failing = (async function* () {
    yield randomBytes(10);
    throw new Error('connection lost');
  })();
  await expect(collect(sealing.body(failing))).rejects.toThrow('connection lost');
  expect(() => sealing.result).toThrow('not sealed');
});

it('is used once', async () => {
  const sealing = sealStream({ recipients: [keys[4].recipient] });
  await collect(sealing.body(inPieces(randomBytes(10))));
  await expect(collect(sealing.body(inPieces(randomBytes(10))))).rejects.toThrow('used once');
});

it('refuses to seal to nobody', async () => {
  await expect(seal(randomBytes(1), { recipients: [] })).rejects.toBeInstanceOf(RangeError);
});

it('fits between the stages of a pipeline, which stops it', async () => {
  const sealing = sealStream({ recipients: [keys[4].recipient] });
  const sink = new PassThrough();
  const sealedBytes = collect(sink);
  await pipeline(Readable.from(inPieces(randomBytes(mib))), sealing.body, sink);
  expect(sha256(await sealedBytes)).toBe(sealing.result.bodySha256);

  const abort = new AbortController();
  const stopped = sealStream({ recipients: [keys[4].recipient] });
  const endless = Readable.from(
    (async function* () {
      for (;;) yield randomBytes(1000);
    })(),
  );
  const running = pipeline(endless, stopped.body, new PassThrough(), { signal: abort.signal });
  setTimeout(() => abort.abort(), 20);
  await expect(running).rejects.toThrow();
  expect(() => stopped.result).toThrow('not sealed');
});
