import { isPausable, type JobKind, jobKinds } from '../../domain/job-kind.ts';
import type { Outside } from '../ports/outside.ts';

export interface JobsOfKind {
  readonly kind: JobKind;
  /** Ready to run, or on a date to come, or to be tried again. */
  readonly waiting: number;
  readonly running: number;
  /** That have used up their tries. */
  readonly failed: number;
  /** When the oldest that waits was queued. */
  readonly oldest: Date | null;
  readonly pausable: boolean;
  readonly pausedAt: Date | null;
}

/** How much there is of each kind of job, and which kinds are paused. */
export async function summariseJobs({ database }: Pick<Outside, 'database'>): Promise<JobsOfKind[]> {
  const rows = await database.read.$queryRaw<
    { kind: string; waiting: number; running: number; failed: number; oldest: Date | null }[]
  >`SELECT task_identifier AS kind,
      count(*) FILTER (WHERE locked_at IS NULL AND attempts < max_attempts)::int AS waiting,
      count(*) FILTER (WHERE locked_at IS NOT NULL)::int AS running,
      count(*) FILTER (WHERE locked_at IS NULL AND attempts >= max_attempts)::int AS failed,
      min(created_at) FILTER (WHERE locked_at IS NULL AND attempts < max_attempts) AS oldest
    FROM graphile_worker.jobs WHERE flags ? ('school ' || current_school()) GROUP BY task_identifier`;
  const paused = await database.read.pausedJob.findMany();
  return jobKinds.map((kind) => {
    const { waiting = 0, running = 0, failed = 0, oldest = null } = rows.find((row) => row.kind === kind) ?? {};
    const pausedAt = paused.find((one) => one.kind === kind)?.pausedAt ?? null;
    return { kind, waiting, running, failed, oldest, pausable: isPausable(kind), pausedAt };
  });
}
