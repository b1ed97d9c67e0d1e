import { blockUnits, type Candidate } from './candidates.ts';
import { unitFrames } from './landmarks.ts';
import { frameMs, pitches, type SoundMap } from './sound-map.ts';

/** The sound of a registered work that is kept: the places of its peaks, in order of time. */
export interface WorkSound {
  readonly frames: Uint32Array;
  readonly pitches: Uint8Array;
}

/** A stretch of a recording that sounds like a stretch of a work. */
export interface SoundMatch {
  readonly startMs: number;
  readonly endMs: number;
  readonly workStartMs: number;
  readonly workEndMs: number;
  /**
   * How far the recording stands out at the places of the work's peaks, in standard deviations of another sound there.
   * Chance stays below 5.5 among millions of tries.
   */
  readonly strength: number;
}

/** Chance reaches 5.4 among six million tries with music of other works: `docs/detection.md`. */
export const leastStrength = 6.5;
const leastMs = 1_500;

const stepFrames = 62;
/** How far a guess may be off, and how far two following blocks may drift apart (2 % is 1.2 frames a step). */
const guessReach = 8;
const driftReach = 2;
/** A peak counts as heard by how far the recording stands out there, in standard deviations, within these bounds. */
const most = 2.5;
/** How far a heard peak is expected to stand out. If it stands out less, a stretch ends sooner than it should. */
const expected = 0.6;
/** A stretch ends after about six seconds without the work (at 40 peaks a second, each losing 0.18). */
const patience = 45;

/** One place at which a work is compared with the recording. */
interface Alignment {
  /** Frame in the work minus frame in the recording. */
  readonly ahead: number;
  /** Pitch in the recording minus pitch in the work: a work that is played faster is higher. */
  readonly higher: number;
}

/**
 * Checks a guess against the kept peaks of the work and finds where the work begins and ceases to be heard. Null if the
 * recording does not stand out where the work does.
 */
export function soundMatch(map: SoundMap, work: WorkSound, candidate: Candidate): SoundMatch | null {
  const block = candidate.unit * unitFrames;
  const end = block + blockUnits * unitFrames;
  const guess = bestAlignment(map, work, block, end, candidate.ahead * unitFrames);
  if (guess === null || guess.strength < 3) return null;
  const origin = firstHeard(map, work, block, end, guess);
  const forward = follow(map, work, origin, guess, 1);
  const backward = follow(map, work, origin, guess, -1);
  if (forward.gain + backward.gain <= 0) return null;
  const heard = forward.sum + backward.sum;
  const count = forward.count + backward.count;
  const strength = heard / Math.sqrt(count + 20);
  const [start, until] = [backward.edge, forward.edge];
  const lengthMs = (until - start) * frameMs;
  if (strength < leastStrength || lengthMs < leastMs) return null;
  // A frame stands for its middle: half a window of 128 ms after its beginning.
  const middleMs = 64;
  const workStart = Math.max(0, start + backward.ahead);
  return {
    startMs: Math.round(start * frameMs + middleMs),
    endMs: Math.round(until * frameMs + middleMs),
    workStartMs: Math.round(workStart * frameMs + middleMs),
    workEndMs: Math.round((until + forward.ahead) * frameMs + middleMs),
    strength: Math.round(strength * 10) / 10,
  };
}

function bestAlignment(map: SoundMap, work: WorkSound, from: number, until: number, about: number) {
  let best: (Alignment & { strength: number }) | null = null;
  const scale = 1 / spread(map, from, until);
  for (let higher = -1; higher <= 1; higher++) {
    for (let ahead = about - guessReach; ahead <= about + guessReach; ahead++) {
      const { sum, count } = agreement(map, work, from, until, { ahead, higher }, scale);
      const strength = sum / Math.sqrt(count + 20);
      if (best === null || strength > best.strength) best = { ahead, higher, strength };
    }
  }
  return best;
}

/** The frame of a block from which hearing the work gains most: a work may begin in the middle of it. */
function firstHeard(map: SoundMap, work: WorkSound, from: number, until: number, at: Alignment): number {
  const scale = 1 / spread(map, from, until);
  let [gain, least, first] = [0, 0, from];
  for (let peak = firstAtOrAfter(work.frames, from + at.ahead); peak < work.frames.length; peak++) {
    const frame = work.frames[peak]! - at.ahead;
    if (frame >= until) break;
    gain += gainOf(standingOut(map, frame, work.pitches[peak]! + at.higher, scale));
    if (gain < least) [least, first] = [gain, frame + 1];
  }
  return Math.min(first, until - 1);
}

/** Log-likelihood ratio of a peak that is heard at `expected` to one that is not, both with a deviation of one. */
const gainOf = (heard: number): number => expected * heard - expected ** 2 / 2;

/** How far the recording stands out at the work's peaks, in total, and the number of peaks. */
function agreement(map: SoundMap, work: WorkSound, from: number, until: number, at: Alignment, scale: number) {
  let [sum, count] = [0, 0];
  for (let peak = firstAtOrAfter(work.frames, from + at.ahead); peak < work.frames.length; peak++) {
    const frame = work.frames[peak]! - at.ahead;
    if (frame >= until) break;
    sum += standingOut(map, frame, work.pitches[peak]! + at.higher, scale);
    count += 1;
  }
  return { sum, count };
}

function standingOut(map: SoundMap, frame: number, pitch: number, scale: number): number {
  if (frame < 0 || frame >= map.frames || pitch < 0 || pitch >= pitches) return 0;
  return Math.max(-most, Math.min(most, map.salience[frame * pitches + pitch]! * scale));
}

/** Root mean square of the salience; silence counts as 1.5 dB, so that it is not searched in vain. */
function spread(map: SoundMap, from: number, until: number): number {
  const [first, last] = [Math.max(0, from) * pitches, Math.min(map.frames, until) * pitches];
  let sum = 0;
  for (let at = first; at < last; at++) sum += map.salience[at]! ** 2;
  return Math.max(15, Math.sqrt(sum / Math.max(1, last - first)));
}

/**
 * Goes from `origin` in one direction, block by block, with an alignment that may drift, to the place where hearing the
 * work has gained most over not hearing it (a running sum of log-likelihood ratios).
 */
function follow(map: SoundMap, work: WorkSound, origin: number, start: Alignment, direction: 1 | -1) {
  let at: Alignment = start;
  let [gain, sum, count] = [0, 0, 0];
  const best = { gain: 0, sum: 0, count: 0, edge: origin, ahead: start.ahead };
  for (let step = 0; ; step++) {
    const from = direction === 1 ? origin + step * stepFrames : origin - (step + 1) * stepFrames;
    const until = from + stepFrames;
    if (until <= 0 || from >= map.frames) break;
    const scale = 1 / spread(map, from - stepFrames, until + stepFrames);
    if (step > 0) at = drifted(map, work, from, until, at, scale);
    if (until + at.ahead <= 0 || from + at.ahead > (work.frames.at(-1) ?? -1)) break;
    const first = firstAtOrAfter(work.frames, from + at.ahead);
    const last = firstAtOrAfter(work.frames, until + at.ahead);
    for (let i = 0; i < last - first; i++) {
      const peak = direction === 1 ? first + i : last - 1 - i;
      const frame = work.frames[peak]! - at.ahead;
      const heard = standingOut(map, frame, work.pitches[peak]! + at.higher, scale);
      sum += heard;
      count += 1;
      gain += gainOf(heard);
      if (gain > best.gain) Object.assign(best, { gain, sum, count, edge: frame, ahead: at.ahead });
    }
    if (gain < best.gain - patience) break;
  }
  return best;
}

/** The alignment near the last one that fits a block and its neighbours best. */
function drifted(
  map: SoundMap,
  work: WorkSound,
  from: number,
  until: number,
  last: Alignment,
  scale: number,
): Alignment {
  let best = last;
  let bestSum = -Infinity;
  for (let step = -driftReach; step <= driftReach; step++) {
    const at = { ...last, ahead: last.ahead + step };
    // The last alignment stays unless another one is clearly better.
    const sum = agreement(map, work, from - stepFrames, until + stepFrames, at, scale).sum + (step === 0 ? 2 : 0);
    if (sum > bestSum) [best, bestSum] = [at, sum];
  }
  return best;
}

/** First place in an ascending list whose value is `value` or more. */
function firstAtOrAfter(list: Uint32Array, value: number): number {
  let [low, high] = [0, list.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (list[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** A match of one work among the works of a recording. */
export interface WorkMatch extends SoundMatch {
  readonly work: number;
}

/** Minimum that a weaker match must add to a stronger one of the same work that it overlaps. */
const leastNewMs = 4_000;

/**
 * One match for each time that a work is heard. Guesses of neighbouring blocks find the same stretch, and a work that
 * repeats itself fits at several places at once: of matches of one work that overlap, the strongest stays, and another
 * one only if most of it lies elsewhere.
 */
export function strongestMatches(matches: readonly WorkMatch[]): WorkMatch[] {
  const kept: WorkMatch[] = [];
  for (const match of matches.toSorted((a, b) => b.strength - a.strength)) {
    const covered = kept.some((other) => {
      const overlap = Math.min(other.endMs, match.endMs) - Math.max(other.startMs, match.startMs);
      const lengthMs = match.endMs - match.startMs;
      return other.work === match.work && overlap > 0 && (overlap > lengthMs / 2 || lengthMs - overlap < leastNewMs);
    });
    if (!covered) kept.push(match);
  }
  return kept.toSorted((a, b) => a.startMs - b.startMs || a.endMs - b.endMs);
}
