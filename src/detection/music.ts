import { framesPerSecond, type SecondOfSound } from './music-features.ts';
import { frameMs } from './sound-map.ts';

/** A network of one hidden layer, trained by `tests/eval/train-music.ts`. */
export interface MusicModel {
  readonly features: readonly string[];
  readonly means: readonly number[];
  readonly deviations: readonly number[];
  readonly hidden: { readonly weights: readonly (readonly number[])[]; readonly biases: readonly number[] };
  readonly output: { readonly weights: readonly number[]; readonly bias: number };
}

/** A stretch with music, also under a voice. */
export interface MusicStretch {
  readonly startMs: number;
  readonly endMs: number;
  /** Mean likelihood of music over its seconds. */
  readonly confidence: number;
}

/** A second here is 31 frames. The two seconds that begin with it describe it: it stands for the middle of those. */
export const secondMs = framesPerSecond * frameMs;

/** Each second is judged together with two on either side. */
const around = 2;
const smoothSeconds = 2;
/** A stretch begins where music is this likely, and goes on while the likelihood is not much lower. */
const beginsAt = 0.6;
const goesOnAt = 0.4;
const gapSeconds = 3;
const leastSeconds = 4;

/** Input of the model for second `at`: its own values, then the means of the seconds around. */
export function modelInput(seconds: readonly SecondOfSound[], at: number): Float32Array {
  const own = seconds[at]!.values;
  const input = new Float32Array(own.length * 2);
  input.set(own);
  let count = 0;
  for (let near = Math.max(0, at - around); near <= Math.min(seconds.length - 1, at + around); near++) {
    count += 1;
    const { values } = seconds[near]!;
    for (let value = 0; value < own.length; value++) input[own.length + value]! += values[value]!;
  }
  for (let value = own.length; value < input.length; value++) input[value]! /= count;
  return input;
}

/** Likelihood of music in each second, 0 to 1; 0 for silence. */
export function musicLikelihood(seconds: readonly SecondOfSound[], model: MusicModel): number[] {
  const raw = seconds.map((second, at) => (second.isSilent ? 0 : ask(model, modelInput(seconds, at))));
  return raw.map((_, at) => {
    const near = raw.slice(Math.max(0, at - smoothSeconds), at + smoothSeconds + 1);
    return near.reduce((sum, value) => sum + value, 0) / near.length;
  });
}

function ask({ means, deviations, hidden, output }: MusicModel, input: Float32Array): number {
  let sum = output.bias;
  hidden.weights.forEach((weights, unit) => {
    let activation = hidden.biases[unit]!;
    for (let at = 0; at < input.length; at++)
      activation += (weights[at]! * (input[at]! - means[at]!)) / deviations[at]!;
    if (activation > 0) sum += output.weights[unit]! * activation;
  });
  return 1 / (1 + Math.exp(-sum));
}

/** Joins likely seconds into stretches of music. */
export function findMusic(seconds: readonly SecondOfSound[], model: MusicModel): MusicStretch[] {
  const likely = musicLikelihood(seconds, model);
  const stretches: { from: number; until: number }[] = [];
  for (let at = 0; at < likely.length; at++) {
    if (likely[at]! < beginsAt) continue;
    let [from, until] = [at, at + 1];
    while (from > 0 && likely[from - 1]! >= goesOnAt) from--;
    while (until < likely.length && likely[until]! >= goesOnAt) until++;
    const last = stretches.at(-1);
    if (last !== undefined && from - last.until <= gapSeconds) last.until = until;
    else stretches.push({ from, until });
    at = until;
  }
  return stretches
    .filter(({ from, until }) => until - from >= leastSeconds)
    .map(({ from, until }) => {
      const within = likely.slice(from, until);
      return {
        startMs: Math.round((from + 0.5) * secondMs),
        endMs: Math.round((until + 0.5) * secondMs),
        confidence: Math.round((within.reduce((sum, value) => sum + value, 0) / within.length) * 100) / 100,
      };
    });
}
