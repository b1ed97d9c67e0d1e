import type { Outside } from '../ports/outside.ts';

/** Jobs that wait, run or keep failing. A job that has used up its tries stays here until somebody retries it. */
export async function listJobs({ database }: Pick<Outside, 'database'>) {
  const rows = await database.read.$queryRaw<
    {
      id: bigint;
      task_identifier: string;
      attempts: number;
      max_attempts: number;
      run_at: Date;
      last_error: string | null;
      locked: boolean;
    }[]
  >`SELECT id, task_identifier, attempts, max_attempts, run_at, last_error, locked_at IS NOT NULL AS locked
    FROM graphile_worker.jobs WHERE flags ? ('school ' || current_school()) ORDER BY run_at LIMIT 500`;
  return rows.map((row) => ({
    id: String(row.id),
    task: row.task_identifier,
    attempts: row.attempts,
    maxAttempts: row.max_attempts,
    runAt: row.run_at,
    lastError: row.last_error,
    failed: row.attempts >= row.max_attempts && !row.locked,
    running: row.locked,
  }));
}
