import { descriptorWords } from '../../detection/keypoints/descriptor.ts';
import {
  type Hit,
  KeypointGrid,
  keypointKeys,
  likelyPoses,
  type Placement,
  placementsAt,
  unpackSpot,
  withoutRivals,
} from '../../detection/keypoints/placements.ts';
import type { KeypointsSeen } from '../../detection/keypoints/standing-keypoints.ts';
import { wordsApart } from '../../detection/keypoints/work-keypoints.ts';
import { mustHave } from '../../domain/must-have.ts';
import type { Outside } from '../ports/outside.ts';
import type { PictureFound } from './search-works.ts';
import { findPicturePostings } from './work-index.ts';
import { keypointsFromBytes } from './work-prints.ts';

type Reads = Outside['database']['read'];

/** Keypoints in one query, and places of their keys that it reads at most. */
const [keypointsAtOnce, mostPlaces] = [4_000, 500_000];
/** Works whose keypoints are held at once, about 5 kB each. */
const worksAtOnce = 200;
/** Differing bits of 128 beyond which two keypoints are not the same. */
const hitBits = 40;
/** Of one work: more are of writing, and say no more. */
const mostHits = 400;

/** Every stretch of one video stream in which a registered picture stands in a part of the picture. */
export async function searchKeypoints(read: Reads, seen: KeypointsSeen, signal: AbortSignal): Promise<PictureFound[]> {
  const hits = new Map<number, Hit[]>();
  for (let from = 0; from < seen.count; from += keypointsAtOnce) {
    signal.throwIfAborted();
    await addHits(hits, read, seen, from, Math.min(seen.count, from + keypointsAtOnce));
  }
  const guesses = [...hits]
    .map(([work, of]) => ({ work, poses: likelyPoses(seen, of) }))
    .filter(({ poses }) => poses.length > 0);
  const grid = new KeypointGrid(seen);
  const found: (Placement & { work: number })[] = [];
  for (let from = 0; from < guesses.length; from += worksAtOnce) {
    signal.throwIfAborted();
    const poses = new Map(guesses.slice(from, from + worksAtOnce).map((guess) => [guess.work, guess.poses]));
    const works = await read.work.findMany({
      where: { number: { in: [...poses.keys()] } },
      select: { number: true, keypoints: true },
    });
    for (const { number: work, keypoints } of works) {
      const own = keypointsFromBytes(mustHave(keypoints, 'keypoints of a work that was found by them'));
      for (const pose of mustHave(poses.get(work), 'guess at a work that was asked for because of one'))
        found.push(...placementsAt(grid, own, pose).map((placement) => ({ ...placement, work })));
    }
  }
  return withoutRivals(found)
    .map(toFound)
    .toSorted((a, b) => a.startMs - b.startMs);
}

async function addHits(
  hits: Map<number, Hit[]>,
  read: Reads,
  seen: KeypointsSeen,
  from: number,
  until: number,
): Promise<void> {
  const keys = new Set<number>();
  for (let keypoint = from; keypoint < until; keypoint++)
    for (const key of keypointKeys(seen.words, keypoint * descriptorWords)) keys.add(key);
  const found = await findPicturePostings(read, 'keypoint', [...keys], mostPlaces);
  for (let keypoint = from; keypoint < until; keypoint++) {
    // Several keys of one keypoint may lead to the same one of a work.
    const known = new Set<number>();
    for (const key of keypointKeys(seen.words, keypoint * descriptorWords)) {
      const postings = found.get(key);
      if (postings === undefined) continue;
      for (const [place, work] of postings.works.entries()) {
        const distance = wordsApart(seen.words, keypoint * descriptorWords, postings.lows, place * descriptorWords);
        if (distance > hitBits) continue;
        const spot = mustHave(postings.units[place], 'place of a keypoint');
        const name = work * 2 ** 16 + spot;
        const own = hits.get(work) ?? [];
        if (known.has(name) || own.length >= mostHits) continue;
        known.add(name);
        own.push({ keypoint, distance, ...unpackSpot(spot) });
        hits.set(work, own);
      }
    }
  }
}

const toFound = ({ work, startMs, endMs, matched, distance, place }: Placement & { work: number }): PictureFound => ({
  ...{ work, startMs, endMs, place, workStartMs: 0, workEndMs: 0, seen: matched, moves: false },
  // Of 128 bits, as if of 255.
  bestDistance: Math.round(2 * distance),
});
