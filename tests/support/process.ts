import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const root = join(import.meta.dirname, '../..');

/** The environment of every program of ours: the path to programs, and Node's compile cache. */
export const ownEnvironment: Record<string, string> = {
  PATH: process.env.PATH ?? '',
  ...(process.env.NODE_COMPILE_CACHE ? { NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE } : {}),
};

export interface ServerProcess {
  readonly url: string;
  readonly child: ChildProcess;
  /** Lines of its log so far. */
  readonly log: readonly string[];
  /** Like a power cut: no handler runs. */
  kill9(): Promise<void>;
  /** Like an operator; resolves with the exit code. */
  stop(): Promise<number | null>;
}

/** The server as a process of its own, as `npm start` runs it. `cwd`: the checkout, perhaps of another version. */
export async function spawnServer(
  env: Record<string, string>,
  nodeOptions: string[] = [],
  cwd = root,
): Promise<ServerProcess> {
  const child = spawn(
    process.execPath,
    ['--max-semi-space-size=4', '--v8-pool-size=1', ...nodeOptions, 'src/processes/main.ts'],
    {
      cwd,
      env: { ...ownEnvironment, LOG_LEVEL: 'info', PORT: '0', DRAIN_SECONDS: '2', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const log: string[] = [];
  const exited = once(child, 'exit');
  const url = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout! }).on('line', (line) => {
      log.push(line);
      const url = /"url":"([^"]+)".*"serving"/.exec(line)?.[1];
      if (url) resolve(url);
    });
    createInterface({ input: child.stderr! }).on('line', (line) => log.push(line));
    child.once('exit', () => reject(new Error(`the server ended:\n${log.join('\n')}`)));
  });
  let isExpected = false;
  child.once('exit', (code, signal) => {
    if (!isExpected) console.error(`the server ended by itself (${code ?? signal}):\n${log.slice(-30).join('\n')}`);
  });
  return {
    url,
    child,
    log,
    async kill9() {
      isExpected = true;
      child.kill('SIGKILL');
      await exited;
    },
    async stop() {
      isExpected = true;
      child.kill('SIGTERM');
      const [code] = await exited;
      return code;
    },
  };
}

/** A worker of its own that serves its metrics. */
export interface WorkerProcess {
  readonly metricsUrl: string;
  readonly child: ChildProcess;
}

/** @param env with METRICS_PORT and METRICS_TOKEN. */
export async function spawnWorker(env: Record<string, string>): Promise<WorkerProcess> {
  const child = spawn(process.execPath, ['src/processes/worker.ts'], {
    cwd: root,
    env: { ...ownEnvironment, LOG_LEVEL: 'info', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const metricsUrl = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout! }).on('line', (line) => {
      const url = /"metrics":"([^"]+)".*worker started/.exec(line)?.[1];
      if (url) resolve(url);
    });
    child.once('exit', (code) => reject(new Error(`the worker ended: ${code}`)));
  });
  return { metricsUrl, child };
}
