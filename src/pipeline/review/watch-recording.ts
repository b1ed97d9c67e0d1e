import { createFilmFinder, type FilmFinder, type FilmStretch } from '../../detection/film.ts';
import { createStandingKeypoints, type KeypointsSeen } from '../../detection/keypoints/standing-keypoints.ts';
import { findMusic, type MusicStretch } from '../../detection/music.ts';
import { createMusicFeatures } from '../../detection/music-features.ts';
import { musicModel } from '../../detection/music-model.ts';
import { PartsSeen } from '../../detection/parts-seen.ts';
import { createPartFinder } from '../../detection/picture-parts.ts';
import { createSoundMapper, type SoundMap } from '../../detection/sound-map.ts';
import type { MediaWatcher, NotAnalysed } from '../ports/media.ts';

/** What was heard and seen in a recording, stream by stream. */
export interface Watched {
  readonly sounds: ReadonlyMap<number, SoundMap>;
  readonly music: ReadonlyMap<number, readonly MusicStretch[]>;
  readonly pictures: ReadonlyMap<number, PartsSeen>;
  readonly keypoints: ReadonlyMap<number, KeypointsSeen>;
  readonly films: ReadonlyMap<number, readonly FilmStretch[]>;
}

/** What was too much to be compared with registered pictures by its parts. */
export const notSearched = ({ keypoints }: Pick<Watched, 'keypoints'>, endMs: number): NotAnalysed[] =>
  [...keypoints].flatMap(([stream, { fullSinceMs }]) =>
    fullSinceMs === null
      ? []
      : [{ stream, startMs: fullSinceMs, endMs: Math.max(endMs, fullSinceMs), why: 'PARTS_NOT_SEARCHED' as const }],
  );

/** Takes in the output of decoding a recording. `end` is called once, after it. Pages are also given to `page`. */
export function watchRecording(page?: NonNullable<MediaWatcher['page']>): {
  readonly watcher: MediaWatcher;
  end(): Watched;
} {
  const heard = new Map<number, ReturnType<typeof listen>>();
  const pictures = new Map<number, PartsSeen>();
  const films = new Map<number, FilmFinder>();
  const keypoints = new Map<number, KeypointsSeen>();
  const ended = <Value>(take: (each: ReturnType<typeof listen>) => Value) =>
    new Map([...heard].map(([stream, each]) => [stream, take(each)]));
  return {
    watcher: {
      page(stream) {
        const standing = createStandingKeypoints();
        keypoints.set(stream, standing.seen);
        const read = page?.(stream);
        return async (picture, atMs) => {
          standing.push(picture, atMs);
          await read?.(picture, atMs);
        };
      },
      sound(stream) {
        const listener = listen();
        heard.set(stream, listener);
        return listener.push;
      },
      picture(stream) {
        const finder = createPartFinder();
        const seen = new PartsSeen();
        const film = createFilmFinder();
        pictures.set(stream, seen);
        films.set(stream, film);
        let count = 0;
        return (picture, atMs) => {
          seen.seePicture(atMs);
          const { parts } = finder.push(picture);
          for (const part of parts) seen.add(part);
          const boxes = parts.filter((part) => part.picture === count).map(({ box }) => box);
          film.push(picture, boxes, atMs);
          count += 1;
        };
      },
    },
    end: () => ({
      sounds: ended(({ map }) => map()),
      music: ended(({ music }) => music()),
      pictures,
      keypoints,
      films: new Map([...films].map(([stream, film]) => [stream, film.end()])),
    }),
  };
}

function listen() {
  const features = createMusicFeatures();
  const mapper = createSoundMapper(features.push);
  return { push: mapper.push, map: mapper.end, music: () => findMusic(features.end(), musicModel) };
}
