import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { startBehind } from '../adapters/process/go-first.ts';
import type { MetricsOfProcess, WorkMetrics } from './work-metrics.ts';

const program = join(import.meta.dirname, '../processes/worker.ts');
const restartMs = 1_000;
/** A worker that computes answers a little later. */
const answerMs = 3_000;

/** What the two processes say to each other. */
type Asked = 'stop' | 'metrics';
interface Told {
  readonly metrics: MetricsOfProcess;
}

/**
 * The worker beside a web process, in a process of its own: what a check computes holds up no page. Starts it again when
 * it ends by itself; it ends with this process (`endWithParent`). `onEnd` is told how it ended.
 */
export function startWorkerProcess(
  env: NodeJS.ProcessEnv,
  onEnd: (how: { code: number | null; signal: NodeJS.Signals | null }) => void,
): { metrics(): Promise<MetricsOfProcess | null>; stop(): Promise<void> } {
  let isStopping = false;
  let timer: NodeJS.Timeout | undefined;
  let child: ChildProcess;
  const start = () => {
    child = startBehind(() =>
      spawn(process.execPath, [...process.execArgv, program], {
        env,
        stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      }),
    );
    child.once('exit', (code, signal) => {
      if (isStopping) return;
      onEnd({ code, signal });
      timer = setTimeout(start, restartMs);
    });
    child.once('error', () => {}); // it then has no exit status, which is told
  };
  start();
  return {
    /** What it has done since it started; null when it does not say so in time. */
    async metrics() {
      if (!child.connected) return null;
      try {
        const told = once(child, 'message', { signal: AbortSignal.timeout(answerMs) }) as Promise<[Told]>;
        child.send('metrics' satisfies Asked, () => {}); // one that did not arrive is not answered
        const [{ metrics }] = await told;
        return metrics;
      } catch {
        return null; // it is away: the alert on the queue says so
      }
    },
    async stop() {
      isStopping = true;
      clearTimeout(timer);
      if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
      const ended = once(child, 'exit');
      // Not by a signal: Ctrl-C and systemd send one to both, and a second one would break jobs off.
      if (child.connected) child.send('stop' satisfies Asked);
      await ended;
    },
  };
}

/**
 * In the worker: ends when the process that started it says so, and at once when that is gone. Does nothing if it was started
 * by hand.
 */
export function endWithParent(begin: () => void): void {
  process.on('message', (asked: Asked) => {
    if (asked === 'stop') begin();
  });
  process.once('disconnect', () => process.exit(1));
}

/** In the worker: tells the process that started it what it has done, when that asks. */
export function tellMetrics(work: Pick<WorkMetrics, 'tell'>): void {
  process.on('message', async (asked: Asked) => {
    if (asked !== 'metrics') return;
    const told: Told = { metrics: await work.tell() };
    process.send?.(told, undefined, undefined, () => {}); // who is gone needs no answer
  });
}
