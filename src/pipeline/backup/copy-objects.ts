import { createHash, randomBytes } from 'node:crypto';
import type { OpeningKey, RecipientKey } from '../../vault/keyring.ts';
import { one, openSmall, readSmall, sealSmall } from '../core/sealed-message.ts';
import { ObjectMissing, type ObjectStore, type StoredObject } from '../ports/object-store.ts';
import { copyKey, type KeptObject } from './object-list.ts';
import { BackupRefused } from './refusal.ts';

/** Objects that are nothing but ciphertext for keys that a backup does not hold: they are copied as they are. */
const ciphertext = /^((recordings|documents)\/[^/]+\/[^/]+\/body|uploads\/[^/]+\/[^/]+)$/;
/** Everything else is small: envelopes, tombstones, certificates, tiles of the log. */
const mostSealedBytes = 64 * 2 ** 20;
/** A store may give times in whole seconds: what was written so shortly before may be written again unseen. */
const freshMs = 2_000;

/** What is on the way, and how far it is. */
export type Told = (progress: {
  readonly stage: 'database' | 'objects' | 'load' | 'log' | 'erase';
  readonly done: number;
  readonly total: number;
}) => void;

/**
 * Copies one object into the place of the backups and says what was copied; null when it went meanwhile. A copy that is
 * there from a backup that broke off is read again instead of being written again.
 */
export async function copyObject(
  { objects, place }: { readonly objects: Pick<ObjectStore, 'get'>; readonly place: ObjectStore },
  { key, bytes, modifiedAt }: StoredObject,
  {
    recipients,
    listedAt,
    expected,
  }: {
    readonly recipients: readonly RecipientKey[];
    readonly listedAt: Date;
    /** SHA-256 of a body, as its row says. */
    readonly expected: string | undefined;
  },
): Promise<KeptObject | null> {
  const isFresh = modifiedAt.getTime() > listedAt.getTime() - freshMs;
  const copy = isFresh ? randomBytes(32).toString('hex') : nameOf(key, bytes, modifiedAt);
  const facts = { key, modifiedMs: isFresh ? 0 : modifiedAt.getTime(), copy };
  try {
    if (!ciphertext.test(key)) {
      const octets = await readSmall(objects, key, mostSealedBytes);
      await place.put(copyKey(copy), one(await sealSmall(octets, recipients)));
      return { ...facts, bytes: octets.length, sha256: sha256(octets), isSealed: true };
    }
    const there = isFresh || expected === undefined ? null : await place.head(copyKey(copy));
    const isThere = there?.bytes === bytes && (await digestOf(await place.get(copyKey(copy)))) === expected;
    if (isThere && expected !== undefined) return { ...facts, bytes, sha256: expected, isSealed: false };
    const digest = new Digest();
    await place.put(copyKey(copy), digest.of(await objects.get(key)));
    return { ...facts, bytes: digest.bytes, sha256: digest.hex(), isSealed: false };
  } catch (error) {
    if (error instanceof ObjectMissing) return null;
    throw error;
  }
}

/**
 * The octets of an object out of its copy. Ends with an error when they are not those that were copied, so a store into
 * which they are written does not keep them.
 * @throws BackupRefused `OBJECT_MISSING`, `DIGEST_DIFFERS`.
 */
export async function* readCopy(
  place: Pick<ObjectStore, 'get'>,
  kept: KeptObject,
  keys: readonly OpeningKey[],
): AsyncGenerator<Uint8Array> {
  const digest = new Digest();
  try {
    if (kept.isSealed) {
      const message = await readSmall(place, copyKey(kept.copy), mostSealedBytes + 64 * 1024);
      yield* digest.of(one(await openSmall(message, keys)));
    } else yield* digest.of(await place.get(copyKey(kept.copy)));
  } catch (error) {
    if (error instanceof ObjectMissing) throw new BackupRefused('OBJECT_MISSING', { key: kept.key }, error);
    throw error;
  }
  if (digest.bytes !== kept.bytes || digest.hex() !== kept.sha256)
    throw new BackupRefused('DIGEST_DIFFERS', { key: kept.key });
}

/** Does `work` for each: many small objects at a time, or a few large ones. The first error ends it. */
export async function eachOf<T extends { readonly bytes: number }>(
  items: Iterable<T> | AsyncIterable<T>,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const running = new Set<Promise<void>>();
  let failed: { readonly error: unknown } | null = null;
  let load = 0;
  for await (const item of items) {
    const weight = item.bytes > largeBytes ? weightOfLarge : 1;
    while (load + weight > mostLoad) await Promise.race(running);
    if (failed !== null) break;
    load += weight;
    const one = work(item)
      .catch((error: unknown) => {
        failed ??= { error };
      })
      .finally(() => {
        load -= weight;
        running.delete(one);
      });
    running.add(one);
  }
  await Promise.all(running);
  if (failed !== null) throw (failed as { readonly error: unknown }).error;
}

/** A large object keeps a line or a disk busy, and memory; a small one waits for the disk most of its time. */
const largeBytes = 2 ** 20;
const weightOfLarge = 6;
const mostLoad = 24;

class Digest {
  readonly #hash = createHash('sha256');
  bytes = 0;

  add(piece: Uint8Array): void {
    this.#hash.update(piece);
    this.bytes += piece.length;
  }

  async *of(octets: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const piece of octets) {
      this.add(piece);
      yield piece;
    }
  }

  hex(): string {
    return this.#hash.digest('hex');
  }
}

async function digestOf(octets: AsyncIterable<Uint8Array>): Promise<string> {
  const digest = new Digest();
  for await (const piece of octets) digest.add(piece);
  return digest.hex();
}

/** The same object has the same name in every backup, and the name says nothing of it. */
const nameOf = (key: string, bytes: number, modifiedAt: Date) =>
  sha256(Buffer.from(`${key}\n${bytes}\n${modifiedAt.getTime()}`));
const sha256 = (octets: Uint8Array) => createHash('sha256').update(octets).digest('hex');
