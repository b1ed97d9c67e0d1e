import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { currentCommit, describeMachine } from '../bench/measure.ts';
import { mediaDir } from '../support/media.ts';
import { readCommand } from './command.ts';
import { evaluateFilmsAsSuch, evaluateFilmsAsSuchTuned } from './film-sets.ts';
import { evaluateMusic } from './music.ts';
import { evaluateNoticeClips, evaluateNoticeClipsTuned, evaluateNotices } from './notices.ts';
import { type EvalOptions, evaluateFilms, evaluateLabelled, evaluateSound, type PartResult } from './parts.ts';
import { evaluatePlaced, evaluatePlacedTuned } from './placed.ts';
import { plotBars } from './plot.ts';
import { failures, type Scored, type Share, type Summary, summarise } from './score.ts';
import { evaluateSlides } from './slides.ts';

const parts: Readonly<Record<string, (options: EvalOptions) => Promise<PartResult>>> = {
  labelled: evaluateLabelled,
  sound: evaluateSound,
  films: evaluateFilms,
  'films-as-such': evaluateFilmsAsSuch,
  'films-as-such-tuned': evaluateFilmsAsSuchTuned,
  slides: evaluateSlides,
  placed: evaluatePlaced,
  'placed-tuned': evaluatePlacedTuned,
  music: evaluateMusic,
  notices: evaluateNotices,
  'notice-clips': evaluateNoticeClips,
  'notice-clips-tuned': evaluateNoticeClipsTuned,
};

const usage = `Usage: npm run eval:detection -- [--media DIR] [--parts a,b] [--quick] [--json FILE] [--plots DIR]

Runs the third-party check's detectors and plain baselines on the same cases and prints recall, precision (with 95 %
intervals), and errors of start and end, by condition. Failures are listed by name in FILE.

  --media   folder with the material: its layout is in docs/detection.md (default: ${'EMANET_MEDIA_DIR'}, or shared/media)
  --parts   ${Object.keys(parts).join(', ')}; default all
  --quick   few cases: shows that it works, says little about the detectors
  --json    where to write the figures and every failure
  --plots   where to write bars as PNG

Exit codes: 0 measured, also when a bar was missed; 1 something failed; 2 wrong usage.
`;

const percent = (value: number | null): string => (value === null ? '–' : value.toFixed(3));
const interval = (of: Share): string =>
  of.share === null ? '–' : `${percent(of.share)} (${of.count}/${of.of}, ${percent(of.low)}–${percent(of.high)})`;

function byCondition(cases: readonly Scored[]): [string, Summary][] {
  const conditions = Map.groupBy(cases, ({ condition }) => condition);
  return [...conditions].map(([condition, of]) => [condition, summarise(of)]);
}

function printPart({ name, about, methods, speed }: PartResult): void {
  process.stdout.write(`\n${name}: ${about}; ${speed.toFixed(1)} x real time\n`);
  for (const [method, cases] of Object.entries(methods)) {
    for (const [condition, summary] of [['all', summarise(cases)] as const, ...byCondition(cases)]) {
      process.stdout.write(
        `  ${method.padEnd(26)} ${condition.padEnd(48)} recall ${interval(summary.recall)}  precision ${interval(summary.precision)}` +
          `  seconds ${percent(summary.secondRecall)}/${percent(summary.secondPrecision)}  start ±${percent(summary.startError)} s  end ±${percent(summary.endError)} s\n`,
      );
    }
  }
}

function toJson({ name, about, methods, speed }: PartResult) {
  return {
    name,
    about,
    speed,
    methods: Object.fromEntries(
      Object.entries(methods).map(([method, cases]) => [
        method,
        { all: summarise(cases), conditions: Object.fromEntries(byCondition(cases)), failures: failures(cases) },
      ]),
    ),
  };
}

async function main(): Promise<number> {
  const values = readCommand(usage, () => {
    const given = parseArgs({
      options: {
        media: { type: 'string' },
        parts: { type: 'string' },
        quick: { type: 'boolean' },
        json: { type: 'string' },
        plots: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    }).values;
    for (const name of given.parts?.split(',') ?? [])
      if (!Object.hasOwn(parts, name)) throw new Error(`no such part: ${name}`);
    return given;
  });
  if (typeof values === 'number') return values;
  const options: EvalOptions = {
    media: values.media ?? mediaDir,
    isQuick: values.quick ?? false,
    say: (line) => void process.stderr.write(`${line}\n`),
  };
  const results: PartResult[] = [];
  for (const name of values.parts?.split(',') ?? Object.keys(parts)) {
    process.stderr.write(`${name}\n`);
    const result = await parts[name]!(options);
    printPart(result);
    results.push(result);
  }
  if (values.json)
    await writeFile(
      values.json,
      `${JSON.stringify({ machine: describeMachine(), commit: currentCommit(), parts: results.map(toJson) }, null, 1)}\n`,
    );
  if (values.plots) {
    await mkdir(values.plots, { recursive: true });
    for (const { name, methods } of results) {
      const bars = Object.entries(methods).flatMap(([method, cases]) =>
        byCondition(cases).flatMap(([condition, { recall }]) =>
          recall.share === null ? [] : [{ label: `${condition}: ${method}`, value: recall.share, ...recall }],
        ),
      );
      const file = join(values.plots, `recall-${name.replaceAll(' ', '-')}.png`);
      await writeFile(file, await plotBars(`Recall, ${name}`, bars));
    }
  }
  return 0;
}

process.exitCode = await main();
