import { checkable } from '../core/checkable.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';
import { doHere, endLease, type LeasedJob } from './end-lease.ts';
import { hasRunner } from './offer-job.ts';

type Needs = Pick<Outside, 'database'>;

const caller: Caller = { actor: { kind: 'system', id: 'runners' } };

/** Leases that were not renewed in time are over, by the clock of the database. */
export async function endExpiredLeases({ database }: Needs): Promise<void> {
  const isAny = await database.read.$queryRaw<object[]>`
    SELECT FROM runner_job WHERE state = 'leased' AND "leasedUntil" <= now() LIMIT 1`;
  if (isAny.length === 0) return;
  await database.transact(caller, async (tx) => {
    const expired = await tx.db.$queryRaw<LeasedJob[]>`
      SELECT j.id, j."recordingId", r."lessonId", j.leases, j."runnerId", j."leaseId"
        FROM runner_job j JOIN recording r ON r.id = j."recordingId"
       WHERE j.state = 'leased' AND j."leasedUntil" <= now() FOR UPDATE OF j SKIP LOCKED`;
    for (const job of expired) await endLease(tx, job, 'expired');
  });
}

/** Jobs that no runner took in time, or that no runner could take any more, go to the worker; those of recordings out of reach end. */
export async function keepRunnerJobs({ database }: Needs): Promise<void> {
  await endExpiredLeases({ database });
  const isAny = await database.read.runnerJob.count({ where: { state: { not: 'handed_in' } } });
  if (isAny === 0) return;
  await database.transact(caller, async (tx) => {
    const gone = await tx.db.$queryRaw<LeasedJob[]>`
      SELECT j.id, j."recordingId", r."lessonId", j.leases, j."runnerId", j."leaseId"
        FROM runner_job j JOIN recording r ON r.id = j."recordingId"
       WHERE j.state <> 'handed_in' AND NOT (r.state::text = ANY(${[...checkable]})) FOR UPDATE OF j SKIP LOCKED`;
    for (const job of gone) await endLease(tx, job, 'recording');
    const isLost = !(await hasRunner(tx.db));
    const waited = await tx.db.$queryRaw<LeasedJob[]>`
      SELECT id, "recordingId" FROM runner_job
       WHERE state = 'waiting' AND ("waitsUntil" <= now() OR ${isLost}) FOR UPDATE SKIP LOCKED`;
    for (const job of waited) await doHere(tx, job);
  });
}
