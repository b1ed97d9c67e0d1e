import { startWorker } from './adapters/graphile-worker/queue.ts';
import { loadConfig } from './config/env.ts';
import { type Context, createContext } from './context.ts';
import { createChores, createTasks } from './jobs/tasks.ts';
import { replayTombstones } from './pipeline/retention/tombstone.ts';
import { onStopSignal } from './stop-signal.ts';

export interface RunningWorker {
  stop(): Promise<void>;
}

/** Works the queue and the chores of the clock, in the web process or in one of its own; any number may run side by side. */
export async function runWorker({ config, log, outside, mailer }: Context): Promise<RunningWorker> {
  const worker = await startWorker({
    url: config.DATABASE_URL!,
    tasks: createTasks(outside, mailer),
    concurrency: config.WORKER_CONCURRENCY,
    onFault: (error, where) => log.error({ err: describeFault(error) }, where),
    async onExhausted({ id, task, attempts }, error) {
      log.error({ job: id, task, attempts, err: describeFault(error) }, 'a job keeps failing');
      await outside.database.transact({ actor: { kind: 'system', id: 'queue' } }, (tx) =>
        tx.log({ action: 'job.failed', outcome: 'failed', object: { kind: 'job', id }, details: { task, attempts } }),
      );
    },
  });
  const timers = Object.entries(createChores(outside, config.AUDIT_ADDRESS_DAYS)).map(([name, chore]) => {
    let isRunning = false;
    const run = async () => {
      if (isRunning) return;
      isRunning = true;
      try {
        await chore.run();
      } catch (error) {
        log.error({ err: describeFault(error) }, `chore ${name}`);
      } finally {
        isRunning = false;
      }
    };
    void run();
    return setInterval(run, chore.everySeconds * 1000);
  });
  return {
    async stop() {
      for (const timer of timers) clearInterval(timer);
      await worker.stop();
    },
  };
}

/** Before anything is served or worked on: a restored backup may have brought back what was erased since. */
export async function eraseAgain({ log, outside }: Pick<Context, 'log' | 'outside'>): Promise<void> {
  const { replayed, notOurs } = await replayTombstones(outside);
  if (replayed > 0) log.warn({ replayed }, 'recordings that came back with a backup were erased again');
  if (notOurs > 0) log.error({ notOurs }, 'tombstones in the store are not signed by the school’s key');
}

/** What a log line may say of a fault: its kind and stack, never the values of a query or a request. */
export function describeFault(error: unknown): {
  type: string;
  message: string;
  stack?: string | undefined;
  cause?: unknown;
} {
  if (!(error instanceof Error)) return { type: typeof error, message: 'not an Error' };
  const message = error.message.split('\n').at(-1)!.slice(0, 500);
  const stack = error.stack
    ?.split('\n')
    .filter((line) => line.startsWith('    at '))
    .slice(0, 12)
    .join('\n');
  return {
    type: error.name,
    message,
    stack,
    ...(error.cause === undefined ? {} : { cause: describeFault(error.cause) }),
  };
}

if (import.meta.main) {
  const context = await createContext(loadConfig(process.env), { kind: 'worker' });
  await eraseAgain(context);
  const worker = await runWorker(context);
  context.log.info('worker started');
  onStopSignal(async () => {
    await worker.stop();
    await context.close();
  });
}
