import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { mediaDir } from '../support/media.ts';
import { type Bench, currentCommit, describeMachine, printTable, type Row } from './measure.ts';

/** What one command measures, by the letters of its rows. */
export interface Benches {
  readonly command: string;
  readonly about: string;
  /** What it needs, for `--help`. */
  readonly needs: string;
  /** It takes a folder of real media, which `docs/detection.md` describes. */
  readonly usesMedia?: boolean;
  readonly rows: Readonly<Record<string, Bench>>;
}

const usageOf = ({
  command,
  about,
  needs,
  rows,
  usesMedia,
}: Benches) => `Usage: npm run ${command} -- [--rows a,b,…] [--runs N] [--quick] ${usesMedia ? '[--media DIR] ' : ''}[--json FILE]

${about} and prints a table; FILE gets the same as
{ machine, commit, rows: [{ name, value, unit, peer, peerValue, ratio, bar, ok }] }. A figure is the median of its runs.

  --rows    which to measure; default all:
${Object.entries(rows)
  .map(([letter, { about }]) => `            ${letter}  ${about}`)
  .join('\n')}
  --runs    default 5
  --quick   small sizes, one run: shows that it works, says nothing about speed
  --json    where to write the figures
${usesMedia ? '  --media   works, lectures and speech, laid out as docs/detection.md says\n' : ''}
${needs}
Exit codes: 0 measured, also when a bar was missed; 1 something failed; 2 wrong usage.
`;

/** The command line of a benchmark; returns its exit code. */
export async function runBenches(benches: Benches): Promise<number> {
  const usage = usageOf(benches);
  let given: ReturnType<typeof parse>;
  try {
    given = parse(benches);
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
    const bench = benches.rows[letter]!;
    const folder = await mkdtemp(join(tmpdir(), `emanet-bench-${letter}-`));
    process.stderr.write(`(${letter}) ${bench.about}\n`);
    try {
      const say = (line: string) => void process.stderr.write(`${line}\n`);
      rows.push(
        ...(await bench.measure({ isQuick: given.isQuick, runs: given.runs, folder, media: given.media, say })),
      );
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

function parse({ rows, usesMedia }: Benches) {
  const { values } = parseArgs({
    options: {
      media: { type: 'string' },
      rows: { type: 'string', default: Object.keys(rows).join(',') },
      runs: { type: 'string', default: '5' },
      quick: { type: 'boolean', default: false },
      json: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  const letters = values.rows.split(',').map((letter) => letter.trim());
  for (const letter of letters) if (!(letter in rows)) throw new Error(`there is no row ${JSON.stringify(letter)}`);
  if (values.media !== undefined && !usesMedia) throw new Error('it measures no media: there is no --media');
  const runs = Number(values.runs);
  if (!Number.isInteger(runs) || runs < 1) throw new Error('--runs needs a number from 1 on');
  return {
    letters,
    runs: values.quick ? 1 : runs,
    isQuick: values.quick,
    json: values.json,
    media: values.media ?? mediaDir,
    help: values.help,
  };
}
