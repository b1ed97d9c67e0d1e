import { type Id, isId } from '../../domain/ids.ts';
import { type PersonErasureReason, personErasureReasons } from '../../domain/person-erasure.ts';
import { readTombstone, tombstoneFolder } from '../core/tombstone.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';
import { beginPersonErasure, lockPerson } from './begin-person-erasure.ts';
import { personTombstone } from './finish-person-erasure.ts';
import { planErasure } from './plan-erasure.ts';

type Needs = Pick<Outside, 'database' | 'objects' | 'keyring' | 'clock'>;

const caller: Caller = { actor: { kind: 'system', id: 'tombstone' } };

/**
 * Erases again the people whom a restored backup brought back. Whoever is needed again, by a recording or a hold that came back
 * too, waits until that is gone: it is asked every day. A tombstone that the school's key did not sign does nothing.
 * Repeatable; with nothing to do it is one listing.
 */
export async function replayPersonTombstones(
  outside: Needs,
): Promise<{ replayed: number; waiting: number; notOurs: number }> {
  const { database, objects, clock } = outside;
  const counts = { replayed: 0, waiting: 0, notOurs: 0 };
  const prefix = `${tombstoneFolder}${personTombstone('')}`;
  const named: Id[] = [];
  for await (const { key } of objects.list(prefix)) {
    const id = key.slice(prefix.length);
    if (isId(id)) named.push(id);
  }
  for (let at = 0; at < named.length; at += 500) {
    const back = await database.read.person.findMany({
      where: { id: { in: named.slice(at, at + 500) }, erasedAt: null },
      select: { id: true },
    });
    for (const { id: personId } of back) {
      const why = await readReason(outside, personId);
      if (why === null) {
        counts.notOurs++;
        continue;
      }
      const outcome = await database.transact(caller, async (tx) => {
        const row = await lockPerson(tx.db, personId);
        if (!row || row.erasedAt !== null) return null;
        const now = clock();
        const { blockers, rows } = await planErasure(tx.db, personId, now, []);
        if (blockers.length > 0) return 'waiting';
        await beginPersonErasure(tx, { personId, rows, why, byId: 'tombstone', at: now, isReplay: true });
        return 'replayed';
      });
      if (outcome) counts[outcome]++;
    }
  }
  return counts;
}

/** Why the person was erased, or null when the tombstone is not one of ours. */
async function readReason(outside: Needs, personId: Id): Promise<PersonErasureReason | null> {
  const said = await readTombstone(outside, personTombstone(personId));
  if (said?.kind !== 'emanet.person_tombstone' || said.personId !== personId) return null;
  return personErasureReasons.find((why) => why === said.why) ?? null;
}
