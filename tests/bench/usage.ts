import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What some work cost: by the clock, and of the processors in a process and in all that it started. */
export interface Used {
  readonly seconds: number;
  readonly cpuSeconds: number;
}

const lookEveryMs = 20;
const ticksPerSecond = 100;

/**
 * Watches processes and everything below them. Children are looked at while they run, since a sandbox does not hand on what
 * those inside it took: of each, the last 20 ms may be missing. Linux only.
 */
export function watchUsage(roots: readonly number[]) {
  const before = new Map<number, number>();
  const ticks = new Map<number, number>();
  const commands = new Map<number, string>();
  const peaks = new Map<number, number>();
  const look = () => {
    for (const pid of treeOf(roots)) {
      // proc(5): after the name come the state (field 3), and user and system time as fields 14 and 15.
      const fields = readOrNothing(`/proc/${pid}/stat`).split(') ')[1]?.split(' ');
      if (fields === undefined) continue;
      ticks.set(pid, Number(fields[11]) + Number(fields[12]));
      const peak = /VmHWM:\s+(\d+) kB/.exec(readOrNothing(`/proc/${pid}/status`))?.[1];
      if (peak !== undefined) peaks.set(pid, Number(peak) / 1024);
      // A sandbox becomes what it runs: the last one is right.
      const command = readOrNothing(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim();
      if (command !== '') commands.set(pid, command);
    }
  };
  look();
  for (const [pid, each] of ticks) before.set(pid, each);
  const began = performance.now();
  const looking = setInterval(look, lookEveryMs);
  return {
    /**
     * `started` are the processes that were not there at the beginning, `peaksMib` the most memory that each ever had,
     * `each` what every process took, with its command line.
     */
    end(): Used & {
      readonly peaksMib: ReadonlyMap<number, number>;
      readonly started: number[];
      readonly each: readonly { readonly pid: number; readonly command: string; readonly cpuSeconds: number }[];
    } {
      clearInterval(looking);
      const seconds = (performance.now() - began) / 1000;
      look();
      const each = [...ticks].map(([pid, ticks]) => ({
        pid,
        command: commands.get(pid) ?? '',
        cpuSeconds: (ticks - (before.get(pid) ?? 0)) / ticksPerSecond,
      }));
      const cpuSeconds = each.reduce((sum, one) => sum + one.cpuSeconds, 0);
      const started = [...ticks.keys()].filter((pid) => !before.has(pid));
      return { seconds, cpuSeconds, peaksMib: peaks, started, each };
    },
  };
}

/** The postmaster of an embedded PostgreSQL in this folder. */
export const postmasterOf = (folder: string): number =>
  Number(readFileSync(join(folder, 'postgres/data/postmaster.pid'), 'utf8').split('\n')[0]);

function treeOf(roots: readonly number[]): Set<number> {
  const found = new Set<number>();
  const add = (pid: number) => {
    if (found.has(pid)) return;
    found.add(pid);
    for (const task of tasksOf(pid))
      for (const child of readOrNothing(`/proc/${pid}/task/${task}/children`).split(' ')) if (child) add(Number(child));
  };
  for (const root of roots) add(root);
  return found;
}

/** A process may end between being listed and being read. */
function tasksOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
}

function readOrNothing(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
