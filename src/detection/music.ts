import { modelInput } from './music-context.ts';
import { framesPerSecond, type SecondOfSound } from './music-features.ts';
import { frameMs } from './sound-map.ts';

/** A network of one hidden layer and the rule for stretches, both made by `tests/eval/train-music.ts`. */
export interface MusicModel {
  readonly inputs: readonly string[];
  readonly means: readonly number[];
  readonly deviations: readonly number[];
  readonly hidden: { readonly weights: readonly (readonly number[])[]; readonly biases: readonly number[] };
  readonly output: { readonly weights: readonly number[]; readonly bias: number };
  readonly rule: StretchRule;
}

/** How the evidence of single seconds becomes stretches. Evidence is counted in log odds. */
export interface StretchRule {
  /** Calibrated log odds of a second are `slope` × the network's + `offset`. */
  readonly second: { readonly slope: number; readonly offset: number };
  /** No second says more than this, for or against. */
  readonly most: number;
  /** What is taken from the evidence of every second: music is rare in lessons. */
  readonly caution: number;
  /** A stretch begins, and ends, only if that gains this much evidence. */
  readonly change: number;
  /** The evidence of a stretch has to reach this. */
  readonly least: number;
  /** Log odds that a stretch that is raised holds music. */
  readonly stretch: { readonly offset: number; readonly mean: number; readonly length: number };
}

/** A stretch with music, also under a voice. */
export interface MusicStretch {
  readonly startMs: number;
  readonly endMs: number;
  /** How many in a hundred such stretches hold music, as a share. */
  readonly confidence: number;
}

/** A second here is 31 frames. The two seconds that begin with it describe it: it stands for the middle of those. */
export const secondMs = framesPerSecond * frameMs;

/** What the network says of each second, as log odds; null for silence. */
export function musicOdds(seconds: readonly SecondOfSound[], model: MusicModel): (number | null)[] {
  return seconds.map((second, at) => (second.isSilent ? null : ask(model, modelInput(seconds, at))));
}

function ask({ means, deviations, hidden, output }: MusicModel, input: Float32Array): number {
  const scaled = input.map((value, at) => limit((value - means[at]!) / deviations[at]!, mostDeviations));
  let sum = output.bias;
  for (const [unit, weights] of hidden.weights.entries()) {
    let activation = hidden.biases[unit]!;
    for (let at = 0; at < scaled.length; at++) activation += weights[at]! * scaled[at]!;
    if (activation > 0) sum += output.weights[unit]! * activation;
  }
  return sum;
}

/** Sound that is unlike all that was learnt from is not to count for more than the oddest of it. */
export const mostDeviations = 4;

const limit = (value: number, most: number): number => Math.max(-most, Math.min(most, value));

/** Evidence for music in each second. Silence speaks against it as strongly as a second can. */
export function evidenceOf(odds: readonly (number | null)[], { second, most, caution }: StretchRule): number[] {
  return odds.map((each) => (each === null ? -most : limit(second.slope * each + second.offset, most)) - caution);
}

export interface EvidentStretch {
  /** From this second up to, not including, that one. */
  readonly from: number;
  readonly until: number;
  readonly evidence: number;
}

/**
 * The stretches that explain the evidence best (Viterbi): each gains its evidence and costs two changes. A pause
 * that is shorter than its evidence against music does not end one.
 */
export function evidentStretches(evidence: readonly number[], { change, least }: StretchRule): EvidentStretch[] {
  // Best sums so far that end outside of a stretch and within one, and where that one began.
  let [outside, within] = [0, -Infinity];
  let began = 0;
  let last: Chain | null = null;
  let lastWithin: Chain | null = null;
  for (const [at, value] of evidence.entries()) {
    const [left, entered] = [within - change, outside - change];
    const beforeLast: Chain | null = last;
    if (left > outside) {
      outside = left;
      last = { from: began, until: at, before: lastWithin };
    }
    if (entered > within) {
      within = entered;
      began = at;
      lastWithin = beforeLast;
    }
    within += value;
  }
  if (within - change > outside) last = { from: began, until: evidence.length, before: lastWithin };
  const stretches: EvidentStretch[] = [];
  for (let one = last; one !== null; one = one.before) {
    const { from, until } = one;
    let sum = 0;
    for (let at = from; at < until; at++) sum += evidence[at]!;
    if (sum >= least) stretches.push({ from, until, evidence: sum });
  }
  return stretches.reverse();
}

interface Chain {
  readonly from: number;
  readonly until: number;
  readonly before: Chain | null;
}

/** The share of stretches with this much evidence that hold music. */
export function certainty({ from, until, evidence }: EvidentStretch, { stretch }: StretchRule): number {
  const length = until - from;
  const odds = stretch.offset + (stretch.mean * evidence) / length + stretch.length * Math.log(length);
  return 1 / (1 + Math.exp(-odds));
}

/** Stretches of music in the seconds of a recording. */
export function findMusic(seconds: readonly SecondOfSound[], model: MusicModel): MusicStretch[] {
  return evidentStretches(evidenceOf(musicOdds(seconds, model), model.rule), model.rule).map((stretch) => ({
    startMs: Math.round((stretch.from + 0.5) * secondMs),
    endMs: Math.round((stretch.until + 0.5) * secondMs),
    confidence: Math.round(certainty(stretch, model.rule) * 100) / 100,
  }));
}
