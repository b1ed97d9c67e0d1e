import { randomBytes } from 'node:crypto';
import { KeyRefused } from '../../vault/errors.ts';
import type { RecipientKey } from '../../vault/keyring.ts';
import { putPart } from '../core/sealed-message.ts';
import { signingKey } from '../core/signed-text.ts';
import { tombstoneFolder } from '../core/tombstone.ts';
import { integrateLog } from '../oversight/integrate-log.ts';
import { LogForked, mirrorPrefix, publishLog } from '../oversight/publish-log.ts';
import type { DatabaseCopier, RecordedBody } from '../ports/database-copy.ts';
import type { ObjectStore, StoredObject } from '../ports/object-store.ts';
import type { Outside } from '../ports/outside.ts';
import { copyObject, eachOf, type Told } from './copy-objects.ts';
import { listErased } from './erased.ts';
import {
  folderOfBackup,
  listBackups,
  type Manifest,
  makeBackupId,
  newManifest,
  openManifest,
  putManifest,
} from './manifest.ts';
import { type KeptObject, objectListFolder, readObjectList, writeObjectList } from './object-list.ts';
import { pruneBackups } from './prune-backups.ts';
import { BackupRefused } from './refusal.ts';

type Needs = Pick<Outside, 'database' | 'objects' | 'keyring' | 'clock' | 'settings' | 'logSigner'>;

export interface BackupOrder {
  readonly copier: DatabaseCopier;
  readonly place: ObjectStore;
  /** Whom backups are for; the vault's own key is added, so that a drill can open them. */
  readonly backupKeys: readonly RecipientKey[];
  readonly keys: Manifest['keys'];
  /** How many backups stay; null: all. */
  readonly keep: number | null;
  /** Closes the school, whose last backup this is; null: it goes on. */
  readonly takeOut: (() => Promise<void>) | null;
  readonly tell: Told;
}

export interface BackupMade {
  readonly id: string;
  readonly at: Date;
  readonly objects: number;
  readonly bytes: number;
  /** A copy of just these keys was written apart, with this backup or an earlier one. */
  readonly areKeysSaved: boolean;
  /** Objects that were copied now: the others are in the place already. */
  readonly copied: number;
  readonly copiedBytes: number;
  /** Bodies that are not what was sealed, by their keys. They are in the backup as they are. */
  readonly damaged: readonly string[];
  /** Bodies that rows speak of and the store does not have. */
  readonly missing: readonly string[];
  readonly pruned: { readonly backups: number; readonly copies: number; readonly ofErased: number } | null;
}

const logHead = `${mirrorPrefix}checkpoint`;

/** Rows and objects may not fit when recordings are sealed again meanwhile: then the rows are copied again. */
const mostTries = 5;

/**
 * Makes a backup of one school: rows first, objects afterwards, so that whatever a row speaks of is among them. What was erased in
 * between is missing and has a tombstone. The manifest is written last: a backup that breaks off does not exist, and what
 * it had copied serves the next one. Beside a running server.
 * @throws BackupRefused
 */
export async function makeBackup(outside: Needs, order: BackupOrder): Promise<BackupMade> {
  const held = await order.copier.hold();
  if (held === null) throw new BackupRefused('ALREADY_RUNNING');
  try {
    return await make(outside, order);
  } finally {
    await held.release();
  }
}

async function make(outside: Needs, order: BackupOrder): Promise<BackupMade> {
  const { place, tell } = order;
  const { keyring, logSigner } = outside;
  const opening = keyring.openingKeys;
  const signer = signingKey(outside);
  const recipients = withVault(order.backupKeys, keyring.recipients[0]);
  const previous = await findPrevious(outside, place);
  const known = new Map<string, KeptObject>();
  if (previous !== null) for await (const kept of readObjectList(place, previous, opening)) known.set(kept.key, kept);
  // The last entry of its log is in the last backup, and nothing comes after it.
  await order.takeOut?.();
  // The copy of the log in the store goes along, so it is brought up to date.
  await publishLog(outside).catch((error) => {
    throw error instanceof LogForked ? new BackupRefused('LOG_DIFFERS', {}, error) : error;
  });
  const kept = new Map<string, KeptObject>();
  const copied = { objects: 0, bytes: 0 };
  for (let tries = 1; ; tries++) {
    const { id, facts, bodies } = await copyRows(outside, order, recipients);
    const expected = new Map(bodies.map(({ bodyKey, bodySha256 }) => [bodyKey, bodySha256]));
    const listedAt = outside.clock();
    // Before the listing: what the head of the log speaks of is written before it.
    const head = await copyObject(
      { objects: outside.objects, place },
      { key: logHead, bytes: 0, modifiedAt: listedAt },
      { recipients, listedAt, expected: undefined },
    );
    const listed = await listStore(outside.objects);
    const total = listed.reduce((sum, { bytes }) => sum + bytes, 0);
    let done = 0;
    const now = new Map<string, KeptObject>(head === null ? [] : [[logHead, head]]);
    await eachOf(listed, async (object) => {
      const before = kept.get(object.key) ?? known.get(object.key);
      const isSame = before?.bytes === object.bytes && isUnchanged(before, object, expected.get(object.key));
      const one = isSame
        ? before
        : await copyObject({ objects: outside.objects, place }, object, {
            recipients,
            listedAt,
            expected: expected.get(object.key),
          });
      if (one !== null) now.set(one.key, one);
      if (one !== null && !isSame) {
        copied.objects += 1;
        copied.bytes += one.bytes;
      }
      done += object.bytes;
      tell({ stage: 'objects', done, total });
    });
    kept.clear();
    for (const [key, one] of now) kept.set(key, one);
    const missing = bodies.filter(({ bodyKey }) => !kept.has(bodyKey) || !kept.has(envelopeOf(bodyKey)));
    const moved = await countGone(outside, missing, kept);
    if (moved > 0 && tries === mostTries) throw new BackupRefused('NOT_CONSISTENT', { count: moved });
    if (moved > 0) {
      await removeFolder(place, folderOfBackup(id));
      continue;
    }
    const part = await putPart(place, objectListFolder(id), recipients, writeObjectList(kept.values()));
    const bytes = [...kept.values()].reduce((sum, one) => sum + one.bytes, 0);
    const manifest = newManifest({
      id,
      origin: logSigner.name,
      previous: previous?.id ?? null,
      ...facts,
      objects: { part, count: kept.size, bytes },
      keys: keysOf(order.keys, previous),
      ...(order.takeOut === null ? {} : { takenOut: true }),
    });
    const { sha256 } = await putManifest(place, manifest, { signer, recipients });
    if (order.takeOut === null)
      await outside.database.transact({ actor: { kind: 'system', id: 'backup' } }, (tx) =>
        tx.log({
          action: 'backup.made',
          outcome: 'done',
          object: { kind: 'backup', id },
          details: { objects: kept.size, bytes, copied: copied.objects, manifest: sha256 },
        }),
      );
    const erased = [...(await listErased(outside))].filter((one) => kept.has(`${tombstoneFolder}${one}`));
    const pruned = await pruneBackups(outside, { place, keep: order.keep, erased: new Set(erased) });
    return {
      id,
      at: new Date(facts.at),
      objects: kept.size,
      bytes,
      areKeysSaved: manifest.keys.isSaved,
      copied: copied.objects,
      copiedBytes: copied.bytes,
      damaged: damagedAmong(bodies, kept),
      missing: missing.map(({ bodyKey }) => bodyKey).filter((key) => !isErased(key, kept)),
      pruned,
    };
  }
}

/**
 * Whether a copy from before is of the object as it is. A body never changes under its name: on another machine it has another
 * time, and the copy is still what its row says.
 */
function isUnchanged(before: KeptObject, { modifiedAt }: StoredObject, expected: string | undefined): boolean {
  return before.modifiedMs === modifiedAt.getTime() || (!before.isSealed && before.sha256 === expected);
}

/** The keys of now count as saved when they were saved with an earlier backup and are the same. */
function keysOf(keys: Manifest['keys'], previous: Manifest | null): Manifest['keys'] {
  const wasSaved = previous?.keys.digest === keys.digest && previous.keys.isSaved;
  return { digest: keys.digest, isSaved: keys.isSaved || wasSaved };
}

async function copyRows(outside: Needs, { copier, place, tell }: BackupOrder, recipients: readonly RecipientKey[]) {
  // Entries that have arrived get their places first: then few are without one in the copy.
  await integrateLog(outside);
  const snapshot = await copier.snapshot();
  try {
    const id = makeBackupId(snapshot.at, randomBytes(3).toString('hex'));
    const checkpoint = await outside.database.read.auditCheckpoint.findFirst({
      where: { at: { lte: snapshot.at } },
      orderBy: { size: 'desc' },
      select: { note: true },
    });
    let done = 0;
    const counted = async function* () {
      for await (const piece of snapshot.dump()) {
        done += piece.length;
        tell({ stage: 'database', done, total: 0 });
        yield piece;
      }
    };
    const database = await putPart(place, `${folderOfBackup(id)}/database`, recipients, counted());
    const { migrations, queue } = snapshot.tables;
    return {
      id,
      facts: {
        at: snapshot.at.toISOString(),
        school: snapshot.school,
        installation: snapshot.installation,
        schools: [...snapshot.schools],
        migrations: [...migrations],
        queue,
        checkpoint: checkpoint?.note ?? null,
        database,
      },
      bodies: await snapshot.bodies(),
    };
  } finally {
    await snapshot.close();
  }
}

/** The newest backup there; a place with one of another school is not ours to write to. */
async function findPrevious({ keyring, logSigner }: Needs, place: ObjectStore): Promise<Manifest | null> {
  const id = (await listBackups(place)).at(-1);
  if (id === undefined) return null;
  const keys = { opening: keyring.openingKeys, verifying: keyring.verifyingKeys };
  const manifest = await openManifest(place, id, keys).catch((error) => {
    // Made for a key that was retired since: everything is read again.
    if (error instanceof KeyRefused) return null;
    throw error;
  });
  if (manifest === null) return null;
  if (manifest.origin !== logSigner.name) throw new BackupRefused('ANOTHER_SCHOOL', { origin: manifest.origin });
  return manifest;
}

async function listStore(objects: Pick<ObjectStore, 'list'>): Promise<StoredObject[]> {
  const found: StoredObject[] = [];
  // The store of the first school holds those of the others: each has a backup of its own.
  for await (const object of objects.list(''))
    if (object.key !== logHead && !/^(probe-|schools\/)/.test(object.key)) found.push(object);
  return found;
}

/**
 * Of the bodies that the store lacks, how many no row speaks of any more although nothing was erased: they were sealed
 * again, and their rows have other bodies now.
 */
async function countGone(
  { database }: Needs,
  missing: readonly RecordedBody[],
  kept: ReadonlyMap<string, KeptObject>,
): Promise<number> {
  let gone = 0;
  for (const { id, bodyKey } of missing) {
    if (isErased(bodyKey, kept)) continue;
    if ((await database.read.sealedObject.count({ where: { id } })) === 0) gone++;
  }
  return gone;
}

function damagedAmong(bodies: readonly RecordedBody[], kept: ReadonlyMap<string, KeptObject>): string[] {
  return bodies.flatMap(({ bodyKey, bodySha256 }) => {
    const one = kept.get(bodyKey);
    return one !== undefined && one.sha256 !== bodySha256 ? [bodyKey] : [];
  });
}

const envelopeOf = (bodyKey: string) => bodyKey.replace(/body$/, 'envelope');
const isErased = (key: string, kept: ReadonlyMap<string, KeptObject>) =>
  kept.has(`${tombstoneFolder}${key.split('/')[1] ?? ''}`);

async function removeFolder(place: ObjectStore, folder: string): Promise<void> {
  for await (const { key } of place.list(`${folder}/`)) await place.purge(key);
}

function withVault(backupKeys: readonly RecipientKey[], vault: RecipientKey | undefined): RecipientKey[] {
  return vault === undefined || backupKeys.some(({ fingerprint }) => fingerprint === vault.fingerprint)
    ? [...backupKeys]
    : [...backupKeys, vault];
}
