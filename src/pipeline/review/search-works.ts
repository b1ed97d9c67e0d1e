import { blockUnits, type Candidate, findCandidates } from '../../detection/candidates.ts';
import { chromaprintKeys } from '../../detection/chromaprint-keys.ts';
import { type PlacedKey, recordingLandmarks, unitFrames, unitMs } from '../../detection/landmarks.ts';
import type { PartsSeen, Place } from '../../detection/parts-seen.ts';
import { lowDistance, mayMatch, type PictureGuess, type PicturePostings } from '../../detection/picture-candidates.ts';
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
import { leastStrength, soundMatch, strongestMatches, type WorkMatch } from '../../detection/sound-match.ts';
import { recordingTriples } from '../../detection/triples.ts';
import { mustHave } from '../../domain/must-have.ts';
import type { Outside } from '../ports/outside.ts';
import { createWorkCache } from './work-cache.ts';
import { findPicturePostings, findPostings, lastUnit, type SoundKind } from './work-index.ts';
import { picturesFromBytes } from './work-prints.ts';

type Reads = Outside['database']['read'];

/** One query covers a minute; blocks that begin in it reach beyond. */
const stretchUnits = Math.round(60_000 / unitMs);
const reachUnits = blockUnits + 1;
const mostPlaces = 2_000_000;
/** Of each kind of key of sound in a minute: together about as many as its blocks look at (`findCandidates`). */
const mostPlacesOfSound = 600_000;
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
  const asked: { kind: SoundKind; votes: number; keysIn: (from: number, until: number) => PlacedKey[] }[] = [
    { kind: 'landmark', votes: 1, keysIn: (from, until) => recordingLandmarks(map.peaks, from, until) },
    { kind: 'triple', votes: 2, keysIn: (from, until) => recordingTriples(map.peaks, from, until) },
    {
      kind: 'chromaprint',
      votes: 1,
      keysIn: (from, until) => items.filter(({ unit }) => unit >= from && unit < until),
    },
  ];
  const works = createWorkCache(read);
  const matches: WorkMatch[] = [];
  const last = Math.max(Math.floor((map.peaks.at(-1)?.frame ?? -1) / unitFrames), items.at(-1)?.unit ?? -1);
  const least = leastStrength(last + 1, await unitsOfWorks(read));
  for (let from = 0; from <= last; from += stretchUnits) {
    signal.throwIfAborted();
    const candidates = findCandidates(
      await Promise.all(
        asked.map(async ({ kind, votes, keysIn }) => {
          const keys = keysIn(from, from + stretchUnits + reachUnits);
          const found = await findPostings(read, kind, [...new Set(keys.map(({ key }) => key))], mostPlacesOfSound);
          return { keys, found, votes };
        }),
      ),
      from,
    );
    await works.load(candidates.map(({ work }) => work));
    for (const candidate of candidates) {
      if (isFound(matches, candidate)) continue;
      const sound = works.get(candidate.work);
      const match = sound === undefined ? null : soundMatch(map, sound, candidate, least);
      if (match !== null) matches.push({ ...match, work: candidate.work });
    }
  }
  return strongestMatches(matches);
}

/** All that sounds in the registry, in units of 128 ms. */
async function unitsOfWorks(read: Reads): Promise<number> {
  const [row] = await read.$queryRaw<{ ms: bigint | null }[]>`
    SELECT sum("durationMs")::bigint AS ms FROM work WHERE sound IS NOT NULL`;
  return Number(row?.ms ?? 0) / unitMs;
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

/** Hashes in one query. */
const hashesAtOnce = 3_000;
/** Works whose pictures are held at once, 18 kB for each minute of a film. */
const worksAtOnce = 200;

/** A hash, and the parts of the recording that have it. */
interface Shown {
  readonly hash: PictureHash;
  readonly parts: number[];
}

/** The index entries of a hash. */
type Guess = PictureGuess & { readonly shown: Shown };

/** Every stretch of one video stream that shows a registered work, as a whole or in a part of the picture. */
export async function searchPictures(read: Reads, parts: PartsSeen, signal: AbortSignal): Promise<PictureFound[]> {
  const shown = differentHashes(parts);
  const guesses = new Map<number, Guess[]>();
  for (let from = 0; from < shown.length; from += hashesAtOnce) {
    signal.throwIfAborted();
    const asked = shown.slice(from, from + hashesAtOnce);
    const keys = new Set(asked.flatMap(({ hash }) => pictureKeys(hash)));
    const found = await findPicturePostings(read, 'picture', [...keys], mostPlaces);
    for (const each of asked) addGuesses(guesses, each, found, parts);
  }
  const promising = [...guesses].filter(([, of]) => mayMatch(of)).map(([work]) => work);
  const matches: PictureFound[] = [];
  for (let from = 0; from < promising.length; from += worksAtOnce) {
    signal.throwIfAborted();
    const works = await read.work.findMany({
      where: { number: { in: promising.slice(from, from + worksAtOnce) } },
      select: { number: true, pictures: true },
    });
    for (const { number: work, pictures: bytes } of works) {
      const pictures = picturesFromBytes(mustHave(bytes, 'picture of a work that was found by its pictures'));
      const own = mustHave(guesses.get(work), 'guess at a work that was asked for because of one');
      const moments = own.flatMap((guess) => momentsOf(guess, pictures, parts));
      matches.push(...matchPictures(moments, pictures).map((match) => ({ ...match, work })));
    }
  }
  return matches.toSorted((a, b) => a.startMs - b.startMs);
}

/** A picture that stands still gives the same hash again and again: the search looks for it once. */
function differentHashes(parts: PartsSeen): Shown[] {
  const byName = new Map<string, Shown>();
  for (let part = 0; part < parts.count; part++) {
    const hash = parts.hash(part);
    const name = hash.join(' ');
    const same = byName.get(name);
    if (same === undefined) byName.set(name, { hash, parts: [part] });
    else same.parts.push(part);
  }
  return [...byName.values()];
}

function addGuesses(
  guesses: Map<number, Guess[]>,
  shown: Shown,
  found: ReadonlyMap<number, PicturePostings>,
  parts: PartsSeen,
): void {
  const atMs = shown.parts.map((part) => parts.atMs(part));
  // Several keys of one hash may lead to the same picture.
  const known = new Set<number>();
  for (const key of pictureKeys(shown.hash)) {
    const postings = found.get(key);
    if (postings === undefined) continue;
    for (let place = 0; place < postings.works.length; place++) {
      const distance = lowDistance(shown.hash, postings, place);
      if (distance === null) continue;
      // biome-ignore lint/style/noNonNullAssertion: the loop ends with both lists, which are equally long
      const [work, unit] = [postings.works[place]!, postings.units[place]!];
      const name = work * (lastUnit + 1) + unit;
      if (known.has(name)) continue;
      known.add(name);
      const others = guesses.get(work);
      const guess = { shown, atMs, unit, distance };
      if (others === undefined) guesses.set(work, [guess]);
      else others.push(guess);
    }
  }
}

/** The moments at which a guess at a work is right. */
function momentsOf({ shown, unit }: Guess, pictures: WorkPictures, parts: PartsSeen): Moment<Place>[] {
  const moments: Moment<Place>[] = [];
  const { timesMs } = pictures;
  for (let picture = firstOf(pictures, unit); ; picture++) {
    const workMs = timesMs[picture];
    if (workMs === undefined || unitOf(workMs) !== unit) break;
    const distance = pictureDistance(shown.hash, pictures, picture);
    if (distance === null) continue;
    for (const part of shown.parts)
      moments.push({ atMs: parts.atMs(part), workMs, distance, place: parts.place(part) });
  }
  return moments;
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
