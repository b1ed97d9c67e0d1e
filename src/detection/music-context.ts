import { featureNames, framesPerSecond, type SecondOfSound } from './music-features.ts';
import { pitches } from './sound-map.ts';

/** A second is judged with the seconds around it: those close by, and those that a phrase of music takes. */
const near = 2;
const far = 6;
const tempoSeconds = 5;
const lowestLag = 8;

/** Names of the network's inputs, in order. */
export const inputNames: readonly string[] = [
  ...featureNames,
  ...featureNames.map((name) => `${name}, mean of 5 s`),
  ...featureNames.map((name) => `${name}, mean of 13 s`),
  ...featureNames.map((name) => `${name}, deviation in 13 s`),
  ...['notes that come back', 'few notes', 'few notes of the octave', 'notes in tune', 'notes'],
  ...['tempo', 'tempo and half of it'],
];

/** Input of the network for second `at`. */
export function modelInput(seconds: readonly SecondOfSound[], at: number): Float32Array {
  const own = seconds[at]!.values;
  const size = own.length;
  const input = new Float32Array(4 * size + 7);
  input.set(own);
  addMeans(seconds, at, near, input.subarray(size, 2 * size));
  const means = input.subarray(2 * size, 3 * size);
  const deviations = input.subarray(3 * size, 4 * size);
  const count = addMeans(seconds, at, far, means);
  forEachAround(seconds, at, far, ({ values }) => {
    for (let value = 0; value < size; value++) deviations[value]! += (values[value]! - means[value]!) ** 2 / count;
  });
  for (let value = 0; value < size; value++) deviations[value] = Math.sqrt(deviations[value]!);
  input.set([...noteValues(seconds, at), ...tempoValues(seconds, at)], 4 * size);
  return input;
}

function forEachAround(
  seconds: readonly SecondOfSound[],
  at: number,
  reach: number,
  take: (second: SecondOfSound, other: number) => void,
): void {
  for (let other = Math.max(0, at - reach); other <= Math.min(seconds.length - 1, at + reach); other++)
    take(seconds[other]!, other);
}

function addMeans(seconds: readonly SecondOfSound[], at: number, reach: number, out: Float32Array): number {
  let count = 0;
  forEachAround(seconds, at, reach, ({ values }) => {
    count += 1;
    for (let value = 0; value < out.length; value++) out[value]! += values[value]!;
  });
  for (let value = 0; value < out.length; value++) out[value]! /= count;
  return count;
}

/** A single whistle behind a voice is one note that always comes back: so few notes say next to nothing. */
const fewNotes = 400;
const fewSquares = 5_000;

/** Music keeps to the notes of a scale, in tune, and comes back to them; a voice glides over all pitches. */
function noteValues(seconds: readonly SecondOfSound[], at: number): number[] {
  const [before, after] = [new Float64Array(pitches), new Float64Array(pitches)];
  let count = 0;
  forEachAround(seconds, at, far, ({ notes }, other) => {
    count += 1;
    const side = other <= at ? before : after;
    for (let pitch = 0; pitch < pitches; pitch++) side[pitch]! += notes[pitch]!;
  });
  const octave = new Float64Array(24);
  let [sum, squares, inTune, upper] = [0, 0, 0, 0];
  for (let pitch = 0; pitch < pitches; pitch++) {
    const both = before[pitch]! + after[pitch]!;
    sum += both;
    squares += both ** 2;
    octave[pitch % 24]! += both;
    // Below an octave over the lowest pitch, a quarter of a tone is finer than the spectrum.
    if (pitch < 24) continue;
    upper += both;
    inTune += pitch % 2 === 0 ? both : -both;
  }
  const [enough, enoughAbove] = [sum + fewNotes, upper + fewNotes];
  const octaveSquares = octave.reduce((total, value) => total + value ** 2, 0);
  return [
    correlation(before, after),
    (Math.sqrt(squares) / enough) * Math.sqrt(pitches),
    (Math.sqrt(octaveSquares) / enough) * Math.sqrt(24),
    Math.abs(inTune) / enoughAbove,
    sum / count / framesPerSecond,
  ];
}

function correlation(a: Float64Array, b: Float64Array): number {
  const [meanA, meanB] = [a, b].map((of) => of.reduce((sum, value) => sum + value, 0) / of.length) as [number, number];
  let [both, squaresA, squaresB] = [0, 0, 0];
  for (let at = 0; at < a.length; at++) {
    both += (a[at]! - meanA) * (b[at]! - meanB);
    squaresA += (a[at]! - meanA) ** 2;
    squaresB += (b[at]! - meanB) ** 2;
  }
  return both / Math.sqrt((squaresA + fewSquares) * (squaresB + fewSquares));
}

/** How far onsets repeat after a quarter of a second to two seconds, over eleven seconds. */
function tempoValues(seconds: readonly SecondOfSound[], at: number): number[] {
  const onsets: number[] = [];
  forEachAround(seconds, at, tempoSeconds, (second) => void onsets.push(...second.onsets));
  const middle = onsets.reduce((sum, value) => sum + value, 0) / onsets.length;
  const whole = onsets.reduce((sum, value) => sum + (value - middle) ** 2, 1e-6);
  const again = new Float32Array(2 * framesPerSecond + 1);
  for (let lag = lowestLag; lag < again.length && lag < onsets.length / 2; lag++) {
    let sum = 0;
    for (let from = lag; from < onsets.length; from++) sum += (onsets[from]! - middle) * (onsets[from - lag]! - middle);
    again[lag] = ((sum / whole) * onsets.length) / (onsets.length - lag);
  }
  let twice = 0;
  for (let lag = lowestLag; 2 * lag < again.length; lag++)
    twice = Math.max(twice, Math.min(again[lag]!, Math.max(again[2 * lag]!, again[2 * lag - 1]!)));
  return [Math.max(...again), twice];
}
