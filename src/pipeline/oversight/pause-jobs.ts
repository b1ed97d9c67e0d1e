import type { PausableKind } from '../../domain/job-kind.ts';
import { staffIdOf } from '../core/staff-id.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';

/**
 * Pauses a kind of jobs, or resumes it. What runs goes on to its end; what is queued waits, whatever happens to the processes,
 * and no worker begins it. Doing it twice changes nothing.
 */
export function pauseJobs(
  { database, clock }: Pick<Outside, 'database' | 'clock'>,
  caller: Caller,
  kind: PausableKind,
  isPaused: boolean,
): Promise<void> {
  return database.transact(caller, async (tx) => {
    const { count } = isPaused
      ? await tx.db.pausedJob.createMany({
          data: [{ kind, pausedAt: clock(), pausedById: staffIdOf(caller) }],
          skipDuplicates: true,
        })
      : await tx.db.pausedJob.deleteMany({ where: { kind } });
    if (count === 0) return;
    await tx.log({ action: isPaused ? 'jobs.paused' : 'jobs.resumed', outcome: 'done', details: { kind } });
  });
}
