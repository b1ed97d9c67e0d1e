import { startWorker } from '../adapters/graphile-worker/queue.ts';
import { asOneParty, type Urgency } from '../adapters/process/party.ts';
import { mustHave } from '../domain/must-have.ts';
import { type Attempt, createChores, createTasks, type Tasks } from '../jobs/tasks.ts';
import { isSetBack } from '../pipeline/backup/catch-up-log.ts';
import { replayPersonTombstones } from '../pipeline/people/replay-person-tombstones.ts';
import { replayTombstones } from '../pipeline/retention/replay-tombstones.ts';
import type { Context } from './context.ts';
import { describeFault } from './describe-fault.ts';

export interface RunningWorker {
  stop(): Promise<void>;
}

/** Works the queue and the chores of the clock, in the web process or in its own; any number may run side by side. */
export async function runWorker({ config, log, outside, mailer, bounces }: Context): Promise<RunningWorker> {
  const worker = await startWorker({
    url: mustHave(config.DATABASE_URL, 'DATABASE_URL'),
    tasks: takingTurns(createTasks(outside, mailer)),
    concurrency: config.WORKER_CONCURRENCY,
    onFault: (error, where) => log.error({ err: describeFault(error) }, where),
    async onExhausted({ id, task, attempts }, error) {
      log.error({ job: id, task, attempts, err: describeFault(error) }, 'job failed after its last attempt');
      await outside.database.transact({ actor: { kind: 'system', id: 'queue' } }, (tx) =>
        tx.log({ action: 'job.failed', outcome: 'failed', object: { kind: 'job', id }, details: { task, attempts } }),
      );
    },
  });
  const chores = createChores(outside, {
    addressDays: config.AUDIT_ADDRESS_DAYS,
    bounces,
    noteFlaw: (flaw) => log.warn({ flaw }, 'a message in the mailbox of bounces changed nothing'),
  });
  const timers = Object.entries(chores).map(([name, chore]) => {
    let isRunning = false;
    const run = async () => {
      if (isRunning) return;
      isRunning = true;
      try {
        await asOneParty('job', () => chore.run());
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

/** Whoever sent an upload sees it being sealed, and waits. */
const urgent: ReadonlySet<string> = new Set<keyof Tasks>(['seal-upload']);

function takingTurns(tasks: Tasks): Tasks {
  const wrapped = Object.entries(tasks as Record<string, (payload: never, attempt: Attempt) => Promise<void>>).map(
    ([name, task]) => {
      const urgency: Urgency = urgent.has(name) ? 'person' : 'job';
      return [name, (payload: never, attempt: Attempt) => asOneParty(urgency, () => task(payload, attempt))];
    },
  );
  return Object.fromEntries(wrapped) as Tasks;
}

/**
 * Runs before any request or job: a restored backup may have brought back what was erased since. Says how much of it could not
 * be erased again.
 */
export async function eraseAgain({ log, outside }: Pick<Context, 'log' | 'outside'>): Promise<{ notErased: number }> {
  const { replayed, notOurs } = await replayTombstones(outside);
  // After the recordings: while they are there, they need the people in them.
  const people = await replayPersonTombstones(outside);
  if (replayed > 0) log.warn({ replayed }, 'erased recordings that a restored backup had brought back');
  if (people.replayed > 0) log.warn(people, 'erased people whom a restored backup had brought back');
  if (people.waiting > 0) log.error(people, 'erased people are back, and something that is kept needs them');
  if (notOurs + people.notOurs > 0)
    log.error({ notOurs, people: people.notOurs }, 'the store holds tombstones that the school’s key did not sign');
  return { notErased: notOurs + people.notOurs + people.waiting };
}

/**
 * @throws Error while a restore is not finished, and when the database is older than the copy of its log in the store: what was
 * taken away since may still be open in the rows.
 */
export async function assertRestored({ outside }: Pick<Context, 'outside'>): Promise<void> {
  const unfinished = await outside.database.read.restore.findFirst({ where: { finishedAt: null } });
  if (unfinished !== null)
    throw new Error(
      `The database holds a restore of the backup ${unfinished.backup} that is not finished. Run \`emanet restore\` again.`,
    );
  if (await isSetBack(outside))
    throw new Error(
      'The database is older than the copy of its log in the store. Run `emanet restore --only log`, which does again what was withdrawn and erased since (docs/backup.md).',
    );
}
