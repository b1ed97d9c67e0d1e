import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { type MusicModel, modelInput, musicLikelihood } from '../../src/detection/music.ts';
import { createMusicFeatures, featureNames, type SecondOfSound } from '../../src/detection/music-features.ts';
import { createSoundMapper, soundRate } from '../../src/detection/sound-map.ts';
import {
  atLevel,
  decodeEncoded,
  decodeSound,
  encodeSound,
  filterSound,
  mixRate,
  pick,
  type SoundCodec,
  seeded,
  soundCodecs,
} from './sound.ts';

const usage = `Usage: npm run train:music -- [--cache DIR] [--report FILE] [--minutes N]

Trains src/detection/music-model.json on the packages of tests/eval/music-sources.json, which it fetches with apt-get
download (Debian 12) into the cache, and writes what it reaches on packages that it never saw.
`;

interface Source {
  readonly package: string;
  readonly version: string;
  readonly files: string;
}
type Kind = 'music' | 'speech' | 'noise';
type Pool = Readonly<Record<Kind, readonly (readonly string[])[]>>;

const execute = promisify(execFile);
const sourcesFile = new URL('music-sources.json', import.meta.url);
const modelFile = new URL('../../src/detection/music-model.json', import.meta.url);

async function filesOf({ package: name, version, files }: Source, cache: string): Promise<string[]> {
  const folder = join(cache, 'x', name);
  if (!existsSync(folder)) {
    await mkdir(folder, { recursive: true });
    await execute('apt-get', ['download', '-qq', `${name}=${version}`], { cwd: cache });
    const archive = (await readdir(cache)).find((file) => file.startsWith(`${name}_`));
    await execute('dpkg-deb', ['-x', join(cache, archive!), folder]);
  }
  const pattern = new RegExp(files);
  const all = await readdir(folder, { recursive: true, withFileTypes: true });
  const found = all.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return found.filter((path) => pattern.test(path)).toSorted();
}

interface Example {
  readonly seconds: readonly SecondOfSound[];
  readonly isMusic: boolean;
  readonly condition: string;
}

const decoded = new Map<string, Float32Array>();
async function sound(path: string): Promise<Float32Array> {
  const known = decoded.get(path);
  if (known) return known;
  const samples = await decodeSound(path);
  decoded.set(path, samples);
  return samples;
}

const chunkSeconds = 24;
const chunk = chunkSeconds * mixRate;

/** Sounds of one package one after the other, until the chunk is full. */
async function fill(from: readonly string[], random: () => number, pauses: boolean): Promise<Float32Array> {
  const out = new Float32Array(chunk);
  let at = 0;
  for (let tries = 0; at < chunk && tries < 200; tries++) {
    const whole = await sound(pick(random, from));
    if (whole.length < mixRate / 4) continue;
    const start = whole.length > chunk ? Math.floor(random() * (whole.length - chunk)) : 0;
    const piece = atLevel(whole.subarray(start, start + Math.min(whole.length, chunk - at)), -23);
    out.set(piece.subarray(0, chunk - at), at);
    at += piece.length + (pauses ? Math.round((0.1 + random() * 0.9) * mixRate) : 0);
  }
  return out;
}

function hiss(random: () => number, kind: number): Float32Array {
  const out = new Float32Array(chunk);
  let [slow, next] = [0, 0];
  for (let at = 0; at < chunk; at++) {
    const white = 2 * random() - 1;
    slow = 0.98 * slow + 0.2 * white;
    if (kind === 0) out[at] = white;
    else if (kind === 1) out[at] = slow;
    else if (kind === 2)
      out[at] =
        slow + 0.3 * Math.sin((2 * Math.PI * 50 * at) / mixRate) + 0.1 * Math.sin((2 * Math.PI * 150 * at) / mixRate);
    // Keys that are pressed.
    else {
      if (at >= next) next = at + Math.round((0.06 + random() * 0.4) * mixRate);
      out[at] = white * Math.exp(-(((at - next + 6_000) % 6_000) + 6_000) / 250);
    }
  }
  return out;
}

/** The hum of a fan or a projector: a steady tone and its harmonics. */
function hum(random: () => number): Float32Array {
  const hz = 60 * 2 ** (random() * 5);
  const harmonics = 1 + Math.floor(random() * 4);
  return Float32Array.from({ length: chunk }, (_, at) => {
    let value = 0;
    for (let n = 1; n <= harmonics; n++) value += Math.sin((2 * Math.PI * hz * n * at) / mixRate) / n;
    return value;
  });
}

const rooms = [
  'anull',
  'anull',
  'anull',
  'highpass=f=180,lowpass=f=5500,aecho=0.8:0.6:23|41|67:0.35|0.25|0.15',
  'highpass=f=300,lowpass=f=3400',
  'afftdn=nr=20:nf=-35',
  'acompressor=threshold=-24dB:ratio=4',
];
const codecs = Object.keys(soundCodecs) as SoundCodec[];

async function makeExample(pool: Pool, seed: number): Promise<Example> {
  const random = seeded(seed);
  const kinds = [
    'music',
    'music',
    'music',
    'mixed',
    'mixed',
    'mixed',
    'mixed',
    'speech',
    'speech',
    'speech',
    'speech',
    'speech',
    'noise',
  ];
  const kind = kinds[seed % kinds.length]!;
  let samples: Float32Array;
  let condition = kind;
  const speech = () => fill(pick(random, pool.speech), random, true);
  if (kind === 'music') samples = await fill(pick(random, pool.music), random, false);
  else if (kind === 'speech') samples = await speech();
  else if (kind === 'mixed') {
    const db = [-5, 0, 0, 5, 10][Math.floor(random() * 5)]!;
    const [voice, music] = [await speech(), await fill(pick(random, pool.music), random, false)];
    const gain = 10 ** (db / 20);
    samples = voice.map((sample, at) => sample + music[at]! * gain);
    condition = `music ${db >= 0 ? '+' : ''}${db} dB under speech`;
  } else
    samples =
      random() < 0.5 && pool.noise.length > 0
        ? await fill(pick(random, pool.noise), random, false)
        : hiss(random, Math.floor(random() * 4));
  const noise = hiss(random, Math.floor(random() * 3));
  const noiseGain = 10 ** ((-75 + random() * 35) / 20);
  const humming = random() < 0.3 ? hum(random) : null;
  const humGain = 10 ** ((-50 + random() * 25) / 20);
  samples = atLevel(
    samples.map((sample, at) => sample + noise[at]! * noiseGain + (humming === null ? 0 : humming[at]! * humGain)),
    -30 + random() * 18,
  );
  const room = pick(random, rooms);
  if (room !== 'anull') samples = await filterSound(samples, room);
  const codec = pick(random, codecs);
  const heard = await decodeEncoded(
    await encodeSound(
      samples.map((s) => Math.max(-0.99, Math.min(0.99, s))),
      codec,
    ),
    codec,
    soundRate,
  );
  const features = createMusicFeatures();
  const mapper = createSoundMapper(features.push);
  mapper.push(heard);
  return { seconds: features.end(), isMusic: kind === 'music' || kind === 'mixed', condition };
}

interface Row {
  readonly input: Float32Array;
  readonly target: number;
}

const rowsOf = (examples: readonly Example[]): Row[] =>
  examples.flatMap(({ seconds, isMusic }) =>
    seconds.flatMap((second, at) =>
      second.isSilent ? [] : [{ input: modelInput(seconds, at), target: isMusic ? 1 : 0 }],
    ),
  );

const hiddenUnits = 20;
/** Added to every value while training, in deviations: keeps the network from learning single recordings by heart. */
const jitter = 0.25;

/** Adam (Kingma and Ba, 2015) on the cross entropy, with a little weight decay. */
function train(rows: readonly Row[], seed: number, say: (line: string) => void): MusicModel {
  const random = seeded(seed);
  const size = rows[0]!.input.length;
  const means = new Float64Array(size);
  const deviations = new Float64Array(size);
  for (const { input } of rows) for (const [at, value] of input.entries()) means[at]! += value / rows.length;
  for (const { input } of rows)
    for (const [at, value] of input.entries()) deviations[at]! += (value - means[at]!) ** 2 / rows.length;
  for (const [at, value] of deviations.entries()) deviations[at] = Math.sqrt(value) + 1e-6;
  const scaled = rows.map(({ input, target }) => ({
    x: Float64Array.from(input, (value, at) => (value - means[at]!) / deviations[at]!),
    target,
  }));
  const count = hiddenUnits * size + hiddenUnits + hiddenUnits + 1;
  const weights = Float64Array.from({ length: count }, (_, at) =>
    at < hiddenUnits * size
      ? (random() + random() + random() - 1.5) * Math.sqrt(2 / size)
      : at < hiddenUnits * size + hiddenUnits
        ? 0
        : (random() - 0.5) * 0.5,
  );
  const [m, v, gradient] = [new Float64Array(count), new Float64Array(count), new Float64Array(count)];
  const [biasAt, outAt] = [hiddenUnits * size, hiddenUnits * size + hiddenUnits];
  const active = new Float64Array(hiddenUnits);
  const [epochs, batch, rate] = [30, 64, 0.002];
  let step = 0;
  for (let epoch = 0; epoch < epochs; epoch++) {
    for (let at = scaled.length - 1; at > 0; at--) {
      const other = Math.floor(random() * (at + 1));
      [scaled[at], scaled[other]] = [scaled[other]!, scaled[at]!];
    }
    let loss = 0;
    for (let from = 0; from < scaled.length; from += batch) {
      gradient.fill(0);
      const part = scaled.slice(from, from + batch);
      for (const { x: clean, target } of part) {
        const x = clean.map((value) => value + jitter * (random() + random() + random() - 1.5) * 2);
        let sum = weights[count - 1]!;
        for (let unit = 0; unit < hiddenUnits; unit++) {
          let value = weights[biasAt + unit]!;
          for (let at = 0; at < size; at++) value += weights[unit * size + at]! * x[at]!;
          active[unit] = Math.max(0, value);
          sum += active[unit]! * weights[outAt + unit]!;
        }
        const said = 1 / (1 + Math.exp(-sum));
        loss -= Math.log(Math.max(1e-9, target === 1 ? said : 1 - said));
        const error = (said - target) / part.length;
        gradient[count - 1]! += error;
        for (let unit = 0; unit < hiddenUnits; unit++) {
          gradient[outAt + unit]! += error * active[unit]!;
          if (active[unit] === 0) continue;
          const back = error * weights[outAt + unit]!;
          gradient[biasAt + unit]! += back;
          for (let at = 0; at < size; at++) gradient[unit * size + at]! += back * x[at]!;
        }
      }
      step += 1;
      const slower = rate * (1 - epoch / epochs) + 1e-5;
      for (let at = 0; at < count; at++) {
        const slope = gradient[at]! + 1e-3 * weights[at]!;
        m[at] = 0.9 * m[at]! + 0.1 * slope;
        v[at] = 0.999 * v[at]! + 0.001 * slope * slope;
        weights[at]! -= (slower * (m[at]! / (1 - 0.9 ** step))) / (Math.sqrt(v[at]! / (1 - 0.999 ** step)) + 1e-8);
      }
    }
    if (epoch % 5 === 4) say(`epoch ${epoch + 1}: loss ${(loss / scaled.length).toFixed(4)}`);
  }
  const round = (value: number) => Math.round(value * 1e4) / 1e4;
  return {
    features: featureNames,
    means: [...means].map(round),
    deviations: [...deviations].map((value) => Math.max(1e-4, round(value))),
    hidden: {
      weights: Array.from({ length: hiddenUnits }, (_, unit) =>
        [...weights.subarray(unit * size, (unit + 1) * size)].map(round),
      ),
      biases: [...weights.subarray(biasAt, outAt)].map(round),
    },
    output: { weights: [...weights.subarray(outAt, count - 1)].map(round), bias: round(weights[count - 1]!) },
  };
}

function measure(examples: readonly Example[], model: MusicModel) {
  const counts = new Map<string, { right: number; of: number }>();
  let [hit, wrong, missed] = [0, 0, 0];
  for (const { seconds, isMusic, condition } of examples) {
    for (const likely of musicLikelihood(seconds, model)) {
      const said = likely >= 0.5;
      if (said && isMusic) hit++;
      else if (said) wrong++;
      else if (isMusic) missed++;
      const of = counts.get(condition) ?? { right: 0, of: 0 };
      of.of += 1;
      if (said === isMusic) of.right += 1;
      counts.set(condition, of);
    }
  }
  return {
    precision: hit / (hit + wrong),
    recall: hit / (hit + missed),
    f1: (2 * hit) / (2 * hit + wrong + missed),
    rightByCondition: Object.fromEntries(
      [...counts].sort().map(([name, { right, of }]) => [name, { share: right / of, seconds: of }]),
    ),
  };
}

const { values } = parseArgs({
  options: {
    cache: { type: 'string' },
    report: { type: 'string' },
    minutes: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  },
});
if (values.help) process.stdout.write(usage);
else {
  const cache = values.cache ?? join(process.cwd(), '.emanet-training');
  await mkdir(cache, { recursive: true });
  const sources: Record<Kind, Source[]> & { heldOut: { music: Source[]; speech: Source[] } } = JSON.parse(
    await readFile(sourcesFile, 'utf8'),
  );
  const poolOf = async (of: { music: Source[]; speech: Source[]; noise: Source[] }): Promise<Pool> => ({
    music: await Promise.all(of.music.map((source) => filesOf(source, cache))),
    speech: await Promise.all(of.speech.map((source) => filesOf(source, cache))),
    noise: await Promise.all(of.noise.map((source) => filesOf(source, cache))),
  });
  const say = (line: string) => void process.stderr.write(`${line}\n`);
  const seen = await poolOf(sources);
  const unseen = await poolOf({ ...sources.heldOut, noise: [] });
  const minutes = Number(values.minutes ?? 150);
  /** What was made of a seed is kept: a run that was stopped goes on, and another network is tried in a minute. */
  const made = join(cache, 'examples');
  await mkdir(made, { recursive: true });
  const kept = async (pool: Pool, seed: number): Promise<Example> => {
    const file = join(made, `${seed}.json`);
    if (!existsSync(file)) {
      const { seconds, ...example } = await makeExample(pool, seed);
      const plain = seconds.map(({ values, isSilent }) => ({ values: [...values], isSilent }));
      await writeFile(file, JSON.stringify({ ...example, seconds: plain }));
    }
    const { seconds, ...example } = JSON.parse(await readFile(file, 'utf8'));
    return {
      ...example,
      seconds: seconds.map((each: { values: number[]; isSilent: boolean }) => ({
        ...each,
        values: Float32Array.from(each.values),
      })),
    };
  };
  const make = async (pool: Pool, count: number, first: number) => {
    const examples: Example[] = [];
    for (let at = 0; at < count; at += 2) {
      examples.push(...(await Promise.all([kept(pool, first + at), kept(pool, first + at + 1)])));
      if (at % 50 === 0) say(`${at} of ${count} examples`);
    }
    return examples;
  };
  const training = await make(seen, Math.round((minutes * 60) / chunkSeconds), 1);
  const held = await make(unseen, Math.round((minutes * 60) / chunkSeconds / 4), 1_000_000);
  const model = train(rowsOf(training), 1, say);
  await writeFile(modelFile, `${JSON.stringify(model)}\n`);
  const report = { minutes, training: measure(training, model), heldOut: measure(held, model) };
  process.stdout.write(`${JSON.stringify(report, null, 1)}\n`);
  if (values.report) await writeFile(values.report, `${JSON.stringify(report, null, 1)}\n`);
}
