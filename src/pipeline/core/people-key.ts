import { randomBytes, randomUUID } from 'node:crypto';
import { type DeviceFact, deviceDigest } from '../../audit/device-digest.ts';
import type { Id } from '../../domain/ids.ts';
import { type ContactKind, contactKindOf, normalizeContact } from '../../domain/person.ts';
import {
  contactDigest,
  deriveContactKeys,
  linkToken,
  lockContact,
  peopleKeyBytes,
  unlockContact,
} from '../../vault/contact-lock.ts';
import { unwrapSessionKey, wrapSessionKey } from '../../vault/envelope.ts';
import type { Database, Transaction } from '../ports/database.ts';
import type { Outside } from '../ports/outside.ts';

/** Locks and finds contacts, locks evidence, and makes the tokens of personal links. Its keys leave memory with `close`. */
export interface ContactBook {
  lock(rowId: string, value: string): Buffer<ArrayBuffer>;
  /** @throws VaultCorrupt `LOCK`. */
  unlock(rowId: string, locked: Uint8Array): string;
  digest(kind: ContactKind, value: string): Buffer<ArrayBuffer>;
  /** Keyed digest of where an answer came from. */
  device(fact: DeviceFact, text: string): string;
  /** The token of a signer's personal link. */
  token(linkId: string): string;
  close(): void;
}

/**
 * The school's contacts. The key is made with the first of them and kept wrapped for the vault, so that
 * a dump of the database reaches no family (docs/data-and-keys.md).
 */
export async function openContactBook(
  { keyring }: Pick<Outside, 'keyring'>,
  db: Transaction['db'] | Database['read'],
): Promise<ContactBook> {
  const there = (await db.peopleKey.findFirst()) ?? (await makeKey(keyring, db));
  const peopleKey = await unwrapSessionKey(there.wrappedKey, keyring.openingKeys);
  const keys = deriveContactKeys(peopleKey);
  peopleKey.fill(0);
  return {
    lock: (rowId, value) => lockContact(keys, rowId, value),
    unlock: (rowId, locked) => unlockContact(keys, rowId, locked),
    digest: (kind, value) => contactDigest(keys, kind, normalizeContact(kind, value)),
    device: (fact, text) => deviceDigest(keys.lookup, fact, text),
    token: (linkId) => linkToken(keys, linkId),
    close() {
      keys.lock.fill(0);
      keys.lookup.fill(0);
      keys.links.fill(0);
    },
  };
}

async function makeKey({ recipients }: Outside['keyring'], db: Transaction['db'] | Database['read']) {
  const key = randomBytes(peopleKeyBytes);
  const wrappedKey = await wrapSessionKey(key, recipients).finally(() => key.fill(0));
  // Somebody else may make one at the same moment: theirs counts then.
  await db.peopleKey.createMany({
    data: [
      {
        wrappedKey: Uint8Array.from(wrappedKey),
        recipients: recipients.map(({ fingerprint }) => fingerprint).toSorted(),
      },
    ],
    skipDuplicates: true,
  });
  return db.peopleKey.findFirstOrThrow();
}

/** An address that somebody of the school typed, as its row has it. */
export function toContact(book: ContactBook, personId: Id, value: string, addedById: Id) {
  const id = randomUUID();
  const kind = contactKindOf(value);
  return { id, personId, kind, locked: book.lock(id, value), digest: book.digest(kind, value), addedById };
}
