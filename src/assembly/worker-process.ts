import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { startBehind } from '../adapters/process/go-first.ts';

const program = join(import.meta.dirname, '../processes/worker.ts');
const restartMs = 1_000;

/**
 * The worker beside a web process, in a process of its own: what a check computes holds up no page. Starts it again when
 * it ends by itself; it ends with this process (`endWithParent`). `onEnd` is told how it ended.
 */
export function startWorkerProcess(
  env: NodeJS.ProcessEnv,
  onEnd: (how: { code: number | null; signal: NodeJS.Signals | null }) => void,
): { stop(): Promise<void> } {
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
    async stop() {
      isStopping = true;
      clearTimeout(timer);
      if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
      const ended = once(child, 'exit');
      // Not by a signal: Ctrl-C and systemd send one to both, and a second one would break jobs off.
      if (child.connected) child.send('stop');
      await ended;
    },
  };
}

/**
 * In the worker: ends when the process that started it says so, and at once when that is gone. Does nothing if it was started
 * by hand.
 */
export function endWithParent(begin: () => void): void {
  process.on('message', begin);
  process.once('disconnect', () => process.exit(1));
}
