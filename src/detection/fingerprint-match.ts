import { differingBits, tellingItems } from './bit-errors.ts';
import { buildIndex, type FingerprintIndex } from './fingerprint-index.ts';

/** A registered work with the Chromaprint raw fingerprint of its sound (algorithm 1, 11 025 Hz). */
export interface WorkFingerprint {
  readonly id: string;
  readonly fingerprint: Uint32Array;
}

/** A stretch of a recording that sounds like a stretch of a work. */
export interface AudioMatch {
  readonly workId: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly workStartMs: number;
  readonly workEndMs: number;
  /** 1 for the same bits, 0 for bits that agree no better than chance. */
  readonly score: number;
  readonly bitErrorRate: number;
}

/** Chromaprint moves on by 1365 samples at 11 025 Hz per item (4096 samples, two thirds overlapping). */
export const itemMs = (1365 / 11_025) * 1000;
/** One item looks at 16 rows of the spectrum, smoothed over 5: sound of about 2.6 s. */
const itemSpanMs = 2_600;

/**
 * How many items in a row must agree how well. Longer stretches may agree less, since chance agreement becomes rare.
 * Set between the true pairs and the nearest false ones of the labelled recordings: see `docs/detection.md`.
 */
const windows = [
  { items: 16, maxErrorRate: 0.17 },
  { items: 24, maxErrorRate: 0.21 },
  { items: 40, maxErrorRate: 0.26 },
  { items: 64, maxErrorRate: 0.3 },
  { items: 96, maxErrorRate: 0.325 },
] as const;

/** Recording items that vote together on where in which work they are. */
const blockItems = 32;
/** Alignments checked bit by bit in each block, best voted first. */
const candidatesPerBlock = 150;
/** Stretches of one work that lie closer than this, at about the same alignment, are one. */
const joinGapItems = 24;
const joinDriftItems = 12;
/** A stretch grows and shrinks by pieces of this many items, while they agree at least this well. */
const edgeItems = 8;
const edgeErrorRate = 0.3;
/**
 * Drones and held chords hardly change, so that any two of them agree well at many alignments. A true alignment is much
 * better than those around it: its error rate is at most this part of theirs, and less by at least this much.
 */
const maxPartOfNeighbours = 0.6;
const minLead = 0.1;
const neighbourShifts = [-151, -113, -83, -61, -41, -29, 29, 41, 61, 83, 113, 151] as const;

/** A run of items of the recording on one alignment with one work. `shift` is place in `items` minus place in recording. */
interface Stretch {
  readonly work: number;
  readonly shift: number;
  readonly start: number;
  readonly end: number;
  readonly errorRate: number;
}

/**
 * Every stretch of `recording` that sounds like a registered work, in order of time. One work may be found several times,
 * and several works at the same time. Silence and steady tones match nothing. Pure, and proportional in time to the length
 * of the recording times the size of the registry divided by 500.
 */
export function matchWorks(recording: Uint32Array, works: readonly WorkFingerprint[]): AudioMatch[] {
  const index = buildIndex(works.map((work) => work.fingerprint));
  const telling = tellingItems(recording);
  const found: Stretch[] = [];
  const seen = new Set<number>();
  for (let block = 0; block < recording.length; block += blockItems) {
    for (const shift of votedShifts(recording, telling, block, index)) {
      const key = shift * 4096 + Math.floor(block / (blockItems * 2));
      if (seen.has(key)) continue;
      seen.add(key);
      found.push(...agreeingStretches(recording, telling, index, shift, block));
    }
  }
  return bestPerWork(joinStretches(found)).map((stretch) => toMatch(stretch, index, works));
}

/** Alignments that most items of this block and the next agree on. */
function votedShifts(recording: Uint32Array, telling: Uint8Array, block: number, index: FingerprintIndex): number[] {
  const last = Math.min(block + 2 * blockItems, recording.length);
  const votes = new Uint16Array(index.items.length + 2 * blockItems);
  for (let at = block; at < last; at++) {
    if (telling[at] === 0) continue;
    index.eachCandidate(recording[at]!, (place) => {
      votes[place - (at - block) + 2 * blockItems - 1]! += 1;
    });
  }
  const counts = new Uint32Array(1024);
  for (const vote of votes) counts[Math.min(vote, 1023)]! += 1;
  let least = 1023;
  for (let total = counts[1023]!; least > 2 && total + counts[least - 1]! <= candidatesPerBlock; )
    total += counts[--least]!;
  const shifts: number[] = [];
  votes.forEach((vote, at) => {
    if (vote >= least) shifts.push(at - (2 * blockItems - 1) - block);
  });
  return shifts;
}

/** Runs around `block` on the alignment `shift` and in one work in which some window agrees well enough. */
function agreeingStretches(
  recording: Uint32Array,
  telling: Uint8Array,
  index: FingerprintIndex,
  shift: number,
  block: number,
): Stretch[] {
  const from = Math.max(0, block - 96);
  const to = Math.min(recording.length, block + 2 * blockItems + 96);
  const found: Stretch[] = [];
  for (let work = 0; work + 1 < index.starts.length; work++) {
    const start = Math.max(from, index.starts[work]! - shift);
    const end = Math.min(to, index.starts[work + 1]! - shift);
    if (end - start < windows[0].items) continue;
    const errors = new Uint8Array(end - start);
    const counted = new Uint8Array(end - start);
    for (let at = start; at < end; at++) {
      counted[at - start] = telling[at]! & index.telling[at + shift]!;
      errors[at - start] = differingBits(recording[at]!, index.items[at + shift]!);
    }
    const core = agreeingCore(errors, counted);
    if (core === null || !standsOut(recording, index, work, shift, start, core)) continue;
    const [first, last] = settleEdges(errors, counted, core);
    found.push({ work, shift, start: start + first, end: start + last, errorRate: core.errorRate });
  }
  return found;
}

interface Core {
  readonly first: number;
  readonly last: number;
  readonly errorRate: number;
  /** The window that agrees best. */
  readonly best: readonly [number, number];
}

/** Union of all windows that agree; its error rate is that of the best of them. Null when none does. */
function agreeingCore(errors: Uint8Array, counted: Uint8Array): Core | null {
  const errorSums = sums(errors, counted);
  const countSums = sums(counted, counted);
  let core: Core | null = null;
  for (const { items, maxErrorRate } of windows) {
    for (let first = 0; first + items <= errors.length; first++) {
      const count = countSums[first + items]! - countSums[first]!;
      // A window that mostly stands still says too little.
      if (count < items * 0.75) continue;
      const errorRate = (errorSums[first + items]! - errorSums[first]!) / (32 * count);
      if (errorRate > maxErrorRate) continue;
      core =
        core === null
          ? { first, last: first + items, errorRate, best: [first, first + items] }
          : {
              best: errorRate < core.errorRate ? [first, first + items] : core.best,
              first: Math.min(core.first, first),
              last: Math.max(core.last, first + items),
              errorRate: Math.min(core.errorRate, errorRate),
            };
    }
  }
  return core;
}

/** Compares the best window with the same window at other places of the same work. A work too short for that passes. */
function standsOut(
  recording: Uint32Array,
  index: FingerprintIndex,
  work: number,
  shift: number,
  start: number,
  { best, errorRate }: Core,
): boolean {
  const [from, to] = [start + best[0], start + best[1]];
  const others = neighbourShifts
    .filter((step) => from + shift + step >= index.starts[work]! && to + shift + step <= index.starts[work + 1]!)
    .map((step) => {
      let bits = 0;
      for (let at = from; at < to; at++) bits += differingBits(recording[at]!, index.items[at + shift + step]!);
      return bits / (32 * (to - from));
    })
    .sort((a, b) => a - b);
  const middle = others[Math.floor(others.length / 2)];
  return middle === undefined || (errorRate <= middle * maxPartOfNeighbours && middle - errorRate >= minLead);
}

function sums(values: Uint8Array, counted: Uint8Array): Uint32Array {
  const result = new Uint32Array(values.length + 1);
  for (let at = 0; at < values.length; at++) result[at + 1] = result[at]! + values[at]! * counted[at]!;
  return result;
}

/** Takes pieces that do not agree off both ends, then adds neighbouring pieces that do. */
function settleEdges(errors: Uint8Array, counted: Uint8Array, { first, last }: Core): [number, number] {
  const agrees = (from: number, to: number): boolean => {
    if (from < 0 || to > errors.length) return false;
    let [bits, count] = [0, 0];
    for (let at = from; at < to; at++) {
      bits += counted[at] === 1 ? errors[at]! : 0;
      count += counted[at]!;
    }
    return count >= edgeItems / 2 && bits / (32 * count) <= edgeErrorRate;
  };
  let [start, end] = [first, last];
  while (end - start > edgeItems && !agrees(start, start + edgeItems)) start += 1;
  while (end - start > edgeItems && !agrees(end - edgeItems, end)) end -= 1;
  while (agrees(start - edgeItems, start)) start -= edgeItems / 2;
  while (agrees(end, end + edgeItems)) end += edgeItems / 2;
  return [Math.max(0, start), Math.min(errors.length, end)];
}

/** Joins stretches of one work that follow each other; a drifting alignment (other playing speed) is followed. */
function joinStretches(stretches: readonly Stretch[]): Stretch[] {
  const joined: Stretch[] = [];
  for (const stretch of stretches.toSorted((a, b) => a.start - b.start || a.errorRate - b.errorRate)) {
    const at = joined.findLastIndex(
      (other) =>
        other.work === stretch.work &&
        stretch.start <= other.end + joinGapItems &&
        Math.abs(stretch.shift - other.shift) <= joinDriftItems,
    );
    const other = joined[at];
    if (other === undefined) joined.push(stretch);
    else {
      const better = stretch.errorRate < other.errorRate ? stretch : other;
      joined[at] = { ...better, start: Math.min(other.start, stretch.start), end: Math.max(other.end, stretch.end) };
    }
  }
  return joined;
}

/** A work that repeats itself fits at several alignments at once: where they overlap by half, the best one stays. */
function bestPerWork(stretches: readonly Stretch[]): Stretch[] {
  const kept: Stretch[] = [];
  for (const stretch of stretches.toSorted((a, b) => a.errorRate - b.errorRate)) {
    const covered = kept.some((other) => {
      const overlap = Math.min(other.end, stretch.end) - Math.max(other.start, stretch.start);
      return other.work === stretch.work && overlap > (stretch.end - stretch.start) / 2;
    });
    if (!covered) kept.push(stretch);
  }
  return kept.toSorted((a, b) => a.start - b.start || a.end - b.end);
}

function toMatch(stretch: Stretch, index: FingerprintIndex, works: readonly WorkFingerprint[]): AudioMatch {
  const toMs = (item: number) => Math.round(item * itemMs);
  const inWork = Math.max(0, stretch.start + stretch.shift - index.starts[stretch.work]!);
  const lengthMs = toMs(stretch.end - stretch.start - 1) + itemSpanMs;
  return {
    workId: works[stretch.work]!.id,
    startMs: toMs(stretch.start),
    endMs: toMs(stretch.start) + lengthMs,
    workStartMs: toMs(inWork),
    workEndMs: toMs(inWork) + lengthMs,
    score: Math.round(Math.max(0, 1 - 2 * stretch.errorRate) * 1000) / 1000,
    bitErrorRate: Math.round(stretch.errorRate * 1000) / 1000,
  };
}
