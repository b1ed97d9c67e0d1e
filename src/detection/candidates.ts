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
  readonly found: Pick<ReadonlyMap<number, Postings>, 'get'>;
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
  // Blocks overlap: each key is looked up once.
  const all = asked.map(({ keys, found, votes }) => {
    const held: Held[] = [];
    for (const { key, unit } of keys) {
      const postings = found.get(key);
      if (postings !== undefined) held.push({ unit, postings, votes });
    }
    return held;
  });
  const starts = all.map(() => 0);
  for (let block = from; block <= last; block += stepUnits) {
    const held = all.flatMap((of, which) => {
      while ((of[starts[which]!]?.unit ?? Infinity) < block) starts[which]! += 1;
      let until = starts[which]!;
      while (until < of.length && of[until]!.unit < block + blockUnits) until++;
      return of.slice(starts[which], until);
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

function countVotes(held: readonly Held[], block: number): Candidate[] {
  // Sorted as numbers, which is several times as fast as by a comparison: rarest first.
  const order = Float64Array.from(held, ({ postings }, at) => postings.works.length * held.length + at).sort();
  let [count, used] = [0, 0];
  const next = () => held[order[used]! % held.length]!;
  while (used < held.length && count + next().postings.works.length <= postingsPerBlock) {
    count += next().postings.works.length;
    used += 1;
  }
  // A vote is a work and a distance; of those with the same, the ones that count once come first.
  const votes = new Float64Array(count);
  let at = 0;
  for (let n = 0; n < used; n++) {
    const { unit, postings, votes: each } = held[order[n]! % held.length]!;
    const offset = aheadZero - unit;
    for (let i = 0; i < postings.works.length; i++)
      votes[at++] = (postings.works[i]! * aheadRange + postings.units[i]! + offset) * mostVotes + (each - 1);
  }
  votes.sort();
  const cellOf = (vote: number) => Math.floor(vote / mostVotes);
  const weightOf = (vote: number) => (vote % mostVotes) + 1;
  const best: Candidate[] = [];
  for (let from = 0; from < votes.length; ) {
    const cell = cellOf(votes[from]!);
    // Votes that are near belong together: a peak may fall on either side of the border between two units, and a work that
    // is played 6 % faster or slower runs two units ahead or behind in four seconds.
    let [until, weight] = [from, 0];
    while (until < votes.length && cellOf(votes[until]!) - cell <= nearUnits) weight += weightOf(votes[until++]!);
    if (weight >= leastVotes) {
      const middle = cellOf(votes[(from + until) >> 1]!);
      const work = Math.floor(middle / aheadRange);
      best.push({ work, unit: block, ahead: (middle % aheadRange) - aheadZero, votes: weight });
    }
    while (from < votes.length && cellOf(votes[from]!) === cell) from++;
  }
  return best.sort((a, b) => b.votes - a.votes).slice(0, candidatesPerBlock);
}

/** More votes than a key may have. */
const mostVotes = 4;
/** Room for a work and a recording of up to 37 hours each. */
const aheadRange = 2 ** 21;
const aheadZero = 2 ** 20;
