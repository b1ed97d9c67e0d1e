import { currentEpoch } from '../core/envelope-lock.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';

type Needs = Pick<Outside, 'database' | 'keyring' | 'clock'>;

const caller: Caller = { actor: { kind: 'system', id: 'keys' } };
/** How long a process may still record under the previous epoch: it checks the keys every few seconds. */
const settlingMs = 10 * 60_000;

/**
 * Destroys the key of every former epoch under which nothing is left, ten minutes after it was replaced at the
 * earliest. From then on the envelopes in older backups of the database open nowhere. The log has the intention before
 * the deed, and after it that it was done, or that it failed; the next call finishes and logs a destruction that was
 * cut short. Keys from the environment are the operator's to take away. Returns what it destroyed.
 * @throws AggregateError when a key could not be destroyed, after all others were tried.
 */
export async function endEpochs(outside: Needs): Promise<number[]> {
  const { database, keyring, clock } = outside;
  await keyring.refresh();
  const { epochs } = keyring;
  const { epoch: current } = currentEpoch(keyring);
  const ended: number[] = [];
  const failures: unknown[] = [];
  const destroy = async (epoch: number) => {
    try {
      await destroyAndNote(outside, epoch, current);
      ended.push(epoch);
    } catch (error) {
      failures.push(error);
    }
  };
  for (const epoch of await findCutShort(outside)) await destroy(epoch);
  for (const [index, { epoch, since }] of epochs.entries()) {
    const replacedAt = epochs[index - 1]?.since;
    if (epoch === current || since === null || !replacedAt) continue;
    if (clock().getTime() - replacedAt.getTime() < settlingMs) continue;
    const isEmpty = await database.transact(caller, async (tx) => {
      if ((await tx.db.sealedObject.count({ where: { epoch } })) > 0) return false;
      if ((await tx.db.upload.count({ where: { epoch, wrappedKey: { not: null } } })) > 0) return false;
      await tx.log({ action: 'keys.epoch_ending', outcome: 'done', object: objectOf(epoch), details: { current } });
      return true;
    });
    if (isEmpty) await destroy(epoch);
  }
  if (failures.length > 0) throw new AggregateError(failures, 'the key of a former epoch could not be destroyed');
  return ended;
}

/** @throws what kept the key from being destroyed, or from being noted as destroyed. */
async function destroyAndNote({ database, keyring }: Needs, epoch: number, current: number): Promise<void> {
  const note = (outcome: 'done' | 'failed') =>
    database.transact(caller, (tx) =>
      tx.log({ action: 'keys.epoch_destroyed', outcome, object: objectOf(epoch), details: { current } }),
    );
  try {
    await keyring.destroyEpoch(epoch);
    if (keyring.epochs.some((one) => one.epoch === epoch)) throw new Error(`the key of epoch ${epoch} is still there`);
  } catch (error) {
    await note('failed');
    throw error;
  }
  await note('done');
}

/** Epochs whose end was begun, whose key is not in the folder any more, and of which the log does not say that it is gone. */
async function findCutShort({ database, keyring }: Needs): Promise<number[]> {
  const noted = await database.read.$queryRaw<{ epoch: string }[]>`
    SELECT DISTINCT begun.object_id AS epoch FROM audit_entry begun
    WHERE begun.action = 'keys.epoch_ending' AND NOT EXISTS (
      SELECT 1 FROM audit_entry ended
      WHERE ended.action = 'keys.epoch_destroyed' AND ended.outcome = 'done' AND ended.object_id = begun.object_id)`;
  const isThere = new Set(keyring.epochs.map(({ epoch }) => epoch));
  return noted.map(({ epoch }) => Number(epoch)).filter((epoch) => !isThere.has(epoch));
}

const objectOf = (epoch: number) => ({ kind: 'epoch', id: String(epoch) });
