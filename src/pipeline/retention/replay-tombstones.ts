import type { Id } from '../../domain/ids.ts';
import { transitions } from '../../domain/lifecycle.ts';
import { type ErasureReason, erasureReasons } from '../../domain/retention.ts';
import { findSigner } from '../../vault/sign.ts';
import { lockLesson } from '../core/gate-record.ts';
import { getText } from '../core/signed-text.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';
import { beginErasure } from './begin-erasure.ts';
import { folder } from './put-tombstone.ts';

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
      const why = await readTombstone(outside, id);
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
  for await (const { key } of objects.list(folder)) {
    const id = key.slice(folder.length);
    if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id)) ids.push(id);
    if (ids.length < 500) continue;
    await replay(ids);
    ids = [];
  }
  await replay(ids);
  return counts;
}

/** Why the recording was erased, or null when the tombstone is not one of ours. */
async function readTombstone(outside: Needs, recordingId: Id): Promise<ErasureReason | null> {
  const text = await getText(outside, `${folder}${recordingId}`);
  const held = text === null ? null : parseObject(text);
  const { statement, signature } = held ?? {};
  if (typeof statement !== 'string' || typeof signature !== 'string') return null;
  if ((await findSigner(statement, signature, outside.keyring.verifyingKeys)) === null) return null;
  const said = parseObject(statement);
  if (said?.kind !== 'emanet.tombstone' || said.recordingId !== recordingId) return null;
  return erasureReasons.find((why) => why === said.why) ?? null;
}

/** Attacker-controlled text; null if it is not a JSON object. */
function parseObject(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' ? (value as Record<string, unknown> | null) : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
