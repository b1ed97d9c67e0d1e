import { type JobHelpers, Logger, run, runMigrations } from 'graphile-worker';

/** Never more than the shape of what a job is told and how it is called: the names stand in `pipeline/ports.ts`. */
type AnyTask = (payload: never, attempt: { signal: AbortSignal; isLast: boolean }) => Promise<void>;

export interface Worker {
  /** Lets running jobs finish until the deadline, then aborts them: they are tried again later. */
  stop(): Promise<void>;
}

/** Creates or updates the queue's own tables. Run as the owner of the database. */
export async function migrateQueue(ownerUrl: string): Promise<void> {
  await runMigrations({ connectionString: ownerUrl, logger: silent });
}

/**
 * Works the queue of graphile-worker on the same PostgreSQL. A job that has used up its tries is reported once through
 * `onExhausted`; until then failures are tried again after exp(tries) seconds.
 */
export async function startWorker(options: {
  url: string;
  tasks: Readonly<Record<string, AnyTask>>;
  concurrency: number;
  onExhausted(job: { id: string; task: string; attempts: number }, error: unknown): Promise<void>;
  onFault(error: unknown, where: string): void;
}): Promise<Worker> {
  const taskList = Object.fromEntries(
    Object.entries(options.tasks).map(([name, task]) => [
      name,
      async (payload: unknown, helpers: JobHelpers) => {
        const { attempts, max_attempts: tries } = helpers.job;
        const signal = helpers.abortSignal ?? new AbortController().signal;
        await task(payload as never, { signal, isLast: attempts >= tries });
      },
    ]),
  );
  const runner = await run({
    connectionString: options.url,
    taskList,
    concurrency: options.concurrency,
    pollInterval: 1_000,
    noHandleSignals: true,
    logger: silent,
    parsedCronItems: [],
  });
  runner.events.on('job:error', ({ job, error }) => options.onFault(error, `job ${job.task_identifier}`));
  runner.events.on('job:failed', ({ job, error }) => {
    options
      .onExhausted({ id: String(job.id), task: job.task_identifier, attempts: job.attempts }, error)
      .catch((fault) => options.onFault(fault, 'reporting a failed job'));
  });
  runner.events.on('pool:listen:error', ({ error }) => options.onFault(error, 'listening for jobs'));
  return { stop: () => runner.stop() };
}

/** The queue's own lines would name payloads; what matters is logged by `worker.ts`. */
const silent = new Logger(() => () => {});
