import { blockUnits, type Candidate, findCandidates, type Postings } from '../../detection/candidates.ts';
import { chromaprintKeys } from '../../detection/chromaprint-keys.ts';
import { type PlacedKey, recordingLandmarks, unitFrames, unitMs } from '../../detection/landmarks.ts';
import type { PartsSeen, Place } from '../../detection/parts-seen.ts';
import type { PictureHash } from '../../detection/picture-hash.ts';
import {
  type Moment,
  matchPictures,
  type PictureMatch,
  pictureDistance,
  pictureKeys,
  type WorkPictures,
} from '../../detection/picture-match.ts';
import type { SoundMap } from '../../detection/sound-map.ts';
import { soundMatch, strongestMatches, type WorkMatch } from '../../detection/sound-match.ts';
import type { Outside } from '../ports.ts';
import { createWorkCache } from './work-cache.ts';
import { findPostings, type KeyKind } from './work-index.ts';
import { picturesFromBytes, soundFromBytes } from './work-prints.ts';

type Reads = Outside['database']['read'];

/** A minute is asked for at once; blocks that begin in it reach beyond. */
const stretchUnits = Math.round(60_000 / unitMs);
const reachUnits = blockUnits + 1;
const mostPlaces = 2_000_000;
/** Guesses this close to a match that was found are not checked again. */
const sameUnits = 4;

/** Every stretch of one sound stream that sounds like a registered work. */
export async function searchSound(
  read: Reads,
  map: SoundMap,
  chromaprint: Uint32Array | undefined,
  signal: AbortSignal,
): Promise<WorkMatch[]> {
  const items = chromaprintKeys(chromaprint ?? new Uint32Array());
  const asked: { kind: KeyKind; keysIn: (from: number, until: number) => PlacedKey[] }[] = [
    { kind: 'landmark', keysIn: (from, until) => recordingLandmarks(map.peaks, from, until) },
    { kind: 'chromaprint', keysIn: (from, until) => items.filter(({ unit }) => unit >= from && unit < until) },
  ];
  const works = createWorkCache(read, 'sound', soundFromBytes);
  const matches: WorkMatch[] = [];
  const last = Math.max(Math.floor((map.peaks.at(-1)?.frame ?? -1) / unitFrames), items.at(-1)?.unit ?? -1);
  for (let from = 0; from <= last; from += stretchUnits) {
    signal.throwIfAborted();
    const candidates = findCandidates(
      await Promise.all(
        asked.map(async ({ kind, keysIn }) => {
          const keys = keysIn(from, from + stretchUnits + reachUnits);
          const found = await findPostings(read, kind, [...new Set(keys.map(({ key }) => key))], mostPlaces);
          return { keys, found };
        }),
      ),
      from,
    );
    await works.load(candidates.map(({ work }) => work));
    for (const candidate of candidates) {
      if (isFound(matches, candidate)) continue;
      const sound = works.get(candidate.work);
      const match = sound === undefined ? null : soundMatch(map, sound, candidate);
      if (match !== null) matches.push({ ...match, work: candidate.work });
    }
  }
  return strongestMatches(matches);
}

function isFound(matches: readonly WorkMatch[], { work, unit, ahead }: Candidate): boolean {
  const atMs = unit * unitMs;
  return matches.some(
    (match) =>
      match.work === work &&
      atMs >= match.startMs &&
      atMs <= match.endMs &&
      Math.abs((match.workStartMs - match.startMs) / unitMs - ahead) <= sameUnits,
  );
}

export type PictureFound = PictureMatch<Place> & { readonly work: number };

/** Parts that are asked for at once. */
const partsAtOnce = 6_000;

/** Every stretch of one video stream that shows a registered work, as a whole or in a part of the picture. */
export async function searchPictures(read: Reads, parts: PartsSeen, signal: AbortSignal): Promise<PictureFound[]> {
  const works = createWorkCache(read, 'pictures', picturesFromBytes);
  const moments = new Map<number, Moment<Place>[]>();
  for (let from = 0; from < parts.count; from += partsAtOnce) {
    signal.throwIfAborted();
    const until = Math.min(parts.count, from + partsAtOnce);
    const keys = new Set<number>();
    for (let part = from; part < until; part++) for (const key of pictureKeys(parts.hash(part))) keys.add(key);
    const found = await findPostings(read, 'picture', [...keys], mostPlaces);
    const wanted = new Set<number>();
    for (const postings of found.values()) for (const work of postings.works) wanted.add(work);
    await works.load([...wanted]);
    const similar = createSimilarPictures(found, works.get);
    for (let part = from; part < until; part++) {
      for (const { work, workMs, distance } of similar(parts.hash(part))) {
        const moment = { atMs: parts.atMs(part), workMs, distance, place: parts.place(part) };
        const others = moments.get(work);
        if (others === undefined) moments.set(work, [moment]);
        else others.push(moment);
      }
    }
  }
  const matches: PictureFound[] = [];
  await works.load([...moments.keys()]);
  for (const [work, of] of moments)
    matches.push(...matchPictures(of, works.get(work)!).map((match) => ({ ...match, work })));
  return matches.toSorted((a, b) => a.startMs - b.startMs);
}

interface SimilarPicture {
  readonly work: number;
  readonly workMs: number;
  readonly distance: number;
}

/** Which pictures of works are close to a hash. A picture that stands still gives the same hash again and again: looked for once. */
function createSimilarPictures(
  found: ReadonlyMap<number, Postings>,
  picturesOf: (work: number) => WorkPictures | undefined,
): (hash: PictureHash) => readonly SimilarPicture[] {
  const known = new Map<string, SimilarPicture[]>();
  const lookFor = (hash: PictureHash): SimilarPicture[] => {
    const similar: SimilarPicture[] = [];
    for (const key of pictureKeys(hash)) {
      const postings = found.get(key);
      if (postings === undefined) continue;
      const { works, units } = postings;
      for (let at = 0; at < works.length; at++) {
        const work = works[at]!;
        const pictures = picturesOf(work);
        if (pictures === undefined) continue;
        const unit = units[at]!;
        const { timesMs } = pictures;
        for (let picture = firstOf(pictures, unit); unitOf(timesMs[picture]) === unit; picture++) {
          const distance = pictureDistance(hash, pictures, picture);
          if (distance === null) continue;
          const workMs = timesMs[picture]!;
          // Several keys of one hash may lead to the same picture.
          if (!similar.some((other) => other.work === work && other.workMs === workMs))
            similar.push({ work, workMs, distance });
        }
      }
    }
    return similar;
  };
  return (hash) => {
    const name = hash.join(' ');
    const similar = known.get(name) ?? lookFor(hash);
    known.set(name, similar);
    return similar;
  };
}

const unitOf = (timeMs: number | undefined): number => Math.floor((timeMs ?? Infinity) / unitMs);

/** The first picture of a work that stands in this unit of its time or behind it. */
function firstOf({ timesMs }: WorkPictures, unit: number): number {
  let [low, high] = [0, timesMs.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (unitOf(timesMs[middle]) < unit) low = middle + 1;
    else high = middle;
  }
  return low;
}
