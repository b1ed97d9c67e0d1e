import type { Id } from '../../domain/ids.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';

const caller: Caller = { actor: { kind: 'system', id: 'rendition' } };

/** The last try failed: nothing can be released, administrators see why, and the log says so. */
export async function noteRenditionFailed(
  { database }: Pick<Outside, 'database'>,
  recordingId: Id,
  why: string,
): Promise<void> {
  await database.transact(caller, async (tx) => {
    const row = await tx.db.rendition.findFirst({ where: { recordingId, supersededAt: null, state: 'making' } });
    if (!row) return;
    await tx.db.rendition.update({ where: { id: row.id }, data: { state: 'failed', error: why } });
    await tx.log({
      action: 'rendition.failed',
      outcome: 'failed',
      object: { kind: 'rendition', id: row.id, recordingId },
    });
  });
}
