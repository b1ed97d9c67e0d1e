import { chromaprintKeys } from '../../detection/chromaprint-keys.ts';
import { descriptorWords } from '../../detection/keypoints/descriptor.ts';
import { keypointKeys, packSpot } from '../../detection/keypoints/placements.ts';
import {
  groundGreys,
  keypointsOf,
  over,
  type StillPicture,
  type WorkKeypoints,
} from '../../detection/keypoints/work-keypoints.ts';
import { type PlacedKey, unitMs, workLandmarks } from '../../detection/landmarks.ts';
import { lowWords } from '../../detection/picture-candidates.ts';
import type { GreyPicture } from '../../detection/picture-hash.ts';
import { hashPart, hashWords, sumUp, withoutMargins } from '../../detection/picture-hash.ts';
import { pictureKeys, type WorkPictures } from '../../detection/picture-match.ts';
import { createSoundMapper, type Peak } from '../../detection/sound-map.ts';
import { workTriples } from '../../detection/triples.ts';
import type { WorkKind } from '../../domain/detection-rules.ts';
import { Refusal } from '../../domain/errors.ts';
import { mustHave } from '../../domain/must-have.ts';
import type { MediaSource } from '../ports/media.ts';
import type { Outside } from '../ports/outside.ts';
import type { PlacedPicture } from './work-index.ts';

/** The prints of a work. */
export interface WorkPrints {
  readonly kind: WorkKind;
  readonly durationMs: number;
  readonly chromaprint: Uint32Array | null;
  readonly peaks: readonly Peak[] | null;
  readonly pictures: WorkPictures | null;
  /** Of a still picture. */
  readonly keypoints: WorkKeypoints | null;
}

/** A film is looked at this often, so that whatever moment a recording shows of it, one of ours is near. */
const picturesPerSecond = 8;

/**
 * Takes the prints of a work: of its first sound stream, and of its first video stream or the still picture that it is.
 * A damaged work is refused: it would be found badly for ever.
 * @throws Refusal `NOT_MEDIA`.
 */
export async function printWork(
  media: Outside['media'],
  source: MediaSource,
  options: { signal: AbortSignal },
): Promise<WorkPrints> {
  const still = await media.still(source, options).catch((error: unknown) => {
    if (error instanceof Refusal && error.code === 'NOT_MEDIA') return null;
    throw error;
  });
  if (still !== null) return printStill(still);
  const probe = await media.probe(source, options);
  const mappers = new Map<number, ReturnType<typeof createSoundMapper>>();
  const films = new Map<number, ReturnType<typeof collectPictures>>();
  const features = await media.analyse(source, probe, {
    ...options,
    watcher: {
      picturesPerSecond,
      sound(stream) {
        const mapper = createSoundMapper();
        mappers.set(stream, mapper);
        return mapper.push;
      },
      picture(stream) {
        const film = collectPictures();
        films.set(stream, film);
        return film.see;
      },
    },
  });
  const damage = features.notAnalysed.find(({ stream }) => stream === null || mappers.has(stream) || films.has(stream));
  if (damage !== undefined) throw damagedWork(damage.why);
  const heard = features.fingerprints.find(({ silent }) => !silent);
  const pictures = [...films.values()][0]?.end() ?? null;
  const peaks =
    heard === undefined ? null : mustHave(mappers.get(heard.stream), 'map of a stream that was heard').end().peaks;
  if ((peaks === null || peaks.length === 0) && (pictures === null || pictures.timesMs.length === 0))
    throw nothingToFind();
  return {
    kind: pictures === null ? 'sound' : 'film',
    durationMs: features.analysedDurationMs,
    chromaprint: heard?.fingerprint ?? null,
    peaks,
    pictures,
    keypoints: null,
  };
}

function printStill(picture: StillPicture): WorkPrints {
  const pictures = groundGreys.map((ground) => {
    const film = collectPictures();
    film.see(over(picture, ground), 0);
    return film.end();
  });
  // White writing is nothing on white.
  const shown = pictures.find(({ timesMs }) => timesMs.length > 0);
  if (shown === undefined) throw nothingToFind();
  const keypoints = keypointsOf(picture);
  return { kind: 'picture', durationMs: 0, chromaprint: null, peaks: null, pictures: shown, keypoints };
}

function collectPictures() {
  const times: number[] = [];
  const hashes: number[] = [];
  return {
    see(picture: GreyPicture, atMs: number) {
      const hash = hashPart(sumUp(picture), withoutMargins(picture));
      if (hash === null) return;
      times.push(atMs);
      hashes.push(...hash);
    },
    end: (): WorkPictures => ({ timesMs: Uint32Array.from(times), hashes: Uint32Array.from(hashes) }),
  };
}

/** The keys by which the index finds a work, by kind. */
export function keysOf({ chromaprint, peaks, pictures, keypoints }: WorkPrints): {
  readonly chromaprint: readonly PlacedKey[];
  readonly keypoint: readonly PlacedPicture[];
  readonly landmark: readonly PlacedKey[];
  readonly picture: readonly PlacedPicture[];
  readonly triple: readonly PlacedKey[];
} {
  return {
    chromaprint: chromaprint === null ? [] : chromaprintKeys(chromaprint),
    keypoint: keypoints === null ? [] : placedKeypoints(keypoints),
    landmark: peaks === null ? [] : workLandmarks(peaks),
    picture: pictures === null ? [] : placedPictures(pictures),
    triple: peaks === null ? [] : workTriples(peaks),
  };
}

function placedPictures({ timesMs, hashes }: WorkPictures): PlacedPicture[] {
  return [...timesMs].flatMap((timeMs, at) => {
    const hash = hashes.subarray(at * hashWords, (at + 1) * hashWords);
    const unit = Math.floor(timeMs / unitMs);
    return pictureKeys(hash).map((key) => ({ key, unit, low: hash.subarray(0, lowWords) }));
  });
}

function placedKeypoints({ steps, xs, ys, words }: WorkKeypoints): PlacedPicture[] {
  return [...steps].flatMap((step, at) => {
    const unit = packSpot(step, mustHave(xs[at], 'x'), mustHave(ys[at], 'y'));
    const low = words.subarray(at * descriptorWords, (at + 1) * descriptorWords);
    return keypointKeys(words, at * descriptorWords).map((key) => ({ key, unit, low }));
  });
}

const damagedWork = (why: string): Refusal =>
  new Refusal('NOT_MEDIA', {
    message: why,
    reasons: [{ code: 'WORK_DAMAGED' }],
  });

export const nothingToFind = (): Refusal =>
  new Refusal('NOT_MEDIA', {
    reasons: [{ code: 'NOTHING_TO_FIND' }],
  });
