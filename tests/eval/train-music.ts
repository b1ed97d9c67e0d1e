import { mkdir, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import {
  evidenceOf,
  evidentStretches,
  type MusicModel,
  musicOdds,
  type StretchRule,
} from '../../src/detection/music.ts';
import { inputNames, modelInput } from '../../src/detection/music-context.ts';
import { readCommand } from './command.ts';
import { madeMelodies } from './made-melodies.ts';
import { type Example, exampleSeconds, makeExample } from './music-examples.ts';
import { loadPool, soundCache } from './music-material.ts';
import { chosen, type Network, type NetworkOptions, type Rows, trainNetwork } from './music-network.ts';
import { printSources, readMusicPrints } from './music-prints.ts';
import { calibrationTable, count, fitRule, isClean, type Judged, trueStretches } from './music-rule.ts';
import { type Group, readMusicSources } from './music-sources.ts';
import { share } from './score.ts';
import { seeded } from './sound.ts';

const usage = `Usage: npm run train:music -- [--cache DIR] [--report FILE] [--examples N] [--no-model]

Makes src/detection/music-model.json from the packages of tests/eval/music-sources.json, which it fetches with
apt-get download (Debian 12) into the cache, and writes what it reaches on sources that it did not learn from:

  1. N examples of ${exampleSeconds} s are mixed from the sounds of each group of sources, and of those that are left out.
     A few more for learning have plain tones for music.
  2. For each group, a network learns from the other groups. The figures of the group are those of this network, with
     calibration, thresholds and rule set on the other groups' figures, each again from a network that did not learn
     from it.
  3. The network that is kept learns from all groups. Its rule is set on the figures of all groups. What is left out
     is not learnt from, and the rule is not set on it.
  4. Fingerprints of all sounds go to tests/eval/music-prints.json, for the test that none is in the evaluation.

  --cache     where packages, decoded sounds and examples are kept; a run that was stopped resumes
              (default: ${soundCache})
  --report    where to write the figures and every failing case (default: tests/eval/music-report.json)
  --examples  examples of each group (default: 280)
  --no-model  figures only: neither the model nor the fingerprints are written
`;

const modelFile = new URL('../../src/detection/music-model.json', import.meta.url);
const reportFile = new URL('music-report.json', import.meta.url);
const printsFile = new URL('music-prints.json', import.meta.url);
const say = (line: string) => void process.stderr.write(`${line}\n`);

async function makeExamples(group: Group, name: string, many: number, cache: string): Promise<Example[]> {
  const pool = await loadPool(group, cache);
  const examples: Example[] = [];
  for (let seed = 0; seed < many; seed += 2) {
    examples.push(...(await Promise.all([seed, seed + 1].map((each) => makeExample(pool, name, each, cache)))));
    if (seed % 100 === 0) say(`${name}: ${seed} of ${many} examples`);
  }
  return examples;
}

/** Examples with plain tones for music, learnt from beside the group's own and not counted in any figure. */
async function makeMelodies(group: Group, name: string, many: number, cache: string): Promise<Example[]> {
  const pool = { ...(await loadPool(group, cache)), music: [madeMelodies(name.charCodeAt(0), 12)] };
  const examples: Example[] = [];
  for (let seed = 0; seed < many; seed += 2)
    examples.push(
      ...(await Promise.all([seed, seed + 1].map((each) => makeExample(pool, `${name}-made`, each, cache, true)))),
    );
  return examples;
}

/** Seconds that can be told. Silence is never asked about. */
function rowsOf(examples: readonly Example[]): Rows {
  const rows: { input: Float32Array; target: number }[] = [];
  for (const { seconds, target } of examples)
    for (const [at, second] of seconds.entries())
      if (!second.isSilent && target[at] !== -1) rows.push({ input: modelInput(seconds, at), target: target[at]! });
  const inputs = new Float32Array(rows.length * inputNames.length);
  rows.forEach(({ input }, at) => void inputs.set(input, at * inputNames.length));
  return { inputs, targets: Uint8Array.from(rows, ({ target }) => target) };
}

function joined(of: readonly Rows[]): Rows {
  const inputs = new Float32Array(of.reduce((sum, rows) => sum + rows.inputs.length, 0));
  const targets = new Uint8Array(of.reduce((sum, rows) => sum + rows.targets.length, 0));
  let at = 0;
  for (const rows of of) {
    inputs.set(rows.inputs, at * inputNames.length);
    targets.set(rows.targets, at);
    at += rows.targets.length;
  }
  return { inputs, targets };
}

const judge = (examples: readonly Example[], network: Network): Judged[] =>
  examples.map((example) => ({ example, odds: musicOdds(example.seconds, { ...network, rule: noRule }) }));
const noRule: StretchRule = {
  second: { slope: 1, offset: 0 },
  most: 4,
  caution: 0,
  change: 1,
  least: 2,
  stretch: { offset: 0, mean: 1, length: 0 },
};

type Ruled = Judged & { readonly rule: StretchRule };

function figures(ruled: readonly Ruled[]) {
  const counts = ruled.map((one) => count([one], one.rule));
  const sum = (of: readonly (typeof counts)[number][]) => {
    let [hit, wrong, missed] = [0, 0, 0];
    for (const each of of) [hit, wrong, missed] = [hit + each.hit, wrong + each.wrong, missed + each.missed];
    return { hit, wrong, missed };
  };
  const f1 = (of: readonly (typeof counts)[number][]) => {
    const { hit, wrong, missed } = sum(of);
    return hit + missed === 0 ? null : (2 * hit) / (2 * hit + wrong + missed);
  };
  const { hit, wrong, missed } = sum(counts);
  let [found, of] = [0, 0];
  for (const { example, odds, rule } of ruled) {
    const said = evidentStretches(evidenceOf(odds, rule), rule);
    for (const truth of trueStretches(example)) {
      of += 1;
      if (said.some(({ from, until }) => Math.min(until, truth.until) - Math.max(from, truth.from) > 0)) found += 1;
    }
  }
  const clean = ruled.flatMap((one, at) => (isClean(one.example) ? [counts[at]!] : []));
  const falses = clean.reduce((total, each) => total + each.falses, 0);
  const hours = clean.reduce((total, each) => total + each.cleanSeconds, 0) / 3_600;
  return {
    examples: ruled.length,
    bySecond: {
      f1: round(f1(counts)),
      interval: interval(counts, f1),
      recall: hit + missed === 0 ? null : round(hit / (hit + missed)),
      precision: hit + wrong === 0 ? null : round(hit / (hit + wrong)),
    },
    stretches: rounded(share(found, of)),
    clean: {
      hours: round(hours),
      falseStretches: falses,
      perHour: hours === 0 ? null : round(falses / hours),
      interval: hours === 0 ? null : poisson(falses).map((bound) => round(bound / hours)),
      examplesWithOne: rounded(share(clean.filter((each) => each.falses > 0).length, clean.length)),
    },
  };
}

const round = <T extends number | null>(value: T): T => (value === null ? value : Math.round(value * 1e3) / 1e3) as T;
const rounded = ({ of, count: many, share: part, low, high }: ReturnType<typeof share>) => ({
  of,
  count: many,
  share: round(part),
  low: round(low),
  high: round(high),
});

/** 95 % of a thousand draws of as many examples, with replacement: seconds of one example are not independent. */
function interval<T>(of: readonly T[], value: (of: readonly T[]) => number | null): [number, number] | null {
  const random = seeded(3);
  const values: number[] = [];
  for (let draw = 0; draw < 1_000; draw++) {
    const one = value(Array.from(of, () => of[Math.floor(random() * of.length)]!));
    if (one !== null) values.push(one);
  }
  if (values.length === 0) return null;
  values.sort((a, b) => a - b);
  return [round(values[Math.floor(values.length * 0.025)]!), round(values[Math.floor(values.length * 0.975)]!)];
}

/** 95 % interval of a count (Byar's approximation). */
function poisson(events: number): [number, number] {
  const low = events === 0 ? 0 : events * (1 - 1 / (9 * events) - 1.96 / (3 * Math.sqrt(events))) ** 3;
  const more = events + 1;
  return [low, more * (1 - 1 / (9 * more) + 1.96 / (3 * Math.sqrt(more))) ** 3];
}

function by(ruled: readonly Ruled[], names: (example: Example) => readonly string[]) {
  const groups = new Map<string, Ruled[]>();
  for (const one of ruled) {
    for (const name of new Set(names(one.example))) {
      const of = groups.get(name) ?? [];
      groups.set(name, of);
      of.push(one);
    }
  }
  return Object.fromEntries(
    [...groups].sort(([a], [b]) => a.localeCompare(b)).map(([name, of]) => [name, figures(of)]),
  );
}

function failing(ruled: readonly Ruled[]): string[] {
  return ruled.flatMap(({ example, odds, rule }) => {
    const said = evidentStretches(evidenceOf(odds, rule), rule);
    const truths = trueStretches(example);
    const { music, speech } = example.sources;
    const where = `${example.group} ${example.seed}: ${example.condition}; ${example.room}; ${example.codec}; ${[...music, ...speech].join(', ')}`;
    const overlap = (a: { from: number; until: number }, b: { from: number; until: number }) =>
      Math.min(a.until, b.until) - Math.max(a.from, b.from) > 0;
    return [
      ...truths
        .filter((truth) => !said.some((one) => overlap(one, truth)))
        .map(({ from, until }) => `missed ${from}-${until} s in ${where}`),
      ...said
        .filter(({ from, until }) => example.target.slice(from, until).every((each) => each === 0))
        .map(({ from, until }) => `wrong ${from}-${until} s in ${where}`),
    ];
  });
}

const reportOf = (ruled: readonly Ruled[]) => ({
  all: figures(ruled),
  byCondition: by(ruled, ({ condition }) => [condition.replace(/^music alone.*/, 'music alone')]),
  byRoom: by(ruled, ({ room }) => room.split(', ')),
  byCodec: by(ruled, ({ codec }) => [codec]),
  byMusic: by(ruled, ({ sources }) => sources.music),
  bySpeech: by(ruled, ({ sources }) => sources.speech),
  calibration: calibrationTable(ruled),
  failing: failing(ruled),
});

async function main(): Promise<number> {
  const values = readCommand(
    usage,
    () =>
      parseArgs({
        options: {
          cache: { type: 'string', default: soundCache },
          report: { type: 'string' },
          examples: { type: 'string' },
          'no-model': { type: 'boolean' },
          help: { type: 'boolean', short: 'h' },
        },
      }).values,
  );
  if (typeof values === 'number') return values;
  const { cache } = values;
  await mkdir(cache, { recursive: true });
  const sources = await readMusicSources();
  const many = Number(values.examples ?? 280);
  const names = Object.keys(sources.groups);
  const examples = new Map<string, Example[]>();
  const rows = new Map<string, Rows>();
  for (const name of names) {
    examples.set(name, await makeExamples(sources.groups[name]!, name, many, cache));
    const melodies = await makeMelodies(sources.groups[name]!, name, 2 * Math.ceil(many / 24), cache);
    rows.set(name, rowsOf([...examples.get(name)!, ...melodies]));
  }
  const leftOut = await makeExamples(sources.leftOut, 'leftOut', many, cache);

  const options: NetworkOptions = chosen;
  const judged = new Map<string, Judged[]>();
  for (const name of names) {
    say(`learning from all groups but ${name}`);
    const network = trainNetwork(
      joined(names.filter((other) => other !== name).map((other) => rows.get(other)!)),
      options,
      say,
    );
    judged.set(name, judge(examples.get(name)!, network));
  }
  const groups = names.flatMap((name) => {
    const rule = fitRule(names.filter((other) => other !== name).flatMap((other) => judged.get(other)!));
    return judged.get(name)!.map((one): Ruled => ({ ...one, rule }));
  });
  say('learning from all groups');
  const network = trainNetwork(joined([...rows.values()]), options, say);
  const model: MusicModel = { ...network, rule: fitRule([...judged.values()].flat()) };
  const out = judge(leftOut, network).map((one): Ruled => ({ ...one, rule: model.rule }));
  const report = {
    examplesOfEachGroup: many,
    secondsOfAnExample: exampleSeconds,
    network: options,
    rule: model.rule,
    eachGroupFromTheOthers: { byGroup: by(groups, ({ group }) => [group]), ...reportOf(groups) },
    leftOut: reportOf(out),
  };
  if (!values['no-model']) {
    await writeFile(modelFile, `${JSON.stringify(model)}\n`);
    const { knownOverlap } = await readMusicPrints();
    const prints = { sources: await printSources(sources, cache), knownOverlap };
    await writeFile(printsFile, `${JSON.stringify(prints, null, 1)}\n`);
  }
  await writeFile(values.report ?? reportFile, `${JSON.stringify(report, null, 1)}\n`);
  const short = ({ all }: ReturnType<typeof reportOf>) => JSON.stringify(all);
  process.stdout.write(`each group, learnt from the others: ${short(report.eachGroupFromTheOthers)}\n`);
  process.stdout.write(`left out: ${short(report.leftOut)}\n`);
  return 0;
}

process.exitCode = await main();
