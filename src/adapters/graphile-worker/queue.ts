import { EventEmitter } from 'node:events';
import { type JobHelpers, Logger, type Runner, run, runMigrations, type WorkerEvents } from 'graphile-worker';
import { mustHave } from '../../domain/must-have.ts';
import { holdWorkerLocks, releaseDeadWorkers, type WorkerLocks } from './dead-workers.ts';
import { createPatientPool } from './patient-pool.ts';

/** A job for the queue; `pipeline/ports/database.ts` holds the names and payloads. */
type AnyTask = (
  payload: never,
  attempt: {
    signal: AbortSignal;
    job: string;
    isLast: boolean;
    school: string | null;
    /** Of what queued it (`enqueue`). */
    traceparent: string | null;
  },
) => Promise<void>;

export interface Worker {
  /** Lets running jobs finish, or aborts them after graphile-worker's own deadline: they are retried later. */
  stop(): Promise<void>;
}

interface WorkerOptions extends Own {
  readonly url: string;
  readonly concurrency: number;
}

/** What runs and reports for the caller. */
interface Own {
  readonly tasks: Readonly<Record<string, AnyTask>>;
  onExhausted(
    job: { id: string; task: string; attempts: number; school: string | null },
    error: unknown,
  ): Promise<void>;
  onFault(error: unknown, where: string): void;
}

/**
 * The one way from the library to what is the caller's. The library keeps the options of each run until the process ends:
 * once the queue has stopped they must not hold the caller's database, store and keys.
 */
interface Reach {
  own: Own | null;
}

/** Creates or updates the queue's own tables. Run as the owner of the database. */
export async function migrateQueue(ownerUrl: string): Promise<void> {
  await runMigrations({ connectionString: ownerUrl, logger: silent });
}

/**
 * Works the queue of graphile-worker on the same PostgreSQL, and resumes when the database comes back after an outage.
 * A job that has used up its tries is reported once through `onExhausted`; until then a failure is retried after
 * exp(tries) seconds. Jobs of a killed process are freed within a minute instead of the library's four hours.
 */
export async function startWorker({ url, concurrency, ...own }: WorkerOptions): Promise<Worker> {
  const reach: Reach = { own };
  const onFault: Own['onFault'] = (error, where) => reach.own?.onFault(error, where);
  const locks = await holdWorkerLocks(url, (error) => onFault(error, 'worker locks'));
  const free = () => releaseDeadWorkers(url).catch((error) => onFault(error, 'freeing jobs of dead workers'));
  const names = Object.keys(own.tasks);
  const begin = () => startRunner({ url, concurrency, names }, reach, locks);
  let runner = await begin();
  let isStopping = false;
  const supervised = (async () => {
    for (;;) {
      await runner.promise.catch((error) => onFault(error, 'queue'));
      while (!isStopping) {
        await new Promise((resolve) => setTimeout(resolve, 1_000));
        try {
          if (!isStopping) {
            runner = await begin();
            // What the one before it had under way would wait for the next round.
            await free();
          }
          break;
        } catch (error) {
          onFault(error, 'queue');
        }
      }
      if (isStopping) return;
    }
  })();
  await free();
  const timer = setInterval(free, 60_000);
  return {
    async stop() {
      isStopping = true;
      clearInterval(timer);
      await runner.stop().catch((error) => onFault(error, 'stopping the queue'));
      await supervised;
      await locks.close();
      reach.own = null;
    },
  };
}

async function startRunner(
  { url, concurrency, names }: { url: string; concurrency: number; names: readonly string[] },
  reach: Reach,
  locks: WorkerLocks,
): Promise<Runner> {
  const taskList = Object.fromEntries(
    names.map((name) => [
      name,
      async (payload: unknown, helpers: JobHelpers) => {
        const { id, revision, attempts, max_attempts: tries } = helpers.job;
        const signal = helpers.abortSignal ?? new AbortController().signal;
        const { traceparent = null, ...told } = payload as { traceparent?: string };
        const task = mustHave(reach.own?.tasks[name], 'task of a queue that runs');
        await task(told as never, {
          signal,
          job: `${id}.${revision}`,
          isLast: attempts >= tries,
          school: schoolOf(helpers.job),
          traceparent,
        });
      },
    ]),
  );
  const events = new EventEmitter() as WorkerEvents;
  const pools = new Set<string>();
  events.on('pool:create', ({ workerPool }) => {
    pools.add(workerPool.id);
    locks.hold(workerPool.id);
  });
  events.on('job:error', ({ job, error }) => reach.own?.onFault(error, `job ${job.task_identifier}`));
  events.on('job:failed', ({ job, error }) => {
    reach.own
      ?.onExhausted(
        { id: String(job.id), task: job.task_identifier, attempts: job.attempts, school: schoolOf(job) },
        error,
      )
      .catch((fault) => reach.own?.onFault(fault, 'reporting a failed job'));
  });
  events.on('pool:listen:error', ({ error }) => reach.own?.onFault(error, 'listening for jobs'));
  const pgPool = createPatientPool(url, concurrency + 2);
  // Each job has its kind and school as a flag (`enqueue`): one that is paused is never taken.
  const pausedKinds = async () => {
    const client = await pgPool.connect();
    try {
      const { rows } = await client.query<{ flag: string }>('SELECT paused_jobs() AS flag');
      return rows.map(({ flag }) => flag);
    } finally {
      client.release();
    }
  };
  const runner = await run({
    pgPool,
    taskList,
    concurrency,
    forbiddenFlags: pausedKinds,
    pollInterval: 1_000,
    noHandleSignals: true,
    logger: silent,
    parsedCronItems: [],
    events,
  });
  const closed = runner.promise.finally(() =>
    Promise.all([pgPool.end(), ...[...pools].map((id) => locks.release(id))]),
  );
  closed.catch(() => {}); // the supervisor of the runner learns of it through the runner's own promise
  return runner;
}

/** `enqueue` flags each job with its school; null: a version that knew of one school queued it. */
function schoolOf({ flags }: { readonly flags: Readonly<Record<string, true>> | null }): string | null {
  const flag = Object.keys(flags ?? {}).find((name) => name.startsWith('school '));
  return flag?.slice('school '.length) ?? null;
}

/** The queue's own lines would name payloads; `worker.ts` logs what matters. */
const silent = new Logger(() => () => {});
