import { currentEpoch } from '../envelope-lock.ts';
import type { Caller, Outside } from '../ports.ts';

const caller: Caller = { actor: { kind: 'system', id: 'keys' } };
/** How long a process may go on to record under the epoch of before: it looks at the keys every few seconds. */
const settlingMs = 10 * 60_000;

/**
 * Destroys the key of every former epoch under which nothing is left, ten minutes after it was replaced at the earliest. From
 * then on the envelopes in older backups of the database open nowhere. It is on the log first: after a crash in between, the
 * next call says and does it again. Keys from the environment are the operator's to take away. Returns what it destroyed.
 */
export async function endEpochs({
  database,
  keyring,
  clock,
}: Pick<Outside, 'database' | 'keyring' | 'clock'>): Promise<number[]> {
  await keyring.refresh();
  const { epochs } = keyring;
  const { epoch: current } = currentEpoch(keyring);
  const ended: number[] = [];
  for (const [index, { epoch, since }] of epochs.entries()) {
    const replacedAt = epochs[index - 1]?.since;
    if (epoch === current || since === null || !replacedAt) continue;
    if (clock().getTime() - replacedAt.getTime() < settlingMs) continue;
    const isEmpty = await database.transact(caller, async (tx) => {
      if ((await tx.db.sealedObject.count({ where: { epoch } })) > 0) return false;
      const object = { kind: 'epoch', id: String(epoch) };
      await tx.log({ action: 'keys.epoch_destroyed', outcome: 'done', object, details: { current } });
      return true;
    });
    if (!isEmpty) continue;
    await keyring.destroyEpoch(epoch);
    ended.push(epoch);
  }
  return ended;
}
