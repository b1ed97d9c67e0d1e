import { blockUnits, type Candidate, findCandidates } from '../../detection/candidates.ts';
import { chromaprintKeys } from '../../detection/chromaprint-keys.ts';
import { type PlacedKey, recordingLandmarks, unitFrames, unitMs } from '../../detection/landmarks.ts';
import type { PartsSeen, Place } from '../../detection/parts-seen.ts';
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
    await works.load([...found.values()].flatMap((postings) => [...new Set(postings.works)]));
    for (let part = from; part < until; part++) {
      const hash = parts.hash(part);
      const seen = new Set<string>();
      for (const key of pictureKeys(hash)) {
        const postings = found.get(key);
        if (postings === undefined) continue;
        postings.works.forEach((work, at) => {
          const unit = postings.units[at]!;
          const pictures = works.get(work);
          if (pictures === undefined || seen.has(`${work} ${unit}`)) return;
          seen.add(`${work} ${unit}`);
          for (const picture of picturesIn(pictures, unit)) {
            const distance = pictureDistance(hash, pictures, picture);
            if (distance === null) continue;
            const moment = {
              atMs: parts.atMs(part),
              workMs: pictures.timesMs[picture]!,
              distance,
              place: parts.place(part),
            };
            const others = moments.get(work);
            if (others === undefined) moments.set(work, [moment]);
            else others.push(moment);
          }
        });
      }
    }
  }
  const matches: PictureFound[] = [];
  await works.load([...moments.keys()]);
  for (const [work, of] of moments)
    matches.push(...matchPictures(of, works.get(work)!).map((match) => ({ ...match, work })));
  return matches.toSorted((a, b) => a.startMs - b.startMs);
}

/** The pictures of a work that stand in one unit of its time. */
function picturesIn({ timesMs }: WorkPictures, unit: number): number[] {
  const found: number[] = [];
  let [low, high] = [0, timesMs.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (Math.floor(timesMs[middle]! / unitMs) < unit) low = middle + 1;
    else high = middle;
  }
  for (let at = low; at < timesMs.length && Math.floor(timesMs[at]! / unitMs) === unit; at++) found.push(at);
  return found;
}
