import { createHash, randomUUID } from 'node:crypto';
import type { Binding } from '../../domain/audit-event.ts';
import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import { lend } from '../../domain/memory.ts';
import { rewrapEnvelope } from '../../vault/envelope.ts';
import type { RecipientKey } from '../../vault/keyring.ts';
import { openMedia } from '../../vault/open.ts';
import type { Framing } from '../../vault/packet.ts';
import { type Sealed, sealStream } from '../../vault/seal.ts';
import { sealedInOneRun } from '../../vault/stage-body.ts';
import type { Transaction } from '../ports/database.ts';
import type { Keyring } from '../ports/keyring.ts';
import type { OpenSource } from '../ports/media.ts';
import type { Outside } from '../ports/outside.ts';
import { lockForNow, openLock, type StoredEnvelope } from './envelope-lock.ts';

export interface StoredSealed extends Sealed {
  readonly id: Id;
  readonly bodyKey: string;
  /** Fingerprints of the keys that the envelope is wrapped for. */
  readonly recipients: readonly string[];
  /** Plain until it is recorded. */
  readonly epoch: 0;
  /** The envelope as it goes into the database, under the epoch of the moment: reading back may have taken hours. */
  lock(): { envelope: Buffer<ArrayBuffer>; epoch: number };
}

/** The objects of one recording or document share a folder, so that a sweep finds what was left of it. */
export function folderOf(kind: 'recordings' | 'documents', ownerId: Id): string {
  return `${kind}/${ownerId}/`;
}

/** Staged parts of an upload that is not sealed yet. */
export function stageFolder(uploadId: Id): string {
  return `uploads/${uploadId}/`;
}

/**
 * Encrypts a stream into the object store: body first, then the copy of the key envelope that serves recovery without a
 * database. Nothing is visible to anybody until a transaction records it (`recordSealed`); on failure nothing is left.
 */
export async function sealIntoStore(
  outside: Pick<Outside, 'objects' | 'keyring'>,
  folder: string,
  media: AsyncIterable<Uint8Array>,
  options: { mediaLength?: number | undefined; signal?: AbortSignal } = {},
): Promise<StoredSealed> {
  const { objects, keyring } = outside;
  const id = randomUUID();
  const bodyKey = `${folder}${id}/body`;
  // Taken once: the keys may change while the stream runs.
  const { recipients } = keyring;
  const sealing = sealStream({
    recipients,
    ...(options.mediaLength === undefined ? {} : { mediaLength: options.mediaLength }),
  });
  const put = options.signal ? { signal: options.signal } : {};
  await objects.put(bodyKey, lend(sealing.body(media)), put);
  return addEnvelope(outside, { folder, id }, put, () => wrapForNow(keyring, sealing.result, recipients));
}

/** Makes one sealed object of staged parts that are its body already (`vault/stage-body.ts`). As `sealIntoStore` otherwise. */
export async function composeIntoStore(
  outside: Pick<Outside, 'objects' | 'keyring'>,
  folder: string,
  body: Parameters<typeof sealedInOneRun>[0] & { readonly parts: readonly string[] },
  signal: AbortSignal,
): Promise<StoredSealed> {
  const { objects, keyring } = outside;
  const id = randomUUID();
  await objects.compose(`${folder}${id}/body`, body.parts, { signal });
  return addEnvelope(outside, { folder, id }, { signal }, async () => {
    const { recipients } = keyring;
    return wrapForNow(keyring, await sealedInOneRun(body, recipients), recipients);
  });
}

/** The copy of the envelope beside a body that is stored. Without it the body goes, too. */
async function addEnvelope(
  { objects, keyring }: Pick<Outside, 'objects' | 'keyring'>,
  { folder, id }: { folder: string; id: Id },
  put: { signal?: AbortSignal },
  make: () => ReturnType<typeof wrapForNow>,
): Promise<StoredSealed> {
  const bodyKey = `${folder}${id}/body`;
  try {
    const sealed = await make();
    await objects.put(`${folder}${id}/envelope`, one(sealed.envelope), put);
    return { ...sealed, id, bodyKey, epoch: 0, lock: () => lockForNow(keyring, id, sealed.envelope) };
  } catch (error) {
    await objects.delete(bodyKey);
    throw error;
  }
}

/** A stream may last for hours: for keys that were rotated meanwhile the envelope is wrapped again before anybody sees it. */
async function wrapForNow(keyring: Keyring, sealed: Sealed, then: readonly RecipientKey[]) {
  const { recipients, openingKeys } = keyring;
  const names = (keys: readonly RecipientKey[]) => keys.map(({ fingerprint }) => fingerprint).toSorted();
  if (names(then).join() === names(recipients).join()) return { ...sealed, recipients: names(then) };
  const envelope = await rewrapEnvelope(sealed.envelope, openingKeys, recipients);
  const envelopeSha256 = createHash('sha256').update(envelope).digest('hex');
  return { ...sealed, envelope, envelopeSha256, recipients: names(recipients) };
}

/** Writes the record that makes a sealed object exist, and returns what goes onto the log to bind it (docs/vault-format.md). */
export async function recordSealed(tx: Transaction, sealed: StoredSealed): Promise<Binding> {
  await tx.db.sealedObject.create({
    data: {
      id: sealed.id,
      bodyKey: sealed.bodyKey,
      ...sealed.lock(),
      salt: Uint8Array.from(sealed.salt),
      chunkOctet: sealed.chunkOctet,
      framing: sealed.framing,
      bodyBytes: sealed.bodyBytes,
      bodySha256: sealed.bodySha256,
      envelopeSha256: sealed.envelopeSha256,
      mediaBytes: sealed.mediaBytes,
      mediaSha256: sealed.mediaSha256,
      commitment: sealed.commitment,
      recipients: [...sealed.recipients],
    },
  });
  return {
    sealedId: sealed.id,
    salt: Buffer.from(sealed.salt).toString('hex'),
    chunkOctet: sealed.chunkOctet,
    bodyBytes: sealed.bodyBytes,
    bodySha256: sealed.bodySha256,
    envelopeSha256: sealed.envelopeSha256,
    commitment: sealed.commitment,
  };
}

async function* one(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

export interface SealedRow extends StoredEnvelope {
  readonly bodyKey: string;
  readonly salt: Uint8Array;
  readonly chunkOctet: number;
  readonly framing: Framing;
  readonly bodyBytes: bigint | number;
  readonly mediaBytes: bigint | number;
  readonly envelopeSha256: string;
  readonly commitment: string;
}

/**
 * Opens a sealed object for reading. The caller closes it.
 * @throws VaultCorrupt when what is stored is not what was sealed.
 * @throws KeyRefused `EPOCH_GONE` for a row from before its epoch was destroyed.
 */
export async function openSealed(
  outside: Pick<Outside, 'objects' | 'keyring'>,
  row: SealedRow,
  signal?: AbortSignal,
): Promise<OpenSource> {
  return openMedia({
    envelope: await openLock(outside.keyring, row),
    privateKeys: outside.keyring.openingKeys,
    bodyBytes: Number(row.bodyBytes),
    mediaBytes: Number(row.mediaBytes),
    framing: row.framing,
    // What was decrypted is read no more.
    fetch: async (start, end, fetchSignal) =>
      lend(await outside.objects.get(row.bodyKey, { start, end }, fetchSignal ? { signal: fetchSignal } : {})),
    expected: {
      envelopeSha256: row.envelopeSha256,
      salt: row.salt,
      chunkOctet: row.chunkOctet,
      commitment: row.commitment,
    },
    ...(signal ? { signal } : {}),
  });
}

/** Reads every byte of what was sealed: each tag, the final tag, and the length. */
export async function readBack(
  outside: Pick<Outside, 'objects' | 'keyring'>,
  sealed: StoredSealed,
  counted: (bytes: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): Promise<void> {
  const source = await openSealed(outside, sealed, signal);
  try {
    let bytes = 0;
    for await (const piece of lend(counted(source.read(0, source.bytes, signal)))) bytes += piece.length;
    if (bytes !== sealed.mediaBytes) throw new Error('what was sealed does not read back whole');
  } finally {
    source.close();
  }
}

/** Whether a row of the database accounts for an object, body or envelope, of a sealed object. */
export async function isRecorded({ database }: Pick<Outside, 'database'>, key: string): Promise<boolean> {
  const bodyKey = key.replace(/\/envelope$/, '/body');
  return (await database.read.sealedObject.findUnique({ where: { bodyKey }, select: { id: true } })) !== null;
}

/** Envelope and body of one sealed object, in every version. False when the store holds on to some of it. */
export async function purgeSealed({ objects }: Pick<Outside, 'objects'>, bodyKey: string): Promise<boolean> {
  const envelope = await objects.purge(bodyKey.replace(/body$/, 'envelope'));
  const body = await objects.purge(bodyKey);
  return envelope.held + body.held === 0;
}

/** Passes bytes on and refuses the first one over the limit. @throws Refusal `TOO_LARGE`. */
export async function* limitBytes(bytes: AsyncIterable<Uint8Array>, maxBytes: number): AsyncGenerator<Uint8Array> {
  let total = 0;
  for await (const piece of bytes) {
    total += piece.length;
    assertNotTooLarge(maxBytes, total);
    yield piece;
  }
}

/** @throws Refusal `TOO_LARGE`. */
export function assertNotTooLarge(maxBytes: number, bytes: number | undefined): void {
  if (bytes === undefined || bytes <= maxBytes) return;
  const limit =
    maxBytes >= 2 ** 30 ? `${(maxBytes / 2 ** 30).toFixed(1)} GiB` : `${(maxBytes / 2 ** 20).toFixed(1)} MiB`;
  throw new Refusal('TOO_LARGE', {
    reasons: [{ code: 'TOO_LARGE', params: { limit } }],
  });
}

/** Deletes every object in a folder and aborts what is still being written there. Repeatable. Returns how many went. */
export async function emptyFolder(outside: Pick<Outside, 'objects'>, folder: string, before: Date): Promise<number> {
  let removed = await outside.objects.abortUnfinished(folder, before);
  for await (const object of outside.objects.list(folder)) {
    // In every version: an envelope that stays behind in a bucket that keeps them would still open.
    await outside.objects.purge(object.key);
    removed++;
  }
  return removed;
}

/** All octets of a stream that is known to be small. */
export async function collectBytes(bytes: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of bytes) pieces.push(Uint8Array.from(piece));
  return Buffer.concat(pieces);
}
