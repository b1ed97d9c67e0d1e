import { execFileSync, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { DetectorRun } from './detector.ts';
import { atLeast, type BenchOptions, median, type Row } from './measure.ts';
import { type Used, watchUsage } from './usage.ts';

export interface DetectorFigures extends Used {
  /** Peak of the detector's own process. */
  readonly processMib: number;
  /** Peak of the largest process that it started. */
  readonly childMib: number;
}

/**
 * Runs a detector in a process of its own that may use these processors (`0`, `0,1`), and all that it starts too; so may
 * what a postmaster, if there is one, starts for it.
 */
export async function runDetector(run: DetectorRun, processors: string, postmaster?: number): Promise<DetectorFigures> {
  if (postmaster !== undefined) execFileSync('taskset', ['-cp', processors, String(postmaster)], { stdio: 'ignore' });
  const program = join(import.meta.dirname, 'detector.ts');
  const child = spawn('taskset', ['-c', processors, process.execPath, program, JSON.stringify(run)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const pid = child.pid!;
  let usage: ReturnType<typeof watchUsage> | undefined;
  let found: DetectorFigures | undefined;
  for await (const line of createInterface({ input: child.stdout })) {
    if (line === 'begin') usage = watchUsage([pid, ...(postmaster === undefined ? [] : [postmaster])]);
    else if (line.startsWith('end ')) {
      const { cpuSeconds, peaksMib, started } = usage!.end();
      const others = started.filter((other) => other !== pid).map((other) => peaksMib.get(other) ?? 0);
      found = {
        seconds: Number(line.slice(4)),
        cpuSeconds,
        processMib: peaksMib.get(pid)!,
        childMib: Math.max(0, ...others),
      };
    }
  }
  if (found === undefined) throw new Error(`${run.name} did not come to its end`);
  return found;
}

/** Several detectors in turn, so that a busy minute falls on all of them: the medians of each. */
export async function inTurn<Name extends string>(
  { runs, say }: BenchOptions,
  contenders: Readonly<Record<Name, () => Promise<DetectorFigures>>>,
): Promise<Record<Name, DetectorFigures>> {
  const names = Object.keys(contenders) as Name[];
  const found = new Map<Name, DetectorFigures[]>(names.map((name) => [name, []]));
  for (let run = 0; run < runs; run++)
    for (const name of names) {
      const figures = await contenders[name]();
      say(`  run ${run + 1}: ${name} ${figures.seconds.toFixed(2)} s, CPU ${figures.cpuSeconds.toFixed(2)} s`);
      found.get(name)!.push(figures);
    }
  const middle = (all: readonly DetectorFigures[]): DetectorFigures => ({
    seconds: median(all.map((each) => each.seconds)),
    cpuSeconds: median(all.map((each) => each.cpuSeconds)),
    processMib: median(all.map((each) => each.processMib)),
    childMib: median(all.map((each) => each.childMib)),
  });
  return Object.fromEntries(names.map((name) => [name, middle(found.get(name)!)])) as Record<Name, DetectorFigures>;
}

/** How much of something was got through in a second of one processor, and in a second by the clock. */
export function speedRows(
  name: string,
  figures: Used,
  options: {
    readonly amount: number;
    readonly unit: string;
    readonly peer?: { readonly name: string; readonly figures: Used };
    readonly least?: { readonly cpu?: number; readonly clock?: number };
  },
): Row[] {
  const { amount, unit, peer, least = {} } = options;
  const row = (measure: keyof Used, title: string, bar: number | undefined) =>
    atLeast(
      `${name}, ${title}`,
      amount / figures[measure],
      unit,
      bar,
      peer ? { name: peer.name, value: amount / peer.figures[measure] } : null,
    );
  return [row('cpuSeconds', 'CPU', least.cpu), row('seconds', 'by the clock', least.clock)];
}
