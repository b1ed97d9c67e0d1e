import { chromaprintKeys, itemMs } from '../../src/detection/chromaprint-keys.ts';
import { type PlacedKey, workLandmarks } from '../../src/detection/landmarks.ts';
import { hashWords } from '../../src/detection/picture-hash.ts';
import type { WorkPictures } from '../../src/detection/picture-match.ts';
import { type Peak, pitches } from '../../src/detection/sound-map.ts';
import { workTriples } from '../../src/detection/triples.ts';
import { keysOf, type WorkPrints } from '../../src/pipeline/review/print-work.ts';
import type { KeyKind, PlacedPicture } from '../../src/pipeline/review/work-index.ts';
import { pick, seeded } from '../eval/sound.ts';

/** Works that nobody made, as many as wanted. The same number is always the same work. */
export interface WorkMaker {
  prints(number: number): WorkPrints;
  /** Calls back for every key of a work with its place, in units of 128 ms, and the low bits of a picture. */
  keys(number: number, take: (kind: KeyKind, key: number, unit: number, low?: PlacedPicture['low']) => void): void;
}

/** Four seconds: a whole number of frames (32 ms), of the 31 frames that peaks are chosen in, and of units (128 ms). */
const pieceFrames = 124;
const pieceUnits = 31;
const pieceMs = 3_968;
const nearestShift = 3;
const furthestShift = 20;

/** What a real work gives in four seconds, counted from where they begin. */
interface Piece {
  readonly peaks: readonly Peak[];
  /** Pairs of key and unit. */
  readonly landmarks: Uint32Array;
  readonly triples: Uint32Array;
  readonly items: Uint32Array;
}

/**
 * Makes works like real ones, by whose prints they are as long and have as many peaks, keys and pictures:
 *
 * - a real work's peaks and landmarks, in pieces of four seconds in another order, all of them 3 to 20 pitches higher or
 *   lower (round the end): its rhythms and intervals stay, also how often one comes again, and hardly a key does;
 * - Chromaprint items and pictures of two places anywhere in the real works, some bits of the one and the rest of the other;
 *   of pictures for each word again, or they would look like the real ones.
 */
export function createWorkMaker(real: readonly WorkPrints[]): WorkMaker {
  const models = real.map((prints) => ({ prints, pieces: piecesOf(prints) }));
  const items = models.flatMap(({ pieces }) => pieces.map((piece) => piece.items)).filter(({ length }) => length > 0);
  const hashes = real.flatMap(({ pictures }) => (pictures === null ? [] : hashesOf(pictures)));

  const plan = (number: number) => {
    const random = seeded(number);
    const { prints, pieces } = models[Math.floor(random() * models.length)]!;
    const steps = nearestShift + Math.floor(random() * (furthestShift - nearestShift + 1));
    const shift = random() < 0.5 ? steps : pitches - steps;
    return { prints, pieces: shuffled(pieces, random), shift, random: seeded(number + 2 ** 31) };
  };
  const mixItems = (pieces: readonly Piece[], random: () => number): Uint32Array =>
    Uint32Array.from(
      pieces.flatMap((piece) => {
        const [one, other] = [pick(random, items), pick(random, items)];
        const mask = random() * 2 ** 32;
        return Array.from(piece.items, (_, at) => (one[at % one.length]! & mask) | (other[at % other.length]! & ~mask));
      }),
    );
  const mixPictures = ({ timesMs }: WorkPictures, random: () => number): WorkPictures => {
    const mixed = new Uint32Array(timesMs.length * hashWords);
    let piece = -1;
    let words: { one: number; other: number; mask: number }[] = [];
    const bits = (picture: number, word: number) => hashes[picture % hashes.length]![word]!;
    for (let at = 0; at < timesMs.length; at++) {
      if (Math.floor(timesMs[at]! / pieceMs) !== piece) {
        piece = Math.floor(timesMs[at]! / pieceMs);
        const anywhere = () => Math.floor(random() * hashes.length);
        words = Array.from({ length: hashWords }, () => ({
          one: anywhere(),
          other: anywhere(),
          mask: random() * 2 ** 32,
        }));
      }
      for (const [word, { one, other, mask }] of words.entries())
        mixed[at * hashWords + word] = (bits(one + at, word) & mask) | (bits(other + at, word) & ~mask);
    }
    return { timesMs, hashes: mixed };
  };
  const picturesOf = ({ pictures }: WorkPrints, random: () => number) =>
    pictures === null ? null : mixPictures(pictures, random);

  return {
    prints(number) {
      const { prints, pieces, shift, random } = plan(number);
      return {
        ...prints,
        pictures: picturesOf(prints, random),
        chromaprint: prints.chromaprint && mixItems(pieces, random),
        peaks:
          prints.peaks &&
          pieces.flatMap(({ peaks }, at) =>
            peaks.map(({ frame, pitch, salience }) => ({
              frame: at * pieceFrames + frame,
              pitch: (pitch + shift) % pitches,
              salience,
            })),
          ),
      };
    },
    keys(number, take) {
      const { prints, pieces, shift, random } = plan(number);
      const pictures = picturesOf(prints, random);
      for (const { key, unit, low } of keysOf({ ...prints, peaks: null, chromaprint: null, pictures }).picture)
        take('picture', key, unit, low);
      if (prints.chromaprint !== null)
        for (const { key, unit } of chromaprintKeys(mixItems(pieces, random))) take('chromaprint', key, unit);
      for (const [at, { landmarks }] of pieces.entries())
        for (let i = 0; i < landmarks.length; i += 2) {
          const key = transposed(landmarks[i]!, shift);
          if (key >= 0) take('landmark', key, at * pieceUnits + landmarks[i + 1]!);
        }
      for (const [at, { triples }] of pieces.entries())
        for (let i = 0; i < triples.length; i += 2)
          take('triple', variedTriple(triples[i]!, random), at * pieceUnits + triples[i + 1]!);
    },
  };
}

/**
 * A triple of a work like the real one. Its intervals stay when a work is higher, so they are varied: or all made works
 * would hold the keys of a few real ones.
 */
function variedTriple(key: number, random: () => number): number {
  const bits = Math.floor(random() * 2 ** 30);
  const interval = (value: number, by: number) => Math.max(24, Math.min(104, value + (by % 13) - 6));
  const second = interval((key >>> 11) & 127, bits & 0xff);
  const third = interval((key >>> 4) & 127, (bits >>> 8) & 0xff);
  const place = Math.max(0, Math.min(15, (key & 15) + ((bits >>> 16) % 7) - 3));
  const region = ((key >>> 21) + ((bits >>> 20) & 15)) & 15;
  return (region << 21) | (key & (7 << 18)) | (second << 11) | (third << 4) | place;
}

/** A landmark at other pitches; -1 when only one of its two peaks goes round the end. */
function transposed(key: number, shift: number): number {
  const from = key >>> 13;
  const to = from + ((key >>> 6) & 127) - 64;
  const isRound = from + shift >= pitches;
  if (to + shift >= pitches !== isRound) return -1;
  return (key & 0x1fff) | ((from + shift - (isRound ? pitches : 0)) << 13);
}

function piecesOf(prints: WorkPrints): Piece[] {
  const peaks = prints.peaks ?? [];
  const items = prints.chromaprint ?? new Uint32Array();
  const landmarks = workLandmarks(peaks);
  const triples = workTriples(peaks);
  const count = Math.ceil(((peaks.at(-1)?.frame ?? -1) + 1) / pieceFrames);
  return Array.from({ length: count }, (_, at) => {
    // The index holds a key once for each unit.
    const placedIn = (keys: readonly PlacedKey[]) =>
      Uint32Array.from(
        [
          ...new Map(
            keys
              .filter(({ unit }) => Math.floor(unit / pieceUnits) === at)
              .map(({ key, unit }) => [`${key} ${unit}`, [key, unit - at * pieceUnits]]),
          ).values(),
        ].flat(),
      );
    return {
      peaks: peaks
        .filter(({ frame }) => Math.floor(frame / pieceFrames) === at)
        .map((peak) => ({ ...peak, frame: peak.frame - at * pieceFrames })),
      landmarks: placedIn(landmarks),
      triples: placedIn(triples),
      items: items.slice(Math.ceil((at * pieceMs) / itemMs), Math.ceil(((at + 1) * pieceMs) / itemMs)),
    };
  });
}

const hashesOf = ({ timesMs, hashes }: WorkPictures): Uint32Array[] =>
  Array.from(timesMs, (_, at) => hashes.subarray(at * hashWords, (at + 1) * hashWords));

function shuffled<T>(values: readonly T[], random: () => number): T[] {
  const out = [...values];
  for (let at = out.length - 1; at > 0; at--) {
    const other = Math.floor(random() * (at + 1));
    [out[at], out[other]] = [out[other]!, out[at]!];
  }
  return out;
}
