import {
  generateVaultKey,
  type OpeningKey,
  parsePrivateKey,
  parsePublicKey,
  type RecipientKey,
} from '../../src/vault/keyring.ts';
import { type FetchBody, type OpenOptions, openMedia } from '../../src/vault/open.ts';
import { type Sealed, type SealOptions, sealStream } from '../../src/vault/seal.ts';

export interface TestKey {
  readonly recipient: RecipientKey;
  readonly opening: OpeningKey;
}

export async function testKey(version: 4 | 6 = 4): Promise<TestKey> {
  const pair = await generateVaultKey({ name: 'Test vault', version });
  return {
    recipient: await parsePublicKey(pair.publicKeyArmored),
    opening: await parsePrivateKey(pair.privateKeyArmored),
  };
}

export async function* inPieces(content: Uint8Array, pieceBytes = 64 * 1024): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < content.length; at += pieceBytes) yield content.subarray(at, at + pieceBytes);
}

export async function collect(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of stream) pieces.push(piece);
  return Buffer.concat(pieces);
}

/** Seals in memory; `media` may come in pieces of any size. */
export async function seal(
  media: Uint8Array | AsyncIterable<Uint8Array>,
  options: SealOptions,
): Promise<{ body: Buffer; sealed: Sealed }> {
  const sealing = sealStream(options);
  const body = await collect(sealing.body(media instanceof Uint8Array ? inPieces(media) : media));
  return { body, sealed: sealing.result };
}

/** Serves a body from memory as a store would, and counts how often it is asked. */
export function fetchFrom(body: Uint8Array, pieceBytes?: number): FetchBody & { calls: number } {
  const fetch = Object.assign(
    (start: number, end: number) => {
      fetch.calls += 1;
      return inPieces(body.subarray(start, end), pieceBytes);
    },
    { calls: 0 },
  );
  return fetch;
}

/** Opens the sealed body, with single fields replaced. */
export function openSealed(sealed: Sealed, key: TestKey, body: Uint8Array, changed: Partial<OpenOptions> = {}) {
  return openMedia({ ...sealed, privateKeys: [key.opening], expected: sealed, fetch: fetchFrom(body), ...changed });
}
