import {
  certainty,
  type EvidentStretch,
  evidenceOf,
  evidentStretches,
  type StretchRule,
} from '../../src/detection/music.ts';
import type { Example } from './music-examples.ts';

/** An example, and what a network that did not learn from its group says of its seconds. */
export interface Judged {
  readonly example: Example;
  readonly odds: readonly (number | null)[];
}

/** Segments that may be raised in an hour of clean material when the rule is chosen: the bar. */
const mostFalse = 1;
const grid = {
  most: [3, 4, 6, 8],
  caution: [0, 0.5, 1, 1.5, 2],
  change: [1.5, 2, 3, 4, 6],
  least: [4, 6, 8, 10, 12, 15, 18, 22, 27],
};

/** Calibration of seconds, the rule of stretches, and the calibration of stretches, all from the same judged examples. */
export function fitRule(judged: readonly Judged[]): StretchRule {
  const second = fitSeconds(judged);
  const base = { second, stretch: { offset: 0, mean: 0, length: 0 } };
  let best: { rule: StretchRule; score: number } | null = null;
  for (const most of grid.most) {
    for (const caution of grid.caution) {
      for (const change of grid.change) {
        for (const least of grid.least) {
          if (least < 2 * change) continue;
          const rule = { ...base, most, caution, change, least };
          const { f1, found, falsePerHour } = count(judged, rule);
          // Seconds alone would give up on short pieces. A rule that raises too much is only taken when all do.
          const score = f1 + found - (falsePerHour > mostFalse ? 2 + falsePerHour : 0);
          if (best === null || score > best.score) best = { rule, score };
        }
      }
    }
  }
  const { rule } = best!;
  return { ...rule, stretch: fitStretches(judged, rule) };
}

/** By the second, and the stretches raised where there is no music. */
export function count(judged: readonly Judged[], rule: StretchRule) {
  let [hit, wrong, missed, falses, cleanSeconds] = [0, 0, 0, 0, 0];
  let [foundStretches, trueOnes] = [0, 0];
  for (const { example, odds } of judged) {
    const stretches = evidentStretches(evidenceOf(odds, rule), rule);
    const said = new Uint8Array(odds.length);
    for (const { from, until } of stretches) said.fill(1, from, until);
    for (const [at, target] of example.target.entries()) {
      if (target === 1 && said[at] === 1) hit++;
      else if (target === 1) missed++;
      else if (target === 0 && said[at] === 1) wrong++;
    }
    for (const truth of trueStretches(example)) {
      trueOnes += 1;
      if (stretches.some(({ from, until }) => Math.min(until, truth.until) > Math.max(from, truth.from)))
        foundStretches += 1;
    }
    if (!isClean(example)) continue;
    falses += stretches.length;
    cleanSeconds += odds.length;
  }
  return {
    hit,
    wrong,
    missed,
    falses,
    cleanSeconds,
    found: foundStretches / Math.max(1, trueOnes),
    f1: (2 * hit) / Math.max(1, 2 * hit + wrong + missed),
    falsePerHour: (falses * 3_600) / Math.max(1, cleanSeconds),
  };
}

/** Where music is in an example, in seconds of the analysis; shorter than three are not counted. */
export function trueStretches({ target }: Example): { from: number; until: number }[] {
  const stretches: { from: number; until: number }[] = [];
  let from = -1;
  for (let at = 0; at <= target.length; at++) {
    const isMusic = at < target.length && (target[at] === 1 || (from >= 0 && target[at] === -1));
    if (isMusic && from < 0) from = at;
    if (isMusic || from < 0) continue;
    let until = at;
    while (target[until - 1] === -1) until--;
    if (until - from >= 3) stretches.push({ from, until });
    from = -1;
  }
  return stretches;
}

export const isClean = ({ target }: Example): boolean => target.every((each) => each === 0);

/** Platt's calibration: log odds that are right in as many cases as they say, music being in half of the seconds. */
function fitSeconds(judged: readonly Judged[]): StretchRule['second'] {
  const rows = judged.flatMap(({ example, odds }) =>
    odds.flatMap((each, at) =>
      each === null || example.target[at] === -1 ? [] : [{ values: [1, each], isTrue: example.target[at] === 1 }],
    ),
  );
  const [offset, slope] = logistic(rows, true) as [number, number];
  return { slope: round(slope), offset: round(offset) };
}

/** Of all stretches that gain anything, so that there are enough wrong ones to learn from. */
function fitStretches(judged: readonly Judged[], rule: StretchRule): StretchRule['stretch'] {
  const loose = { ...rule, change: Math.min(rule.change, 1), least: 2 };
  const rows = judged.flatMap(({ example, odds }) =>
    evidentStretches(evidenceOf(odds, loose), loose).flatMap((stretch) => {
      const isTrue = holdsMusic(example, stretch);
      return isTrue === null ? [] : [{ values: valuesOf(stretch), isTrue }];
    }),
  );
  const [offset, mean, length] = logistic(rows, false) as [number, number, number];
  return { offset: round(offset), mean: round(mean), length: round(length) };
}

const valuesOf = ({ from, until, evidence }: EvidentStretch): number[] => [
  1,
  evidence / (until - from),
  Math.log(until - from),
];

/** Whether half of what can be told of a stretch is music; null if nothing can be told. */
export function holdsMusic({ target }: Example, { from, until }: EvidentStretch): boolean | null {
  const told = target.slice(from, until).filter((each) => each !== -1);
  return told.length === 0 ? null : told.filter((each) => each === 1).length >= told.length / 2;
}

/** Newton's method on the cross entropy, with a little pull towards nothing. */
function logistic(rows: readonly { values: readonly number[]; isTrue: boolean }[], isBalanced: boolean): number[] {
  const size = rows[0]!.values.length;
  const truths = rows.filter(({ isTrue }) => isTrue).length;
  const weights = new Array<number>(size).fill(0);
  for (let step = 0; step < 25; step++) {
    const slope = weights.map((weight) => -0.01 * weight);
    const curve = weights.map((_, a) => weights.map((__, b) => (a === b ? 0.01 : 0)));
    for (const { values, isTrue } of rows) {
      const share = isBalanced ? rows.length / (2 * (isTrue ? truths : rows.length - truths)) : 1;
      const odds = values.reduce((sum, value, at) => sum + value * weights[at]!, 0);
      const said = 1 / (1 + Math.exp(-odds));
      for (let a = 0; a < size; a++) {
        slope[a]! += share * ((isTrue ? 1 : 0) - said) * values[a]!;
        for (let b = 0; b < size; b++) curve[a]![b]! += share * said * (1 - said) * values[a]! * values[b]!;
      }
    }
    const by = solve(curve, slope);
    for (let at = 0; at < size; at++) weights[at]! += by[at]!;
    if (by.every((each) => Math.abs(each) < 1e-6)) break;
  }
  return weights;
}

/** Gauss's elimination. */
function solve(matrix: number[][], right: number[]): number[] {
  const rows = matrix.map((row, at) => [...row, right[at]!]);
  for (let column = 0; column < rows.length; column++) {
    const pivot = rows
      .slice(column)
      .reduce((best, row) => (Math.abs(row[column]!) > Math.abs(best[column]!) ? row : best));
    rows.splice(rows.indexOf(pivot), 1);
    rows.splice(column, 0, pivot);
    for (const [at, row] of rows.entries()) {
      if (at === column) continue;
      const factor = row[column]! / pivot[column]!;
      for (let to = column; to <= rows.length; to++) row[to]! -= factor * pivot[to]!;
    }
  }
  return rows.map((row, at) => row[rows.length]! / row[at]!);
}

const round = (value: number): number => Math.round(value * 1e3) / 1e3;

/** How often stretches that say they are this sure hold music. */
export function calibrationTable(judged: readonly (Judged & { readonly rule: StretchRule })[]) {
  const edges = [0, 0.5, 0.8, 0.9, 0.95, 0.99, 1.001];
  const bins = edges
    .slice(1)
    .map((until, at) => ({ from: edges[at]!, until: Math.min(1, until), said: 0, of: 0, right: 0 }));
  for (const { example, odds, rule } of judged) {
    for (const stretch of evidentStretches(evidenceOf(odds, rule), rule)) {
      const isTrue = holdsMusic(example, stretch);
      if (isTrue === null) continue;
      const sure = certainty(stretch, rule);
      const bin = bins.find(({ until }) => sure < until) ?? bins.at(-1)!;
      bin.of += 1;
      bin.said += sure;
      if (isTrue) bin.right += 1;
    }
  }
  return bins.map(({ said, ...bin }) => ({ ...bin, said: bin.of === 0 ? null : said / bin.of }));
}
