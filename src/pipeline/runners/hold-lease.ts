import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import type { LeaseEnd } from '../../domain/runner.ts';
import { checkable } from '../core/checkable.ts';
import { storableMs } from '../core/storable.ts';
import type { Caller } from '../ports/caller.ts';
import type { Transaction } from '../ports/database.ts';
import type { Outside } from '../ports/outside.ts';
import { endLease, type LeasedJob } from './end-lease.ts';
import { runnerIdOf } from './find-runner.ts';

type Needs = Pick<Outside, 'database' | 'settings'>;

/**
 * The job of a lease that is in force, its row held until the transaction ends: the caller is its runner, its time is not over
 * by the clock of the database, and the recording is still in reach. @throws Refusal `LEASE_OVER`.
 */
export async function lockLease(tx: Transaction, caller: Caller, leaseId: Id): Promise<LeasedJob & { runnerId: Id }> {
  const runnerId = runnerIdOf(caller);
  const [job] = await tx.db.$queryRaw<(LeasedJob & { runnerId: Id })[]>`
    SELECT j.id, j."recordingId", r."lessonId", j.leases, j."runnerId", j."leaseId"
      FROM runner_job j JOIN recording r ON r.id = j."recordingId"
     WHERE j."leaseId" = ${leaseId}::uuid AND j."runnerId" = ${runnerId}::uuid AND j.state = 'leased'
       AND j."leasedUntil" > now() AND r.state::text = ANY(${[...checkable]}) FOR UPDATE OF j`;
  if (job === undefined) throw new Refusal('LEASE_OVER');
  return job;
}

/** Renews a lease and notes how far its runner is. @throws Refusal `LEASE_OVER`. */
export async function renewLease(
  { database, settings }: Needs,
  caller: Caller,
  leaseId: Id,
  { doneMs }: { doneMs: number },
): Promise<{ lastsMs: number }> {
  await database.transact(caller, async (tx) => {
    const job = await lockLease(tx, caller, leaseId);
    await tx.db.$executeRaw`
      UPDATE runner_job SET "leasedUntil" = now() + ${settings.runnerLeaseMs}::integer * interval '1 millisecond'
       WHERE id = ${job.id}::uuid`;
    await tx.db.$executeRaw`UPDATE runner SET "lastSeenAt" = now() WHERE id = ${job.runnerId}::uuid`;
    await tx.db.recording.update({ where: { id: job.recordingId }, data: { checkedMs: storableMs(doneMs) } });
  });
  return { lastsMs: settings.runnerLeaseMs };
}

/** A runner gives its job back: it stops, or it could not do it. @throws Refusal `LEASE_OVER`. */
export async function giveLeaseBack(
  { database }: Pick<Needs, 'database'>,
  caller: Caller,
  leaseId: Id,
  why: Extract<LeaseEnd, 'given_back' | 'failed'>,
): Promise<void> {
  await database.transact(caller, async (tx) => endLease(tx, await lockLease(tx, caller, leaseId), why));
}
