import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { inMemory } from './in-memory.ts';
import { type Bench, currentCommit, describeMachine, printTable, type Row } from './measure.ts';
import { memory } from './memory.ts';
import { resuming } from './resuming.ts';
import { rewrapping } from './rewrapping.ts';
import { seeking } from './seeking.ts';
import { uploading } from './uploading.ts';

const benches: Readonly<Record<string, Bench>> = {
  a: inMemory,
  b: uploading,
  c: seeking,
  d: memory,
  e: rewrapping,
  f: resuming,
};

const usage = `Usage: npm run bench:vault -- [--rows a,b,…] [--runs N] [--quick] [--json FILE]

Measures the vault against its peers in the same run and prints a table; FILE gets the same as
{ machine, commit, rows: [{ name, value, unit, peer, peerValue, ratio, bar, ok }] }. A figure is the median of its runs.

  --rows    which to measure; default all:
${Object.entries(benches)
  .map(([letter, { about }]) => `            ${letter}  ${about}`)
  .join('\n')}
  --runs    default 5
  --quick   small sizes, one run: shows that it works, says nothing about speed
  --json    where to write the figures

Programs that are not on PATH can be named: EMANET_BENCH_SQOP, EMANET_BENCH_GOSOP, EMANET_BENCH_AGE, EMANET_BENCH_AWS.
Needs 25 GiB in the temporary folder (TMPDIR). For (b), scripts/s3-server starts Debian's Swift; S3_SERVERS= does without.
Exit codes: 0 measured, also when a bar was missed; 1 something failed; 2 wrong usage.
`;

async function main(): Promise<number> {
  let given: ReturnType<typeof parse>;
  try {
    given = parse();
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n\n${usage}`);
    return 2;
  }
  if (given.help) {
    process.stdout.write(usage);
    return 0;
  }
  const rows: Row[] = [];
  for (const letter of given.letters) {
    const bench = benches[letter]!;
    const folder = await mkdtemp(join(tmpdir(), `emanet-bench-${letter}-`));
    process.stderr.write(`(${letter}) ${bench.about}\n`);
    try {
      const say = (line: string) => void process.stderr.write(`${line}\n`);
      rows.push(...(await bench.measure({ isQuick: given.isQuick, runs: given.runs, folder, say })));
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
  printTable(rows, (line) => void process.stdout.write(`${line}\n`));
  if (given.json) {
    const report = { machine: describeMachine(), commit: currentCommit(), rows };
    await writeFile(given.json, `${JSON.stringify(report, null, 2)}\n`);
  }
  return 0;
}

function parse() {
  const { values } = parseArgs({
    options: {
      rows: { type: 'string', default: Object.keys(benches).join(',') },
      runs: { type: 'string', default: '5' },
      quick: { type: 'boolean', default: false },
      json: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  const letters = values.rows.split(',').map((letter) => letter.trim());
  for (const letter of letters) if (!(letter in benches)) throw new Error(`there is no row ${JSON.stringify(letter)}`);
  const runs = Number(values.runs);
  if (!Number.isInteger(runs) || runs < 1) throw new Error('--runs needs a number from 1 on');
  return { letters, runs: values.quick ? 1 : runs, isQuick: values.quick, json: values.json, help: values.help };
}

process.exitCode = await main();
