import { createHash } from 'node:crypto';
import { canonicalJson } from '../../audit/canonical-json.ts';
import { type Id, isId } from '../../domain/ids.ts';
import { bool, list, number, object, orNull, text } from '../../domain/json.ts';
import type { OpeningKey, RecipientKey, VerifyingKey } from '../../vault/keyring.ts';
import { findSigner, signDetached } from '../../vault/sign.ts';
import { one, openSmall, readSealedPart, readSmall, sealSmall } from '../core/sealed-message.ts';
import { ObjectMissing, type ObjectStore } from '../ports/object-store.ts';
import { BackupRefused } from './refusal.ts';

/** What a backup consists of. Signed by the vault's key, sealed for the backup key and the vault. */
const readStatement = object(
  {
    kind: text,
    v: number,
    id: text,
    /** Name of the log, which no other school has. */
    origin: text,
    /** The moment of the rows: whatever came after it is not in this backup. */
    at: text,
    /** The backup before it in the same place. */
    previous: orNull(text),
    migrations: list(object({ name: text, checksum: text })),
    queue: number,
    /** The newest signed head of the log that the rows hold. */
    checkpoint: orNull(text),
    database: readSealedPart,
    objects: object({ part: readSealedPart, count: number, bytes: number }),
    /** SHA-256 over the keys of that time, and whether a copy of just these was written apart. */
    keys: object({ digest: text, isSaved: bool }),
  },
  {
    /** Whose backup this is, and the first school of its installation. Not there: it had one, which is alone in it. */
    school: text,
    installation: text,
    /** Every school of it. */
    schools: list(text),
    /** Its last one there: the school was closed before, and goes on in another installation. */
    takenOut: bool,
  },
);

export type Manifest = ReturnType<typeof readStatement>;

const manifestKind = 'emanet.backup';
const mostManifestBytes = 2 ** 20;
/** `20261130T102615123Z-1a2b3c`: in the order of their names they are in the order of their times. */
const backupId = /^\d{8}T\d{9}Z-[0-9a-f]{6}$/;

export function makeBackupId(at: Date, random: string): string {
  return `${at.toISOString().replaceAll(/[-:.]/g, '')}-${random}`;
}

export const folderOfBackup = (id: string) => `backups/${id}`;
const keyOf = (id: string) => `${folderOfBackup(id)}/manifest`;

/** Where the backups of another school than the first lie in the place. */
export const folderOfSchool = (school: Id) => `schools/${school}/`;

/** Schools, besides the first, of which the place has a backup. */
export async function listBackedUpSchools(place: Pick<ObjectStore, 'list'>): Promise<Id[]> {
  const found = new Set<Id>();
  for await (const { key } of place.list('schools/')) {
    const [, school = '', folder, id = '', name] = key.split('/');
    if (folder === 'backups' && name === 'manifest' && backupId.test(id) && isId(school)) found.add(school);
  }
  return [...found].toSorted();
}

/** The backups that are whole, the oldest first: a manifest is written last. */
export async function listBackups(place: Pick<ObjectStore, 'list'>): Promise<string[]> {
  const ids: string[] = [];
  for await (const { key } of place.list('backups/')) {
    const [, id = '', name, ...more] = key.split('/');
    if (name === 'manifest' && more.length === 0 && backupId.test(id)) ids.push(id);
  }
  return ids.toSorted();
}

/** Makes the backup count: until then there is none. */
export async function putManifest(
  place: Pick<ObjectStore, 'put'>,
  manifest: Manifest,
  keys: { readonly signer: OpeningKey; readonly recipients: readonly RecipientKey[] },
): Promise<{ sha256: string }> {
  const statement = canonicalJson(manifest);
  const signature = await signDetached(statement, keys.signer);
  const held = Buffer.from(JSON.stringify({ statement, signature }), 'utf8');
  await place.put(keyOf(manifest.id), one(await sealSmall(held, keys.recipients)));
  return { sha256: createHash('sha256').update(statement).digest('hex') };
}

export function newManifest(facts: Omit<Manifest, 'kind' | 'v'>): Manifest {
  return { kind: manifestKind, v: 1, ...facts };
}

/**
 * @throws BackupRefused `NO_SUCH_BACKUP`; `NOT_OURS` when no key of the school signed it; `ANOTHER_BACKUP` when it was made
 * under another name, as one that was put in the place of a newer one is.
 * @throws VaultCorrupt, KeyRefused when it cannot be opened.
 */
export async function openManifest(
  place: Pick<ObjectStore, 'get'>,
  id: string,
  keys: { readonly opening: readonly OpeningKey[]; readonly verifying: readonly VerifyingKey[] },
): Promise<Manifest> {
  if (!backupId.test(id)) throw new BackupRefused('NO_SUCH_BACKUP', { id });
  const message = await readSmall(place, keyOf(id), mostManifestBytes).catch((error) => {
    throw error instanceof ObjectMissing ? new BackupRefused('NO_SUCH_BACKUP', { id }) : error;
  });
  const held = parseHeld(await openSmall(message, keys.opening));
  if (held === null) throw new BackupRefused('NOT_OURS', { id });
  if ((await findSigner(held.statement, held.signature, keys.verifying)) === null)
    throw new BackupRefused('NOT_OURS', { id });
  const manifest = readStatement(JSON.parse(held.statement));
  if (manifest.kind !== manifestKind || manifest.v !== 1) throw new BackupRefused('UNKNOWN_FORM', { id });
  if (manifest.id !== id) throw new BackupRefused('ANOTHER_BACKUP', { id, is: manifest.id });
  return manifest;
}

const readHeld = object({ statement: text, signature: text });

/** Whoever has the public key can seal anything: what is no statement with a signature is nobody's. */
function parseHeld(octets: Buffer): ReturnType<typeof readHeld> | null {
  try {
    return readHeld(JSON.parse(octets.toString('utf8')));
  } catch {
    return null;
  }
}
