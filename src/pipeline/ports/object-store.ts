import type { Readable } from 'node:stream';

/**
 * Where sealed bytes are kept. Keys are `/`-separated ASCII names; the store never sees plaintext. Two adapters
 * (`adapters/disk`, `adapters/s3`) pass one contract suite (`tests/contracts/object-store.ts`).
 */
export interface ObjectStore {
  /** Capabilities of the store, for the operator's log at start-up. */
  describe(): Promise<StoreDescription>;
  /**
   * Writes one object from a stream of unknown length in constant memory. Resolves only when the object is durable;
   * until then nothing is visible under `key`. If `body` fails or `signal` aborts, nothing is left behind. An existing
   * object of the same key is replaced as a whole. A piece of `body` is its sender's again as soon as the next one is
   * asked for. `checksum`: each request over a network carries a digest that the server checks.
   */
  put(
    key: string,
    body: AsyncIterable<Uint8Array>,
    options?: { signal?: AbortSignal; checksum?: boolean },
  ): Promise<{ bytes: number }>;
  /**
   * Writes one object from others in a row, without their bytes coming here where the store can do that. Each of `from`
   * but the last has 5 MiB at least. Durable, visible and replaced as by `put`; the others stay.
   * @throws ObjectMissing when one of them is not there.
   */
  compose(key: string, from: readonly string[], options?: { signal?: AbortSignal }): Promise<void>;
  /**
   * Bytes `[start, end)` of the object (the whole of it by default), as a stream.
   * @throws ObjectMissing when there is no such object.
   */
  get(key: string, range?: { start: number; end: number }, options?: { signal?: AbortSignal }): Promise<Readable>;
  /** Size of the object, or null when there is none. */
  head(key: string): Promise<{ bytes: number } | null>;
  /** Removes the object; succeeds when there is none. A store that keeps versions still has the old ones. */
  delete(key: string): Promise<void>;
  /**
   * Removes the object with every version and every delete marker of it; succeeds when there is none. What the store
   * refuses to give up (object lock) stays, hidden behind a delete marker.
   */
  purge(key: string): Promise<Purged>;
  /**
   * Locks the object as it is now until then, so that nobody can remove it, not even with the store's credentials.
   * Returns whether it is locked: a folder, and a bucket without object lock, cannot.
   */
  lock(key: string, until: Date): Promise<boolean>;
  /** Every version under `prefix`, also of objects that were deleted or replaced, without delete markers. */
  listVersions(prefix: string): AsyncIterable<StoredObject>;
  /** Every object under `prefix`, in no promised order. */
  list(prefix: string): AsyncIterable<StoredObject>;
  /** Aborts unfinished writes under `prefix` that began before `before`, and removes what they left. Returns how many. */
  abortUnfinished(prefix: string, before: Date): Promise<number>;
}

export interface StoredObject {
  readonly key: string;
  readonly bytes: number;
  readonly modifiedAt: Date;
}

export interface Purged {
  /** Versions and delete markers that went. */
  readonly removed: number;
  /** Versions that the store still holds. */
  readonly held: number;
  /** When the last of them may be removed; null when none is held, or until somebody lifts a hold in the store itself. */
  readonly heldUntil: Date | null;
}

export interface StoreDescription {
  readonly kind: 'disk' | 's3';
  /** Where, without secrets: a folder or endpoint and bucket. */
  readonly where: string;
  /** Capabilities proven by their effect, not by the absence of an error. */
  readonly capabilities: Readonly<Record<string, boolean>>;
}

/** The object asked for does not exist. */
export class ObjectMissing extends Error {
  override readonly name = 'ObjectMissing';
}

/** The store did not answer, or answered that it cannot work now. Safe to retry. */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable';
}
