import type { Id } from '../../domain/ids.ts';
import { KeyRefused } from '../../vault/errors.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import type { Outside } from '../ports/outside.ts';
import { isOfErased } from './erased.ts';
import { folderOfBackup, listBackups, openManifest } from './manifest.ts';
import { copyKey, readObjectList } from './object-list.ts';

type Needs = Pick<Outside, 'keyring'>;

/**
 * Removes all but the newest backups, and every copy that none of those needs. Copies of an erased recording are needed by
 * none (`erased`: those whose tombstone is in the newest backup), so an erasure reaches the older backups too. Null, and nothing is removed, when no key of this machine opens one that
 * stays: its own key may have been retired since.
 */
export async function pruneBackups(
  outside: Needs,
  {
    place,
    keep,
    erased,
  }: { readonly place: ObjectStore; readonly keep: number | null; readonly erased: ReadonlySet<Id> },
): Promise<{ backups: number; copies: number; ofErased: number } | null> {
  const { keyring } = outside;
  const keys = { opening: keyring.openingKeys, verifying: keyring.verifyingKeys };
  const ids = await listBackups(place);
  const kept = keep === null ? ids : ids.slice(-keep);
  const needed = new Set<string>();
  const ofErased = new Set<string>();
  for (const id of kept) {
    const manifest = await openManifest(place, id, keys).catch((error) => {
      if (error instanceof KeyRefused) return null;
      throw error;
    });
    if (manifest === null) return null;
    for await (const object of readObjectList(place, manifest, keyring.openingKeys)) {
      if (isOfErased(object.key, erased)) ofErased.add(copyKey(object.copy));
      else needed.add(copyKey(object.copy));
    }
  }
  // Names first: without its manifest a backup does not exist, and nothing asks for its copies.
  const old = new Set(ids.filter((id) => !kept.includes(id)));
  for (const id of old) await place.purge(`${folderOfBackup(id)}/manifest`);
  for await (const { key } of place.list('backups/'))
    if (!kept.includes(key.split('/')[1] ?? '')) await place.purge(key);
  const counts = { backups: old.size, copies: 0, ofErased: 0 };
  for await (const { key } of place.list('objects/')) {
    if (needed.has(key)) continue;
    await place.purge(key);
    counts.copies += 1;
    if (ofErased.has(key)) counts.ofErased += 1;
  }
  return counts;
}
