import { createHash } from 'node:crypto';
import { number, object, text } from '../../domain/json.ts';
import { lend } from '../../domain/memory.ts';
import { envelopeBytesIn } from '../../vault/envelope.ts';
import { VaultCorrupt } from '../../vault/errors.ts';
import type { OpeningKey, RecipientKey } from '../../vault/keyring.ts';
import { openStream } from '../../vault/open-stream.ts';
import { sealStream } from '../../vault/seal.ts';
import type { ObjectStore } from '../ports/object-store.ts';

/** A stream of a backup, sealed: a folder with `envelope` and `body`, which in a row are one OpenPGP message. */
export interface SealedPart {
  readonly bodyBytes: number;
  /** In hex. The envelope holds the key without which no octet of the body passes, so this binds all of it. */
  readonly envelopeSha256: string;
}

export const readSealedPart = object({ bodyBytes: number, envelopeSha256: text });

/** Longer than any envelope: a hundred recipients. */
const maxEnvelopeBytes = 64 * 1024;

/** Seals a stream of any length in constant memory. */
export async function putPart(
  place: Pick<ObjectStore, 'put'>,
  folder: string,
  recipients: readonly RecipientKey[],
  octets: AsyncIterable<Uint8Array>,
): Promise<SealedPart> {
  const sealing = sealStream({ recipients });
  await place.put(`${folder}/body`, lend(sealing.body(octets)));
  const { envelope, envelopeSha256, bodyBytes } = sealing.result;
  await place.put(`${folder}/envelope`, one(envelope));
  return { bodyBytes, envelopeSha256 };
}

/**
 * What was sealed, and nothing else: an octet that was changed, moved or left out ends the stream with an error. The
 * output counts only when it ended without one.
 * @throws VaultCorrupt, KeyRefused.
 */
export async function* openPart(
  place: Pick<ObjectStore, 'get'>,
  folder: string,
  { bodyBytes, envelopeSha256 }: SealedPart,
  privateKeys: readonly OpeningKey[],
): AsyncGenerator<Uint8Array> {
  const envelope = await readSmall(place, `${folder}/envelope`, maxEnvelopeBytes);
  if (sha256(envelope) !== envelopeSha256)
    throw new VaultCorrupt('BINDING', 'another envelope than the manifest names');
  const body = await place.get(`${folder}/body`);
  try {
    yield* openStream({ envelope, privateKeys, body, bodyBytes });
  } finally {
    body.destroy();
  }
}

/** A small text or object as one OpenPGP message. */
export async function sealSmall(octets: Uint8Array, recipients: readonly RecipientKey[]): Promise<Buffer> {
  const sealing = sealStream({ recipients, mediaLength: octets.length });
  const body: Buffer[] = [];
  for await (const piece of sealing.body(one(octets))) body.push(Buffer.from(piece));
  return Buffer.concat([sealing.result.envelope, ...body]);
}

/** @throws VaultCorrupt, KeyRefused. */
export async function openSmall(message: Uint8Array, privateKeys: readonly OpeningKey[]): Promise<Buffer> {
  const at = envelopeBytesIn(message);
  const body = message.subarray(at);
  const pieces: Buffer[] = [];
  const opened = openStream({
    envelope: message.subarray(0, at),
    privateKeys,
    body: one(body),
    bodyBytes: body.length,
  });
  for await (const piece of opened) pieces.push(Buffer.from(piece));
  return Buffer.concat(pieces);
}

/** The whole of an object. @throws VaultCorrupt when it is longer than anything that belongs there. */
export async function readSmall(place: Pick<ObjectStore, 'get'>, key: string, most: number): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of await place.get(key, { start: 0, end: most + 1 })) pieces.push(Buffer.from(piece));
  const octets = Buffer.concat(pieces);
  if (octets.length > most) throw new VaultCorrupt('LENGTH', `more than ${most} octets`);
  return octets;
}

export async function* one(octets: Uint8Array): AsyncGenerator<Uint8Array> {
  yield octets;
}

const sha256 = (octets: Uint8Array) => createHash('sha256').update(octets).digest('hex');
