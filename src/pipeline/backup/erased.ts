import type { Id } from '../../domain/ids.ts';
import { readTombstone, tombstoneFolder } from '../core/tombstone.ts';
import type { Outside } from '../ports/outside.ts';

/** Recordings with a tombstone that the school's key signed. */
export async function listErased(outside: Pick<Outside, 'objects' | 'keyring'>): Promise<ReadonlySet<Id>> {
  const erased = new Set<Id>();
  for await (const { key } of outside.objects.list(tombstoneFolder)) {
    const id = key.slice(tombstoneFolder.length);
    if (id.includes('/')) continue;
    const said = await readTombstone(outside, id);
    if (said?.kind === 'emanet.tombstone' && said.recordingId === id) erased.add(id);
  }
  return erased;
}

/** Whether an object of the store belongs to one of these recordings. */
export function isOfErased(key: string, erased: ReadonlySet<Id>): boolean {
  const [kind, owner = ''] = key.split('/');
  return (kind === 'recordings' || kind === 'uploads') && erased.has(owner);
}
