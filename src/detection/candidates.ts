import type { PlacedKey } from './landmarks.ts';

/** The places of one key in the works of the registry. `units[i]` belongs to `works[i]`. */
export interface Postings {
  readonly works: Uint32Array;
  /** In units of 128 ms from the beginning of the work. */
  readonly units: Uint16Array;
}

/** The keys of one kind in a recording, in order of time, and the entries of the index for them. */
export interface Asked {
  readonly keys: readonly PlacedKey[];
  readonly found: ReadonlyMap<number, Postings>;
  /** How many votes a key has: one that few works share says more. */
  readonly votes: number;
}

/** A guess: the recording at `unit` sounds like the work `ahead` units later. */
export interface Candidate {
  readonly work: number;
  readonly unit: number;
  /** Unit in the work minus unit in the recording. */
  readonly ahead: number;
  readonly votes: number;
}

/** Keys vote together over four seconds, every two. */
export const blockUnits = 32;
const stepUnits = 16;
/** Minimum number of votes. Chance reaches fewer now and then. */
const leastVotes = 4;
const candidatesPerBlock = 40;
const nearUnits = 2;
/** Postings examined in a block, rarest keys first: so the time for a block does not grow with the registry. */
const postingsPerBlock = 60_000;

/**
 * Guesses which works may be heard where. Every key votes for each work that holds it, with the distance between its
 * place in the work and in the recording; where a work is heard, many agree on one distance. Cheap, and often wrong:
 * `soundMatch` checks. Keys begin at unit `from`.
 */
export function findCandidates(asked: readonly Asked[], from = 0): Candidate[] {
  const last = Math.max(-1, ...asked.map(({ keys }) => keys.at(-1)?.unit ?? -1));
  const candidates: Candidate[] = [];
  const starts = asked.map(() => 0);
  for (let block = from; block <= last; block += stepUnits) {
    const held = asked.flatMap(({ keys, found, votes }, which) => {
      while ((keys[starts[which]!]?.unit ?? Infinity) < block) starts[which]! += 1;
      const inBlock: Held[] = [];
      for (let at = starts[which]!; at < keys.length && keys[at]!.unit < block + blockUnits; at++) {
        const postings = found.get(keys[at]!.key);
        if (postings !== undefined) inBlock.push({ unit: keys[at]!.unit, postings, votes });
      }
      return inBlock;
    });
    candidates.push(...countVotes(held, block));
  }
  return candidates;
}

/** The index entries for one key of the recording. */
interface Held {
  readonly unit: number;
  readonly postings: Postings;
  readonly votes: number;
}

function countVotes(held: Held[], block: number): Candidate[] {
  held.sort((a, b) => a.postings.works.length - b.postings.works.length);
  let [places, used, count] = [0, 0, 0];
  for (; used < held.length && places + held[used]!.postings.works.length <= postingsPerBlock; used++) {
    places += held[used]!.postings.works.length;
    count += held[used]!.postings.works.length * held[used]!.votes;
  }
  const votes = new Float64Array(count);
  let at = 0;
  for (const { unit, postings, votes: each } of held.slice(0, used)) {
    for (let i = 0; i < postings.works.length; i++) {
      const vote = postings.works[i]! * aheadRange + (postings.units[i]! - unit + aheadZero);
      votes.fill(vote, at, at + each);
      at += each;
    }
  }
  votes.sort();
  const best: Candidate[] = [];
  for (let from = 0; from < votes.length; ) {
    let until = from;
    // Votes that are near belong together: a peak may fall on either side of the border between two units, and a work that
    // is played 6 % faster or slower runs two units ahead or behind in four seconds.
    while (until < votes.length && votes[until]! - votes[from]! <= nearUnits) until++;
    if (until - from >= leastVotes) {
      const middle = votes[(from + until) >> 1]!;
      const work = Math.floor(middle / aheadRange);
      best.push({ work, unit: block, ahead: (middle % aheadRange) - aheadZero, votes: until - from });
    }
    const value = votes[from]!;
    while (from < votes.length && votes[from] === value) from++;
  }
  return best.sort((a, b) => b.votes - a.votes).slice(0, candidatesPerBlock);
}

/** Room for a work and a recording of up to 37 hours each. */
const aheadRange = 2 ** 21;
const aheadZero = 2 ** 20;
