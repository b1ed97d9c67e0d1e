import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What some work cost: by the clock, and of the processors in this process and in all that it started. Linux only. */
export interface Used {
  readonly seconds: number;
  readonly cpuSeconds: number;
}

/**
 * Measures `work` with what `roots` and everything below them take meanwhile; this process is always among them. The
 * processors' time is what says something on a machine that others use too.
 */
export async function used(work: () => Promise<unknown>, roots: readonly number[] = []): Promise<Used> {
  const all = [process.pid, ...roots];
  const [began, cpuBefore] = [performance.now(), cpuSecondsOf(all)];
  await work();
  return { seconds: (performance.now() - began) / 1000, cpuSeconds: cpuSecondsOf(all) - cpuBefore };
}

/** The postmaster of an embedded PostgreSQL in this folder: its processes are nobody's children here. */
export const postmasterOf = (folder: string): number =>
  Number(readFileSync(join(folder, 'postgres/data/postmaster.pid'), 'utf8').split('\n')[0]);

/** The most memory that one process below this one has right now, in MiB: `VmHWM` of the largest. */
export function largestChildMib(): number {
  return Math.max(
    0,
    ...treeOf([process.pid])
      .filter((pid) => pid !== process.pid)
      .map(peakMibOf),
  );
}

export const peakMib = (): number => process.resourceUsage().maxRSS / 1024;

function peakMibOf(pid: number): number {
  return Number(/VmHWM:\s+(\d+) kB/.exec(readOrNothing(`/proc/${pid}/status`))?.[1] ?? 0) / 1024;
}

const ticksPerSecond = 100;

/** Of the processes and, as the kernel adds them up, of their children that have ended. */
function cpuSecondsOf(roots: readonly number[]): number {
  const ticks = treeOf(roots).map((pid) => {
    // proc(5): after the name come the state (3), and times as fields 14 to 17.
    const fields = readOrNothing(`/proc/${pid}/stat`).split(') ')[1]?.split(' ') ?? [];
    return fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
  });
  return ticks.reduce((sum, each) => sum + each, 0) / ticksPerSecond;
}

function treeOf(roots: readonly number[]): number[] {
  const found = new Set<number>();
  const add = (pid: number) => {
    if (found.has(pid)) return;
    found.add(pid);
    for (const task of tasksOf(pid))
      for (const child of readOrNothing(`/proc/${pid}/task/${task}/children`).split(' ')) if (child) add(Number(child));
  };
  for (const root of roots) add(root);
  return [...found];
}

function tasksOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
}

/** A process may end between being listed and being read. */
function readOrNothing(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
