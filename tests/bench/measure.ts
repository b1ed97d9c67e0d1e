import { execFileSync } from 'node:child_process';
import { cpus, totalmem } from 'node:os';

/** One figure beside that of a peer in the same run. `ok` is null where there is no bar, or nothing to hold against it. */
export interface Row {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly peer: string;
  readonly peerValue: number | null;
  /** Ours to the peer's; above 1 is better for what is larger the better (`MiB/s`). */
  readonly ratio: number | null;
  readonly bar: string;
  readonly ok: boolean | null;
}

export interface BenchOptions {
  /** Small sizes and one run: shows that the harness works, says nothing about speed. */
  readonly isQuick: boolean;
  readonly runs: number;
  /** An empty folder of this run. */
  readonly folder: string;
  /** The media folder of `docs/detection.md`. */
  readonly media: string;
  readonly say: (line: string) => void;
}

/** One letter of the table: its figures, and what they are about. */
export interface Bench {
  readonly about: string;
  measure(options: BenchOptions): Promise<Row[]>;
}

export const mib = 2 ** 20;
export const gib = 2 ** 30;

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/**
 * Measures several things in turn, `runs` times, so that a busy minute of the machine falls on all of them. Gives the
 * median of each; null for one that is not to be had here.
 */
export async function interleaved<Name extends string>(
  options: BenchOptions,
  contenders: Readonly<Record<Name, (() => Promise<number>) | null>>,
): Promise<Record<Name, number | null>> {
  const entries = Object.entries(contenders) as [Name, (() => Promise<number>) | null][];
  const found = new Map<Name, number[]>();
  for (let run = 0; run < options.runs; run++) {
    for (const [name, measure] of entries) {
      if (measure === null) continue;
      const value = await measure();
      options.say(`  run ${run + 1}: ${name} ${value.toFixed(1)}`);
      found.set(name, [...(found.get(name) ?? []), value]);
    }
  }
  return Object.fromEntries(
    entries.map(([name]) => [name, found.has(name) ? median(found.get(name)!) : null]),
  ) as Record<Name, number | null>;
}

/** What 95 of 100 of these stay below, in milliseconds. */
export async function p95(times: number, work: (n: number) => Promise<unknown>): Promise<number> {
  const took: number[] = [];
  for (let n = 0; n < times; n++) {
    const began = performance.now();
    await work(n);
    took.push(performance.now() - began);
  }
  return percentile95(took);
}

/** What 95 of 100 values stay below. */
export function percentile95(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * 0.95))]!;
}

/** MiB per second of what `work` does with `bytes` bytes. */
export async function mibPerSecond(bytes: number, work: () => unknown): Promise<number> {
  const began = performance.now();
  await work();
  return bytes / mib / ((performance.now() - began) / 1000);
}

/** A row where more is better: the bar is the least ratio. */
export function throughput(
  name: string,
  value: number | null,
  peer: string,
  peerValue: number | null,
  leastRatio?: number,
): Row[] {
  if (value === null) return [];
  const ratio = peerValue === null ? null : value / peerValue;
  return [
    {
      name,
      value,
      unit: 'MiB/s',
      peer,
      peerValue,
      ratio,
      bar: leastRatio === undefined ? '' : `>= ${leastRatio} x`,
      ok: leastRatio === undefined || ratio === null ? null : ratio >= leastRatio,
    },
  ];
}

/** A row where the figure itself has a limit. */
export function atMost(
  name: string,
  value: number,
  unit: string,
  limit: number | undefined,
  peer: { name: string; value: number } | null = null,
): Row {
  return {
    name,
    value,
    unit,
    peer: peer?.name ?? '',
    peerValue: peer?.value ?? null,
    ratio: peer === null ? null : value / peer.value,
    bar: limit === undefined ? '' : `<= ${limit} ${unit}`,
    ok: limit === undefined ? null : value <= limit,
  };
}

/** A row where the figure itself must reach something. */
export function atLeast(
  name: string,
  value: number,
  unit: string,
  least: number | undefined,
  peer: { name: string; value: number } | null = null,
): Row {
  const row = atMost(name, value, unit, undefined, peer);
  return least === undefined ? row : { ...row, bar: `>= ${least} ${unit}`, ok: value >= least };
}

export function describeMachine(): Record<string, unknown> {
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memoryGib: Math.round(totalmem() / gib),
    node: process.version,
    openssl: process.versions.openssl,
    platform: `${process.platform} ${process.arch}`,
  };
}

export function currentCommit(): string {
  const git = (...args: string[]) => execFileSync('git', args, { cwd: import.meta.dirname, encoding: 'utf8' }).trim();
  return `${git('rev-parse', 'HEAD')}${git('status', '--porcelain') === '' ? '' : ' with changes'}`;
}

export function printTable(rows: readonly Row[], say: (line: string) => void): void {
  const number = (value: number | null) => (value === null ? '-' : value >= 100 ? value.toFixed(0) : value.toFixed(2));
  const verdict = (ok: boolean | null) => (ok === null ? '' : ok ? 'ok' : 'MISSED');
  const lines = rows.map((row) => [
    row.name,
    `${number(row.value)} ${row.unit}`,
    row.peer === '' ? '' : `${row.peer}: ${number(row.peerValue)}`,
    row.ratio === null ? '' : number(row.ratio),
    row.bar,
    verdict(row.ok),
  ]);
  const all = [['what', 'measured', 'peer', 'ratio', 'bar', ''], ...lines];
  const widths = all[0]!.map((_, column) => Math.max(...all.map((line) => line[column]!.length)));
  for (const line of all)
    say(
      line
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    );
}
