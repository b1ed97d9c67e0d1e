import type { Id } from '../../domain/ids.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';

const system: Caller = { actor: { kind: 'system', id: 're-seal' } };

/** The last try failed: administrators see why, and the log says so. The old objects stay in force. */
export async function noteReSealFailed(
  { database }: Pick<Outside, 'database'>,
  recordingId: Id,
  why: string,
): Promise<void> {
  await database.transact(system, async (tx) => {
    const { count } = await tx.db.reSeal.updateMany({ where: { recordingId }, data: { state: 'failed', error: why } });
    if (count === 0) return;
    await tx.log({
      action: 'recording.reseal_failed',
      outcome: 'failed',
      object: { kind: 'recording', id: recordingId, recordingId },
    });
  });
}
