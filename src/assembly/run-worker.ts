import type { Logger } from 'pino';
import { startWorker } from '../adapters/graphile-worker/queue.ts';
import { asOneParty, type Urgency } from '../adapters/process/party.ts';
import type { Id } from '../domain/ids.ts';
import { type JobKind, jobKinds } from '../domain/job-kind.ts';
import { mustHave } from '../domain/must-have.ts';
import { type Attempt, createChores, createTasks, type Tasks } from '../jobs/tasks.ts';
import { isSetBack } from '../pipeline/backup/catch-up-log.ts';
import { replayPersonTombstones } from '../pipeline/people/replay-person-tombstones.ts';
import type { Outside } from '../pipeline/ports/outside.ts';
import { asSpan, type Tracing } from '../pipeline/ports/trace.ts';
import { replayTombstones } from '../pipeline/retention/replay-tombstones.ts';
import type { Context } from './context.ts';
import { describeFault } from './describe-fault.ts';
import type { Outcome, WorkMetrics } from './work-metrics.ts';

export interface RunningWorker {
  stop(): Promise<void>;
}

/** Works the queue and the chores of the clock, in the web process or in its own; any number may run side by side. */
export async function runWorker({
  config,
  log,
  outside,
  mailer,
  bounces,
  work,
  tracing,
}: Context): Promise<RunningWorker> {
  const worker = await startWorker({
    url: mustHave(config.DATABASE_URL, 'DATABASE_URL'),
    tasks: counted(traced(takingTurns(ofEachSchool(outside, (parts) => createTasks(parts, mailer))), tracing), work),
    concurrency: config.WORKER_CONCURRENCY,
    onFault: (error, where) => log.error({ err: describeFault(error) }, where),
    async onExhausted({ id, task, attempts, school }, error) {
      log.error({ job: id, task, attempts, err: describeFault(error) }, 'job failed after its last attempt');
      const { database } = school === null ? outside : await outside.schools.of(school);
      await database.transact({ actor: { kind: 'system', id: 'queue' } }, (tx) =>
        tx.log({ action: 'job.failed', outcome: 'failed', object: { kind: 'job', id }, details: { task, attempts } }),
      );
    },
  });
  const choresOf = (parts: Outside) =>
    createChores(parts, {
      addressDays: config.AUDIT_ADDRESS_DAYS,
      // One mailbox for all schools.
      bounces: parts === outside ? bounces : null,
      noteFlaw: (flaw) => log.warn({ flaw }, 'a message in the mailbox of bounces changed nothing'),
    });
  const timers = Object.entries(choresOf(outside)).map(([name, chore]) => {
    let isRunning = false;
    const run = async () => {
      if (isRunning) return;
      isRunning = true;
      const report = (error: unknown, school?: Id) => {
        work.countChoreFailure(name);
        log.error({ school, err: describeFault(error) }, `chore ${name}`);
      };
      try {
        // One school after the other: what goes wrong in one holds up no other.
        for (const school of await outside.schools.list())
          await asOneParty('job', async () => choresOf(await outside.schools.of(school))[name]?.run()).catch((error) =>
            report(error, school),
          );
      } catch (error) {
        report(error);
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

type AttemptOfSchool = Attempt & { readonly school: Id | null; readonly traceparent: string | null };
type TasksOfSchools = Readonly<Record<JobKind, (payload: never, attempt: AttemptOfSchool) => Promise<void>>>;

/** Each job by the parts of the school that it was queued for. */
function ofEachSchool(first: Outside, tasksOf: (parts: Outside) => Tasks): TasksOfSchools {
  const task =
    (name: JobKind) =>
    async (payload: never, { school, traceparent: _, ...attempt }: AttemptOfSchool): Promise<void> =>
      tasksOf(school === null ? first : await first.schools.of(school))[name](payload, attempt);
  return Object.fromEntries(jobKinds.map((name) => [name, task(name)])) as TasksOfSchools;
}

function takingTurns(tasks: TasksOfSchools): TasksOfSchools {
  const wrapped = jobKinds.map((name) => {
    const urgency: Urgency = urgent.has(name) ? 'person' : 'job';
    return [
      name,
      (payload: never, attempt: AttemptOfSchool) => asOneParty(urgency, () => tasks[name](payload, attempt)),
    ];
  });
  return Object.fromEntries(wrapped) as TasksOfSchools;
}

/** Each attempt as a span, in the trace of the request that queued the job where that is traced. */
function traced(tasks: TasksOfSchools, tracing: Tracing | null): TasksOfSchools {
  if (tracing === null) return tasks;
  const wrapped = jobKinds.map((name) => [
    name,
    async (payload: never, attempt: AttemptOfSchool) => {
      const facts = { 'emanet.job': name, 'emanet.attempt.last': attempt.isLast };
      const span = tracing.begin('job', `job ${name}`, facts, attempt.traceparent);
      const work = () => tasks[name](payload, attempt);
      await (span === null ? work() : asSpan(span, work));
    },
  ]);
  return Object.fromEntries(wrapped) as TasksOfSchools;
}

/** Each attempt with its duration. A job that is refused for good ends as done: its last word is on the recording. */
function counted(tasks: TasksOfSchools, work: WorkMetrics): TasksOfSchools {
  const wrapped = jobKinds.map((name) => [
    name,
    async (payload: never, attempt: AttemptOfSchool) => {
      const begun = performance.now();
      const count = (outcome: Outcome) => work.countJob(name, outcome, performance.now() - begun);
      try {
        await tasks[name](payload, attempt);
      } catch (error) {
        count('failed');
        throw error;
      }
      count('done');
    },
  ]);
  return Object.fromEntries(wrapped) as TasksOfSchools;
}

/**
 * Runs before any request or job: a restored backup may have brought back what was erased since. Says how much of it could not
 * be erased again.
 */
export async function eraseAgain({ log, outside }: Pick<Context, 'log' | 'outside'>): Promise<{ notErased: number }> {
  let notErased = 0;
  for (const school of await outside.schools.list())
    notErased += await eraseAgainIn(await outside.schools.of(school), log);
  return { notErased };
}

/** The same in one school. */
export async function eraseAgainIn(outside: Outside, log: Logger): Promise<number> {
  const { replayed, notOurs } = await replayTombstones(outside);
  // After the recordings: while they are there, they need the people in them.
  const people = await replayPersonTombstones(outside);
  if (replayed > 0) log.warn({ replayed }, 'erased recordings that a restored backup had brought back');
  if (people.replayed > 0) log.warn(people, 'erased people whom a restored backup had brought back');
  if (people.waiting > 0) log.error(people, 'erased people are back, and something that is kept needs them');
  if (notOurs + people.notOurs > 0)
    log.error({ notOurs, people: people.notOurs }, 'the store holds tombstones that the school’s key did not sign');
  return notOurs + people.notOurs + people.waiting;
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
  // Another one is closed; the log of the first one, which takes no entry more, is that of the installation.
  const first = await outside.database.read.school.findFirst();
  if (first !== null && first.takenOutAt !== null)
    throw new Error(
      `The school ${first.id} was taken out of this installation, which had no other one: it goes on elsewhere (docs/backup.md).`,
    );
  for (const school of await outside.schools.list())
    if (await isSetBack(await outside.schools.of(school))) throw olderThanItsLog(school);
}

const olderThanItsLog = (school: Id) =>
  new Error(
    `The database is older than the copy of the log of the school ${school} in the store. Run \`emanet restore --only log\`, which does again what was withdrawn and erased since (docs/backup.md).`,
  );
