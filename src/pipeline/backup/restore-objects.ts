import type { Id } from '../../domain/ids.ts';
import type { OpeningKey } from '../../vault/keyring.ts';
import { writeTombstone } from '../core/tombstone.ts';
import { personTombstone } from '../people/finish-person-erasure.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import type { Outside } from '../ports/outside.ts';
import { putTombstone } from '../retention/put-tombstone.ts';
import { storeCertificate } from '../retention/store-certificate.ts';
import { eachOf, readCopy, type Told } from './copy-objects.ts';
import { isOfErased, listErased } from './erased.ts';
import type { Manifest } from './manifest.ts';
import { type KeptObject, readObjectList } from './object-list.ts';

type Needs = Pick<Outside, 'objects' | 'keyring'>;

export interface ObjectsRestored {
  readonly written: number;
  readonly bytes: number;
  /** They were there, and stay as they are: they may be newer. */
  readonly present: number;
  /** Of recordings that were erased: they do not come back. */
  readonly ofErased: number;
  /** The store had a copy of the log of its own, which says what happened since the backup. */
  readonly hasLog: boolean;
}

/** What says how things are now is taken from the newest backup that there is. */
const standing = /^(log|tombstones|certificates)\//;

/**
 * Brings the objects back that the store lacks, each checked against its digest while it is written: one that differs is not
 * written. First the tombstones, the newest that are known: what they name stays away. Repeatable; what was written stays.
 * @throws BackupRefused `DIGEST_DIFFERS`, `OBJECT_MISSING`.
 */
export async function restoreObjects(
  outside: Needs,
  {
    place,
    manifest,
    newest,
    opening,
    tell,
    wanted = () => true,
  }: {
    readonly place: ObjectStore;
    readonly manifest: Manifest;
    readonly newest: Manifest;
    readonly opening: readonly OpeningKey[];
    readonly tell: Told;
    /** For a drill: only some of them are written. */
    readonly wanted?: (key: string) => boolean;
  },
): Promise<ObjectsRestored> {
  const { objects } = outside;
  const there = new Set<string>();
  for await (const { key } of objects.list('')) there.add(key);
  const counts = { written: 0, bytes: 0, present: 0, ofErased: 0, hasLog: there.has('log/checkpoint') };
  const total = manifest.objects.bytes;
  let done = 0;
  const write = async (kept: KeptObject) => {
    if (there.has(kept.key)) counts.present += 1;
    else {
      await objects.put(kept.key, readCopy(place, kept, opening));
      counts.written += 1;
      counts.bytes += kept.bytes;
    }
    done += kept.bytes;
    tell({ stage: 'objects', done: Math.min(done, total), total });
  };
  const listOf = async function* (from: Manifest, isWanted: (key: string) => boolean) {
    for await (const kept of readObjectList(place, from, opening)) if (isWanted(kept.key)) yield kept;
  };
  await eachOf(
    listOf(newest, (key) => key.startsWith('tombstones/')),
    write,
  );
  const erased = await listErased(outside);
  // The head of the log comes after what it speaks of.
  await eachOf(
    listOf(newest, (key) => standing.test(key) && !key.startsWith('tombstones/') && key !== 'log/checkpoint'),
    write,
  );
  await eachOf(
    listOf(newest, (key) => key === 'log/checkpoint'),
    write,
  );
  await eachOf(
    listOf(manifest, (key) => !standing.test(key) && wanted(key)),
    async (kept) => {
      if (!isOfErased(kept.key, erased)) return write(kept);
      counts.ofErased += 1;
    },
  );
  return counts;
}

/** What the database knows to be erased is said in a store that was lost, too: tombstones and certificates. */
export async function sayWhatIsErased(
  outside: Pick<Outside, 'database' | 'objects' | 'keyring' | 'clock'>,
): Promise<number> {
  const { database, objects } = outside;
  let said = 0;
  for (const row of await database.read.erasure.findMany()) {
    if ((await objects.head(`tombstones/${row.recordingId}`)) !== null) continue;
    await putTombstone(outside, row);
    if (row.certificate !== null && row.signature !== null)
      await storeCertificate(outside, row.recordingId, { text: row.certificate, signature: row.signature });
    said += 1;
  }
  for (const { personId, why, startedAt } of await database.read.personErasure.findMany()) {
    const name = personTombstone(personId);
    if ((await objects.head(`tombstones/${name}`)) !== null) continue;
    const erasedAt = startedAt.toISOString();
    await writeTombstone(outside, name, { kind: 'emanet.person_tombstone', v: 1, personId, why, erasedAt });
    said += 1;
  }
  return said;
}

/** Recordings of which the store has something and the rows know nothing: they came after the backup. */
export async function findUnknown({ database, objects }: Pick<Outside, 'database' | 'objects'>): Promise<Id[]> {
  const found = new Set<Id>();
  for await (const { key } of objects.list('recordings/'))
    if (key.endsWith('/body')) found.add(key.split('/')[1] ?? '');
  const unknown: Id[] = [];
  for (const id of found) if ((await database.read.recording.count({ where: { id } })) === 0) unknown.push(id);
  return unknown.toSorted();
}

/** Bodies that rows speak of and the store does not have: they are lost, unless another copy of the store has them. */
export async function findLost({ database, objects }: Pick<Outside, 'database' | 'objects'>): Promise<string[]> {
  const there = new Set<string>();
  for (const prefix of ['recordings/', 'documents/']) for await (const { key } of objects.list(prefix)) there.add(key);
  const rows = await database.read.sealedObject.findMany({ select: { bodyKey: true } });
  return rows.map(({ bodyKey }) => bodyKey).filter((key) => !there.has(key));
}
