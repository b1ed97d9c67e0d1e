import type { Peak } from './sound-map.ts';

/** Postings count time in units of 128 ms: four frames of a sound map, about one item of Chromaprint. */
export const unitFrames = 4;
export const unitMs = 128;

/** A key of the index of works, and its place in a sound. */
export interface PlacedKey {
  readonly key: number;
  /** In units of 128 ms. */
  readonly unit: number;
}

/**
 * Of a work, few and strong pairs are kept. A recording, in which a voice may hide some of them, is searched for many.
 */
const ofWork = { perSecond: 12, partners: 4 } as const;
const ofRecording = { perSecond: 40, partners: 24 } as const;
const nearestFrames = 3;
const furthestFrames = 47;
const furthestPitches = 40;

/** Pairs of peaks by which a work is found (A. Wang, "An Industrial-Strength Audio Search Algorithm", ISMIR 2003). */
export const workLandmarks = (peaks: readonly Peak[]): PlacedKey[] =>
  pairUp(strongest(peaks, ofWork.perSecond), ofWork.partners);

/**
 * Keys of a recording, in order of time. Only those that begin in units `from` to `until` (not included): consecutive
 * stretches together give the same keys as the whole, and the millions of keys of an hour are never in memory at a
 * time.
 */
export function recordingLandmarks(peaks: readonly Peak[], from = 0, until = Infinity): PlacedKey[] {
  const near = peaksAround(peaks, from * unitFrames, until * unitFrames);
  return pairUp(strongest(near, ofRecording.perSecond), ofRecording.partners).filter(
    ({ unit }) => unit >= from && unit < until,
  );
}

/**
 * Peaks of the whole seconds that hold the pairs which begin in some frames: the strongest peaks are chosen by second.
 */
export function peaksAround(peaks: readonly Peak[], from: number, until: number): readonly Peak[] {
  const first = Math.floor(from / framesPerSecond) * framesPerSecond;
  const end = Math.ceil((until + furthestFrames) / framesPerSecond) * framesPerSecond;
  return peaks.slice(firstAtOrAfter(peaks, first), firstAtOrAfter(peaks, end));
}

function firstAtOrAfter(peaks: readonly Peak[], frame: number): number {
  let [low, high] = [0, peaks.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (peaks[middle]!.frame < frame) low = middle + 1;
    else high = middle;
  }
  return low;
}

const framesPerSecond = 31;

/** The strongest peaks of each second, in order of time. */
export function strongest(peaks: readonly Peak[], perSecond: number): Peak[] {
  const seconds = new Map<number, Peak[]>();
  for (const peak of peaks) {
    const second = Math.floor(peak.frame / framesPerSecond);
    const others = seconds.get(second);
    if (others === undefined) seconds.set(second, [peak]);
    else others.push(peak);
  }
  return [...seconds.values()]
    .flatMap((each) => each.toSorted((a, b) => b.salience - a.salience).slice(0, perSecond))
    .toSorted((a, b) => a.frame - b.frame || a.pitch - b.pitch);
}

/** The next peaks after one, within 0.1 to 1.5 s and 40 pitches: at most `most`. */
export function partnersOf(peaks: readonly Peak[], at: number, most: number): Peak[] {
  const first = peaks[at]!;
  const partners: Peak[] = [];
  for (let next = at + 1; next < peaks.length && partners.length < most; next++) {
    const peak = peaks[next]!;
    const frames = peak.frame - first.frame;
    if (frames > furthestFrames) break;
    if (frames >= nearestFrames && Math.abs(peak.pitch - first.pitch) <= furthestPitches) partners.push(peak);
  }
  return partners;
}

/** Each peak with its partners. A key holds the pitch (7 bits), the interval (7) and the time between (6). */
const pairUp = (peaks: readonly Peak[], partners: number): PlacedKey[] =>
  peaks.flatMap((from, at) =>
    partnersOf(peaks, at, partners).map((to) => ({
      key: (from.pitch << 13) | ((to.pitch - from.pitch + 64) << 6) | (to.frame - from.frame),
      unit: Math.floor(from.frame / unitFrames),
    })),
  );
