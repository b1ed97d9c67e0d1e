import type { Peak } from './sound-map.ts';

/** Postings count time in units of 128 ms: four frames of a sound map, about one item of Chromaprint. */
export const unitFrames = 4;
export const unitMs = 128;

/** A key of the index of works, and where in a sound it stands. */
export interface PlacedKey {
  readonly key: number;
  /** In units of 128 ms. */
  readonly unit: number;
}

/** Of a work, few and strong pairs are kept; a recording, in which a voice may hide some of them, is asked for many. */
const ofWork = { perSecond: 12, partners: 4 } as const;
const ofRecording = { perSecond: 40, partners: 24 } as const;
/** A work that is played 2 % faster or slower is nearly one pitch higher or lower: these pairs are asked for there too. */
const ofShifted = { perSecond: 20, partners: 12 } as const;
const nearestFrames = 3;
const furthestFrames = 47;
const furthestPitches = 40;

/** Pairs of peaks (A. Wang, "An Industrial-Strength Audio Search Algorithm", ISMIR 2003) that a work is found by. */
export const workLandmarks = (peaks: readonly Peak[]): PlacedKey[] =>
  pairUp(strongest(peaks, ofWork.perSecond), ofWork.partners);

/** In order of time, as everything here. */
export function recordingLandmarks(peaks: readonly Peak[]): PlacedKey[] {
  const strong = strongest(peaks, ofShifted.perSecond);
  return [
    ...pairUp(strongest(peaks, ofRecording.perSecond), ofRecording.partners),
    ...[-1, 1].flatMap((higher) =>
      pairUp(
        strong.map((peak) => ({ ...peak, pitch: peak.pitch + higher })).filter(({ pitch }) => pitch >= 0),
        ofShifted.partners,
      ),
    ),
  ].sort((a, b) => a.unit - b.unit);
}

const framesPerSecond = 31;

/** The strongest of each second, in order of time. */
function strongest(peaks: readonly Peak[], perSecond: number): Peak[] {
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

/** Each peak with the next ones within 0.1 to 1.5 s. A key holds the pitch (7 bits), the interval (7) and the time between (6). */
function pairUp(peaks: readonly Peak[], partners: number): PlacedKey[] {
  const keys: PlacedKey[] = [];
  for (let at = 0; at < peaks.length; at++) {
    const from = peaks[at]!;
    let found = 0;
    for (let next = at + 1; next < peaks.length && found < partners; next++) {
      const to = peaks[next]!;
      const frames = to.frame - from.frame;
      if (frames > furthestFrames) break;
      const interval = to.pitch - from.pitch;
      if (frames < nearestFrames || Math.abs(interval) > furthestPitches) continue;
      keys.push({
        key: (from.pitch << 13) | ((interval + 64) << 6) | frames,
        unit: Math.floor(from.frame / unitFrames),
      });
      found += 1;
    }
  }
  return keys;
}
