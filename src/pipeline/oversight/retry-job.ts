import { Refusal } from '../../domain/errors.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';

/** @throws Refusal `NOT_FOUND` for a job that does not exist or runs now. */
export async function retryJob({ database }: Pick<Outside, 'database'>, caller: Caller, jobId: string): Promise<void> {
  await database.transact(caller, async (tx) => {
    const rows = await tx.db.$queryRaw<unknown[]>`
      SELECT again.id FROM graphile_worker.jobs AS job,
        graphile_worker.reschedule_jobs(ARRAY[job.id], run_at => now(), attempts => 0) AS again
      WHERE job.id = ${BigInt(jobId)} AND job.flags ? ('school ' || current_school())`;
    if (rows.length === 0) throw new Refusal('NOT_FOUND');
    await tx.log({ action: 'job.retried', outcome: 'done', object: { kind: 'job', id: jobId } });
  });
}
