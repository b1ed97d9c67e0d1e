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
   * How far the recording stands out at the places of the work's peaks, in standard deviations of the same peaks elsewhere
   * in the recording.
   */
  readonly strength: number;
  /** The strength that it had to have, among so many places of so many works. */
  readonly least: number;
}

/** A search is wrong once in a thousand recordings, at most. */
const wrongPerSearch = 0.001;
/** Pitches, tempos and lengths that are tried at a place, as far as they say something new. */
const triesAtPlace = 10;
const leastOfAll = 6.5;
const leastMs = 1_500;

/**
 * The strength that chance reaches in one of a thousand searches, when a recording of some units (128 ms) is compared with
 * works of so many units in all. One of many places stands out by itself: the more are tried, the more a match has to
 * show. The tail of the normal distribution, times the number of tries (Bonferroni).
 */
export function leastStrength(recordingUnits: number, workUnits: number): number {
  const tries = Math.max(1, recordingUnits) * Math.max(1, workUnits) * triesAtPlace;
  const wanted = Math.log(tries / wrongPerSearch);
  let strength = leastOfAll;
  for (let round = 0; round < 8; round++)
    strength = Math.sqrt(2 * Math.max(1, wanted - Math.log(strength * Math.sqrt(2 * Math.PI))));
  return Math.max(leastOfAll, Math.round(strength * 100) / 100);
}

const stepFrames = 62;
/** How far a guess may be off, and how far two following blocks may drift apart (2 % is 1.2 frames a step). */
const guessReach = 8;
const driftReach = 2;
/** Two pitches are 6 %. */
const pitchReach = 2;
/**
 * Tempos that are tried, as shares by which the work is played faster. A peak is some frames wide: every second frame will
 * do for a first look. Around what looks best, it is looked at closely.
 */
const tempos = [0, -0.04, 0.04] as const;
const roughStep = 2;
const leastRough = 3;
const fineTempos = [-0.03, -0.015, 0, 0.015, 0.03] as const;
const fineFrames = [-2, -1, 0, 1, 2] as const;
const fittedFrames = 375;
const fittedReach = 6;
/** A peak counts as heard by how far the recording stands out there, in standard deviations, within these bounds. */
const most = 2.5;
/** How far a heard peak is expected to stand out. If it stands out less, a stretch ends sooner than it should. */
const expected = 0.6;
/** A stretch ends after about six seconds without the work (at 40 peaks a second, each losing 0.18). */
const patience = 45;

/** How far the sum over some peaks stands out, in standard deviations; few peaks count for less. */
const strengthOf = (sum: number, count: number): number => sum / Math.sqrt(count + 20);

/** One place at which a work is compared with the recording. */
interface Alignment {
  /** Frame of the recording at which `ahead` holds. */
  readonly origin: number;
  /** Frame in the work minus frame in the recording, at `origin`. */
  readonly ahead: number;
  /** Frames of the work that pass in each of the recording, less one. */
  readonly tempo: number;
  /** Pitch in the recording minus pitch in the work. */
  readonly higher: number;
}

const workFrame = ({ origin, ahead, tempo }: Alignment, frame: number): number =>
  frame + ahead + tempo * (frame - origin);

/** Where in the recording a frame of the work is heard. */
const heardFrame = ({ origin, ahead, tempo }: Alignment, frame: number): number =>
  Math.round(origin + (frame - ahead - origin) / (1 + tempo));

/**
 * Checks a guess against the kept peaks of the work and finds where the work begins and ceases to be heard. Null if the
 * recording does not stand out where the work does, by `least` (`leastStrength`).
 */
export function soundMatch(
  map: SoundMap,
  work: WorkSound,
  candidate: Candidate,
  least: number = leastOfAll,
): SoundMatch | null {
  const block = candidate.unit * unitFrames;
  const end = block + blockUnits * unitFrames;
  const guess = bestAlignment(map, work, block, end, candidate.ahead * unitFrames);
  if (guess === null || guess.strength < 3) return null;
  const rough = followBoth(map, work, firstHeard(map, work, block, end, guess), guess);
  if (rough === null || rough.raw < least) return null;
  // A work that begins or ends in the block says little of its tempo there: what was found of it says more.
  const fitted = fitTo(map, work, rough);
  const found = followBoth(map, work, fitted.origin, fitted);
  if (found === null || found.raw < least) return null;
  const { forward, backward, origin, raw } = found;
  const [start, until] = [backward.edge, forward.edge];
  const lengthMs = (until - start) * frameMs;
  if (lengthMs < leastMs) return null;
  const strength =
    raw /
    chanceSpread(map, work, [
      { at: backward.at, from: start, until: origin },
      { at: forward.at, from: origin, until },
    ]);
  if (strength < least) return null;
  // A frame stands for its middle: half a window of 128 ms after its beginning.
  const middleMs = 64;
  const toMs = (frame: number) => Math.round(Math.max(0, frame) * frameMs + middleMs);
  return {
    startMs: toMs(start),
    endMs: toMs(until),
    workStartMs: toMs(workFrame(backward.at, start)),
    workEndMs: toMs(workFrame(forward.at, until)),
    strength: Math.round(strength * 10) / 10,
    least,
  };
}

type Both = NonNullable<ReturnType<typeof followBoth>>;

/** From `origin` in both directions. `raw` is the strength before it is known how far chance strays. */
function followBoth(map: SoundMap, work: WorkSound, origin: number, start: Alignment) {
  const forward = follow(map, work, origin, start, 1);
  const backward = follow(map, work, origin, start, -1);
  if (forward.gain + backward.gain <= 0) return null;
  const raw = strengthOf(forward.sum + backward.sum, forward.count + backward.count);
  return { forward, backward, origin, start, raw };
}

/** The alignment that fits the middle of a stretch best, twelve seconds of it at most. */
function fitTo(map: SoundMap, work: WorkSound, { forward, backward, origin, start }: Both): Alignment {
  const middle = (backward.edge + forward.edge) >> 1;
  const from = Math.max(backward.edge, middle - (fittedFrames >> 1));
  const until = Math.min(forward.edge, middle + (fittedFrames >> 1));
  const about = Math.round(workFrame(middle < origin ? backward.at : forward.at, middle) - middle);
  const search = createSearch(map, work, from, until);
  for (const tempo of [0, ...fineTempos.map((step) => start.tempo + step)])
    for (let ahead = about - fittedReach; ahead <= about + fittedReach; ahead++)
      search.tryOut(tempo, start.higher, ahead);
  const { tempo, ahead } = search.best() ?? { tempo: start.tempo, ahead: about };
  for (const step of [-0.0075, 0.0075])
    for (const frames of fineFrames) search.tryOut(tempo + step, start.higher, ahead + frames);
  return search.best() ?? start;
}

/** A part of a match, over which one alignment holds. */
interface Followed {
  readonly at: Alignment;
  readonly from: number;
  readonly until: number;
}

/** Other places for a match: elsewhere in the recording, and near by at other pitches. */
const elsewhere = Array.from({ length: 64 }, (_, n) => {
  const sign = n % 2 === 0 ? 1 : -1;
  const step = (n >> 1) + 1;
  return { frames: sign * (12 + 9 * step), higher: 0 };
});
const atOtherPitches = Array.from({ length: 64 }, (_, n) => {
  const sign = n % 2 === 0 ? 1 : -1;
  const step = (n >> 1) + 1;
  return { frames: sign * (3 + step), higher: (step % 2 === 0 ? -1 : 1) * (4 + ((step * 5) % 9)) };
});

/**
 * How far the sum of the peaks strays where the work is not heard. One, if every peak strays on its own; more where long
 * tones meet long vowels, so that many peaks are right or wrong together. Between the 16th and the 84th of a hundred
 * places: some of them may hold the work again.
 */
function chanceSpread(map: SoundMap, work: WorkSound, parts: readonly Followed[]): number {
  const spreadOf = (places: readonly { frames: number; higher: number }[]) => {
    const found = places
      .flatMap((place) => strengthElsewhere(map, work, parts, place) ?? [])
      .sort((one, other) => one - other);
    const [low, high] = [found[Math.floor(found.length * 0.16)], found[Math.floor(found.length * 0.84)]];
    return low === undefined || high === undefined ? 1 : (high - low) / 2;
  };
  return Math.max(1, spreadOf(elsewhere), spreadOf(atOtherPitches));
}

/** Null where the place is not in the recording. */
function strengthElsewhere(
  map: SoundMap,
  work: WorkSound,
  parts: readonly Followed[],
  { frames, higher }: { frames: number; higher: number },
): number | null {
  let [sum, count] = [0, 0];
  for (const { at, from, until } of parts) {
    if (from + frames < 0 || until + frames > map.frames) return null;
    const moved = { ...at, origin: at.origin + frames, ahead: at.ahead - frames, higher: at.higher + higher };
    const scale = 1 / spread(map, from + frames, until + frames);
    const part = agreement(map, work, from + frames, until + frames, moved, scale);
    sum += part.sum;
    count += part.count;
  }
  return strengthOf(sum, count);
}

/** How much stronger another tempo has to be than the work's own. */
const handicap = 0.3;

type Scored = Alignment & { readonly strength: number; readonly score: number };

/** Tries alignments around the middle of a stretch: whatever the tempo, the work is off by as much on either side. */
function createSearch(map: SoundMap, work: WorkSound, from: number, until: number) {
  let best: Scored | null = null;
  const scale = 1 / spread(map, from, until);
  const origin = (from + until) >> 1;
  return {
    tryOut(tempo: number, higher: number, ahead: number) {
      const at = { origin, ahead, tempo, higher };
      const { sum, count } = agreement(map, work, from, until, at, scale);
      const strength = strengthOf(sum, count);
      const score = strength - (tempo === 0 ? 0 : handicap);
      if (best === null || score > best.score) best = { ...at, strength, score };
    },
    best: (): Scored | null => best,
  };
}

function bestAlignment(map: SoundMap, work: WorkSound, from: number, until: number, about: number): Scored | null {
  const rough = firstLook(map, work, from, until, about);
  if (rough === null) return null;
  const search = createSearch(map, work, from, until);
  for (const tempo of fineTempos)
    for (const ahead of fineFrames) search.tryOut(rough.tempo + tempo, rough.higher, rough.ahead + ahead);
  return search.best();
}

/**
 * The roughly best alignment of a block; null if none is promising, as with most guesses. So this is where the time goes:
 * a peak's place is worked out once for a tempo, and all pitches are summed up together.
 */
function firstLook(map: SoundMap, work: WorkSound, from: number, until: number, about: number) {
  const { salience } = map;
  const origin = (from + until) >> 1;
  const [first, last] = [firstAtOrAfter(work.frames, from + about), firstAtOrAfter(work.frames, until + about)];
  const count = last - first;
  const scale = 1 / spread(map, from, until);
  const limit = Math.floor(most / scale);
  const clipped = Int16Array.from({ length: 256 }, (_, value) => Math.max(-limit, Math.min(limit, value - 128)));
  const sums = new Int32Array(2 * pitchReach + 1);
  const places = new Int32Array(count);
  let best = { score: -Infinity, tempo: 0, higher: 0, ahead: about };
  for (const tempo of tempos) {
    for (let peak = 0; peak < count; peak++)
      places[peak] = Math.round(origin + (work.frames[first + peak]! - about - origin) / (1 + tempo));
    for (let off = -guessReach; off <= guessReach; off += roughStep) {
      sums.fill(0);
      for (let peak = 0; peak < count; peak++) {
        const frame = places[peak]! - off;
        if (frame < 0 || frame >= map.frames) continue;
        const pitch = work.pitches[first + peak]!;
        const lowest = frame * pitches + pitch - pitchReach;
        const end = Math.min(sums.length, pitches + pitchReach - pitch);
        for (let at = Math.max(0, pitchReach - pitch); at < end; at++)
          sums[at]! += clipped[salience[lowest + at]! + 128]!;
      }
      for (const [at, sum] of sums.entries()) {
        const score = strengthOf(sum * scale, count) - (tempo === 0 ? 0 : handicap);
        if (score > best.score) best = { score, tempo, higher: at - pitchReach, ahead: about + off };
      }
    }
  }
  return best.score < leastRough ? null : best;
}

/** The frame of a block from which hearing the work gains most: a work may begin in the middle of it. */
function firstHeard(map: SoundMap, work: WorkSound, from: number, until: number, at: Alignment): number {
  const scale = 1 / spread(map, from, until);
  let [gain, least, first] = [0, 0, from];
  for (let peak = firstAtOrAfter(work.frames, workFrame(at, from)); peak < work.frames.length; peak++) {
    const frame = heardFrame(at, work.frames[peak]!);
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
  const last = workFrame(at, until);
  for (let peak = firstAtOrAfter(work.frames, workFrame(at, from)); peak < work.frames.length; peak++) {
    const frame = work.frames[peak]!;
    if (frame >= last) break;
    sum += standingOut(map, heardFrame(at, frame), work.pitches[peak]! + at.higher, scale);
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
  const best = { gain: 0, sum: 0, count: 0, edge: origin, at: start };
  for (let step = 0; ; step++) {
    const from = direction === 1 ? origin + step * stepFrames : origin - (step + 1) * stepFrames;
    const until = from + stepFrames;
    if (until <= 0 || from >= map.frames) break;
    const scale = 1 / spread(map, from - stepFrames, until + stepFrames);
    if (step > 0) at = drifted(map, work, from, until, at, scale);
    if (workFrame(at, until) <= 0 || workFrame(at, from) > (work.frames.at(-1) ?? -1)) break;
    const first = firstAtOrAfter(work.frames, workFrame(at, from));
    const last = firstAtOrAfter(work.frames, workFrame(at, until));
    for (let i = 0; i < last - first; i++) {
      const peak = direction === 1 ? first + i : last - 1 - i;
      const frame = heardFrame(at, work.frames[peak]!);
      const heard = standingOut(map, frame, work.pitches[peak]! + at.higher, scale);
      sum += heard;
      count += 1;
      gain += gainOf(heard);
      if (gain > best.gain) Object.assign(best, { gain, sum, count, edge: frame, at });
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
