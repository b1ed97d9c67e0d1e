import type { Id } from '../../domain/ids.ts';
import { type LeaseEnd, mostLeases } from '../../domain/runner.ts';
import type { Transaction } from '../ports/database.ts';

/** A job as it stands in the database, with its lesson. */
export interface LeasedJob {
  readonly id: Id;
  readonly recordingId: Id;
  readonly lessonId: Id;
  readonly leases: number;
  readonly runnerId: Id | null;
  readonly leaseId: Id | null;
}

/** The runner that held it did something wrong, or went away. */
const faults: readonly LeaseEnd[] = ['expired', 'asked_again', 'failed', 'refused'];

/**
 * Ends a lease without a result: nothing that its holder sends is accepted from now on. The job waits for another runner; if
 * leases ended often enough, the worker does it. The caller holds the row.
 */
export async function endLease(tx: Transaction, job: LeasedJob, why: LeaseEnd): Promise<void> {
  const { id, recordingId, lessonId, runnerId, leaseId } = job;
  const isFault = faults.includes(why);
  if (runnerId !== null && isFault)
    await tx.db.runner.updateMany({ where: { id: runnerId }, data: { failed: { increment: 1 } } });
  if (runnerId !== null && leaseId !== null)
    await tx.log({
      action: 'runner.lease_lost',
      outcome: isFault ? 'failed' : 'done',
      object: { kind: 'recording', id: recordingId, recordingId, lessonId },
      details: { runner: runnerId, job: id, lease: leaseId, why },
    });
  if (why === 'recording') {
    await tx.db.runnerJob.delete({ where: { id } });
    return;
  }
  await tx.db.recording.updateMany({
    where: { id: recordingId, checkState: 'running' },
    data: { checkState: 'waiting', checkedMs: 0 },
  });
  if (isFault && job.leases >= mostLeases) return doHere(tx, job);
  await tx.db.runnerJob.update({
    where: { id },
    data: {
      state: 'waiting',
      runnerId: null,
      leaseId: null,
      leasedUntil: null,
      // What was given back in peace counts for nothing.
      ...(isFault ? {} : { leases: { decrement: 1 } }),
    },
  });
}

/** The worker does it: no runner is waited for any longer. */
export async function doHere(
  tx: Transaction,
  { id, recordingId }: Pick<LeasedJob, 'id' | 'recordingId'>,
): Promise<void> {
  await tx.db.runnerJob.delete({ where: { id } });
  await tx.enqueue('check-recording', { recordingId, isHere: true }, { key: `check:${recordingId}` });
}

/** Ends the leases of a runner, which holds one at most. */
export async function endLeasesOf(tx: Transaction, runnerId: Id, why: LeaseEnd): Promise<void> {
  const rows = await tx.db.$queryRaw<LeasedJob[]>`
    SELECT j.id, j."recordingId", r."lessonId", j.leases, j."runnerId", j."leaseId"
      FROM runner_job j JOIN recording r ON r.id = j."recordingId"
     WHERE j."runnerId" = ${runnerId}::uuid AND j.state = 'leased' FOR UPDATE OF j`;
  for (const row of rows) await endLease(tx, row, why);
}
