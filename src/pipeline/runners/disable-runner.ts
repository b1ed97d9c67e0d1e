import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import type { RunnerFault } from '../../domain/runner.ts';
import { mailAdministrators } from '../core/mail-administrators.ts';
import { purgeSealed } from '../core/sealed-object.ts';
import type { Caller } from '../ports/caller.ts';
import type { Transaction } from '../ports/database.ts';
import type { Outside } from '../ports/outside.ts';
import { endLeasesOf } from './end-lease.ts';

type Needs = Pick<Outside, 'database' | 'objects' | 'settings'>;

const isLie = (why: RunnerFault): boolean => why !== 'by_hand';

/**
 * Takes a runner out of work: what it holds goes to others. If it lied, what it handed in counts for nothing, and whatever
 * it measured before is measured again (`review/search-again.ts`). Returns bodies of results, to be purged after the commit.
 */
export async function disableRunner(
  outside: Pick<Needs, 'settings'>,
  tx: Transaction,
  runnerId: Id,
  why: RunnerFault,
): Promise<string[]> {
  const [row] = await tx.db.$queryRaw<{ name: string }[]>`
    UPDATE runner SET "disabledAt" = now(), "disabledWhy" = ${why}::"RunnerFault"
     WHERE id = ${runnerId}::uuid AND "disabledAt" IS NULL RETURNING name`;
  if (row === undefined) return [];
  await endLeasesOf(tx, runnerId, isLie(why) ? 'refused' : 'disabled');
  const bodies = isLie(why) ? await disbelieve(tx, runnerId) : [];
  await tx.log({
    action: 'runner.disabled',
    outcome: 'done',
    object: { kind: 'runner', id: runnerId },
    details: { why },
  });
  if (isLie(why)) await mailAdministrators(outside, tx, { kind: 'runner_disabled', name: row.name, why });
  return bodies;
}

async function disbelieve(tx: Transaction, runnerId: Id): Promise<string[]> {
  await tx.db.recording.updateMany({ where: { checkedById: runnerId }, data: { detectors: 0, checkedById: null } });
  const handed = await tx.db.runnerJob.findMany({
    where: { runnerId, state: 'handed_in' },
    include: { result: { select: { id: true, bodyKey: true } } },
  });
  for (const { id, recordingId, result } of handed) {
    await tx.db.runnerJob.delete({ where: { id } });
    if (result) await tx.db.sealedObject.delete({ where: { id: result.id } });
    await tx.enqueue('check-recording', { recordingId }, { key: `check:${recordingId}` });
  }
  return handed.flatMap(({ result }) => (result ? [result.bodyKey] : []));
}

/** Disables a runner that lied. */
export async function quarantineRunner(outside: Needs, caller: Caller, runnerId: Id, why: RunnerFault): Promise<void> {
  const bodies = await outside.database.transact(caller, (tx) => disableRunner(outside, tx, runnerId, why));
  for (const bodyKey of bodies) await purgeSealed(outside, bodyKey);
}

/** An administrator disables a runner, or enables it again. @throws Refusal `NOT_FOUND`. */
export async function setRunnerDisabled(
  outside: Needs,
  caller: Caller,
  runnerId: Id,
  isDisabled: boolean,
): Promise<void> {
  await outside.database.transact(caller, async (tx) => {
    if ((await tx.db.runner.count({ where: { id: runnerId } })) === 0) throw new Refusal('NOT_FOUND');
    if (isDisabled) {
      await disableRunner(outside, tx, runnerId, 'by_hand');
      return;
    }
    const { count } = await tx.db.runner.updateMany({
      where: { id: runnerId, disabledAt: { not: null } },
      data: { disabledAt: null, disabledWhy: null },
    });
    if (count > 0)
      await tx.log({ action: 'runner.enabled', outcome: 'done', object: { kind: 'runner', id: runnerId } });
  });
}

/** What it measured before stays as it is. @throws Refusal `NOT_FOUND`. */
export async function removeRunner({ database }: Pick<Needs, 'database'>, caller: Caller, runnerId: Id): Promise<void> {
  await database.transact(caller, async (tx) => {
    await endLeasesOf(tx, runnerId, 'removed');
    const { count } = await tx.db.runner.deleteMany({ where: { id: runnerId } });
    if (count === 0) throw new Refusal('NOT_FOUND');
    await tx.log({ action: 'runner.removed', outcome: 'done', object: { kind: 'runner', id: runnerId } });
  });
}
