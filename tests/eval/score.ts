/** What is in a case: a stretch in seconds, and what it is. */
export interface Truth {
  readonly what: string;
  readonly start: number;
  readonly end: number;
}

/** What a detector says is in a case. */
export interface Said {
  readonly what: string;
  readonly start: number;
  readonly end: number;
}

export interface Scored {
  readonly case: string;
  readonly condition: string;
  readonly seconds: number;
  readonly truth: readonly Truth[];
  readonly said: readonly Said[];
}

/** A share with its 95 % interval (Wilson, 1927). */
export interface Share {
  readonly of: number;
  readonly count: number;
  readonly share: number | null;
  readonly low: number | null;
  readonly high: number | null;
}

export interface Summary {
  readonly cases: number;
  readonly recall: Share;
  readonly precision: Share;
  /** By the second: what part of the true seconds was said, and of the said seconds was true. */
  readonly secondRecall: number | null;
  readonly secondPrecision: number | null;
  /** Median of how far the said start and end lie from the true ones, in seconds. */
  readonly startError: number | null;
  readonly endError: number | null;
}

export function share(count: number, of: number): Share {
  if (of === 0) return { of, count, share: null, low: null, high: null };
  const z = 1.96;
  const p = count / of;
  const middle = (p + z ** 2 / (2 * of)) / (1 + z ** 2 / of);
  const reach = (z / (1 + z ** 2 / of)) * Math.sqrt((p * (1 - p)) / of + z ** 2 / (4 * of ** 2));
  return { of, count, share: p, low: Math.max(0, middle - reach), high: Math.min(1, middle + reach) };
}

const overlap = (a: { start: number; end: number }, b: { start: number; end: number }): number =>
  Math.max(0, Math.min(a.end, b.end) - Math.max(a.start, b.start));

/** The said stretch that overlaps a true one of the same thing most. */
export const bestFor = (truth: Truth, said: readonly Said[]): Said | undefined =>
  said
    .filter((each) => each.what === truth.what && overlap(each, truth) > 0)
    .toSorted((a, b) => overlap(b, truth) - overlap(a, truth))[0];

/** A true stretch is found when something of it is said; a said stretch is right when it overlaps a true one. */
export function summarise(cases: readonly Scored[]): Summary {
  const truths = cases.flatMap((each) => each.truth.map((truth) => ({ truth, said: bestFor(truth, each.said) })));
  const said = cases.flatMap((each) =>
    each.said.map((one) => each.truth.some((truth) => truth.what === one.what && overlap(one, truth) > 0)),
  );
  const found = truths.flatMap(({ truth, said: best }) => (best === undefined ? [] : [{ truth, best }]));
  const [trueSeconds, saidSeconds, bothSeconds] = countSeconds(cases);
  return {
    cases: cases.length,
    recall: share(found.length, truths.length),
    precision: share(said.filter(Boolean).length, said.length),
    secondRecall: trueSeconds === 0 ? null : bothSeconds / trueSeconds,
    secondPrecision: saidSeconds === 0 ? null : bothSeconds / saidSeconds,
    startError: median(found.map(({ truth, best }) => Math.abs(best.start - truth.start))),
    endError: median(found.map(({ truth, best }) => Math.abs(best.end - truth.end))),
  };
}

/** Tenths of a second, of each thing apart. */
function countSeconds(cases: readonly Scored[]): [number, number, number] {
  let [truly, said, both] = [0, 0, 0];
  for (const each of cases) {
    for (const what of new Set([...each.truth, ...each.said].map((one) => one.what))) {
      const marks = (of: readonly Truth[]) => {
        const marked = new Uint8Array(Math.ceil(each.seconds * 10));
        for (const one of of.filter((other) => other.what === what))
          marked.fill(1, Math.max(0, Math.round(one.start * 10)), Math.round(one.end * 10));
        return marked;
      };
      const [trueMarks, saidMarks] = [marks(each.truth), marks(each.said)];
      for (let at = 0; at < trueMarks.length; at++) {
        truly += trueMarks[at]!;
        said += saidMarks[at]!;
        both += trueMarks[at]! & saidMarks[at]!;
      }
    }
  }
  return [truly / 10, said / 10, both / 10];
}

export function median(values: readonly number[]): number | null {
  if (values.length === 0) return null;
  const sorted = values.toSorted((a, b) => a - b);
  return sorted.length % 2 === 1
    ? sorted[sorted.length >> 1]!
    : (sorted[sorted.length / 2 - 1]! + sorted[sorted.length / 2]!) / 2;
}

/** Every missed and every wrong one, in words. */
export function failures(cases: readonly Scored[]): string[] {
  return cases.flatMap((each) => [
    ...each.truth
      .filter((truth) => bestFor(truth, each.said) === undefined)
      .map((truth) => `missed: ${truth.what} at ${truth.start.toFixed(1)}–${truth.end.toFixed(1)} s in ${each.case}`),
    ...each.said
      .filter((one) => !each.truth.some((truth) => truth.what === one.what && overlap(one, truth) > 0))
      .map((one) => `wrong: ${one.what} at ${one.start.toFixed(1)}–${one.end.toFixed(1)} s in ${each.case}`),
  ]);
}
