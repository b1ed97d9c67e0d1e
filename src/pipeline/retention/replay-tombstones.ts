import { type Id, isId } from '../../domain/ids.ts';
import { transitions } from '../../domain/lifecycle.ts';
import { type ErasureReason, erasureReasons } from '../../domain/retention.ts';
import { lockLesson } from '../core/gate-record.ts';
import { readTombstone, tombstoneFolder } from '../core/tombstone.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';
import { beginErasure } from './begin-erasure.ts';

type Needs = Pick<Outside, 'database' | 'objects' | 'keyring' | 'clock'>;

/**
 * Erases again what a restored backup brought back: every recording that has a tombstone and is not erased. A tombstone
 * that the school's key did not sign is counted and does nothing. Repeatable; with nothing to do it is one listing.
 */
export async function replayTombstones(outside: Needs): Promise<{ replayed: number; notOurs: number }> {
  const { database, objects, clock } = outside;
  const caller: Caller = { actor: { kind: 'system', id: 'tombstone' } };
  const counts = { replayed: 0, notOurs: 0 };
  const replay = async (ids: readonly Id[]) => {
    const alive = await database.read.recording.findMany({
      where: { id: { in: [...ids] }, state: { in: [...transitions.erase.from] } },
      select: { id: true, lessonId: true },
    });
    for (const { id, lessonId } of alive) {
      const why = await readReason(outside, id);
      if (why === null) {
        counts.notOurs++;
        continue;
      }
      const isNew = await database.transact(caller, async (tx) => {
        await lockLesson(tx.db, lessonId);
        const row = await tx.db.recording.findUniqueOrThrow({ where: { id }, select: { state: true } });
        if (row.state === 'erased') return false;
        const what = { recordingId: id, lessonId, why, note: null, at: clock(), isReplay: true };
        await beginErasure(tx, caller.actor, what);
        return true;
      });
      if (isNew) counts.replayed++;
    }
  };
  let ids: Id[] = [];
  for await (const { key } of objects.list(tombstoneFolder)) {
    const id = key.slice(tombstoneFolder.length);
    if (isId(id)) ids.push(id);
    if (ids.length < 500) continue;
    await replay(ids);
    ids = [];
  }
  await replay(ids);
  return counts;
}

/** Why the recording was erased, or null when the tombstone is not one of ours. */
async function readReason(outside: Needs, recordingId: Id): Promise<ErasureReason | null> {
  const said = await readTombstone(outside, recordingId);
  if (said?.kind !== 'emanet.tombstone' || said.recordingId !== recordingId) return null;
  return erasureReasons.find((why) => why === said.why) ?? null;
}
