import type { OpeningKey } from '../../vault/keyring.ts';
import { openStream } from '../../vault/open-stream.ts';
import { ObjectMissing, type ObjectStore } from '../ports/object-store.ts';

/** One sealed object as it is found in a store: an original, a rendition or captions of a recording, or a signed document. */
export interface Found {
  readonly kind: 'recordings' | 'documents';
  readonly ownerId: string;
  readonly sealedId: string;
  readonly folder: string;
  /** Null: the store has an envelope and no body. */
  readonly bodyBytes: number | null;
  /** False: the store has a body that nobody can open any more, or one that a broken attempt at sealing left. */
  readonly hasEnvelope: boolean;
  readonly sealedAt: Date;
  /** The store has a tombstone of the recording (`retention/put-tombstone.ts`): it was erased, and is not brought back. */
  readonly isErased: boolean;
}

/** Longer than any envelope: a hundred recipients. */
const maxEnvelopeBytes = 64 * 1024;

/** Every envelope below `prefix`, which ends with `/` or is empty, with the size of its body; and every body without one. */
export async function* findSealed(objects: Pick<ObjectStore, 'list' | 'head'>, prefix: string): AsyncGenerator<Found> {
  for (const kind of ['recordings', 'documents'] as const) {
    for await (const { key, bytes, modifiedAt } of objects.list(`${prefix}${kind}/`)) {
      const [ownerId, sealedId, name, ...more] = key.slice(prefix.length + kind.length + 1).split('/');
      if (!ownerId || !sealedId || more.length > 0 || (name !== 'envelope' && name !== 'body')) continue;
      const folder = key.slice(0, -name.length);
      const other = await objects.head(`${folder}${name === 'body' ? 'envelope' : 'body'}`);
      if (name === 'body' && other !== null) continue; // told with its envelope
      const bodyBytes = name === 'body' ? bytes : (other?.bytes ?? null);
      const isErased = kind === 'recordings' && (await objects.head(`${prefix}tombstones/${ownerId}`)) !== null;
      const hasEnvelope = name === 'envelope';
      yield { kind, ownerId, sealedId, folder, bodyBytes, hasEnvelope, sealedAt: modifiedAt, isErased };
    }
  }
}

/** The media of one of them. It counts only when the stream has ended without an error: `openStream`. */
export async function* recoverOne(
  objects: Pick<ObjectStore, 'get'>,
  found: Found,
  privateKeys: readonly OpeningKey[],
): AsyncGenerator<Uint8Array> {
  if (found.bodyBytes === null) throw new ObjectMissing(`${found.folder}body`);
  const pieces: Uint8Array[] = [];
  const range = { start: 0, end: maxEnvelopeBytes };
  for await (const piece of await objects.get(`${found.folder}envelope`, range)) pieces.push(piece);
  const body = await objects.get(`${found.folder}body`);
  try {
    yield* openStream({ envelope: Buffer.concat(pieces), privateKeys, body, bodyBytes: found.bodyBytes });
  } finally {
    body.destroy();
  }
}
