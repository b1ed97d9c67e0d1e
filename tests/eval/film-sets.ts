import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFfmpegTools } from '../../src/adapters/ffmpeg/ffmpeg-tools.ts';
import { watchRecording } from '../../src/pipeline/review/watch-recording.ts';
import { bufferSource } from '../support/media.ts';
import { debianRoot } from './notice-texts.ts';
import type { EvalOptions, PartResult } from './parts.ts';
import {
  lecturesOf,
  makeCleanCase,
  makeFilmCase,
  type PictureCase,
  type PictureCodec,
  pictureCodecs,
  places,
} from './picture-cases.ts';
import type { CatalogWork } from './registry.ts';
import { failures, type Scored } from './score.ts';
import { type ScreenSetName, screensWithoutFilm } from './screen-cases.ts';
import { throughFfmpeg } from './sound.ts';

interface FilmSet {
  /** Below the media folder, or `debianRoot` if they begin with `usr/`, with their length in seconds. */
  readonly films: readonly (readonly [file: string, seconds: number])[];
  /** Photographs of which films are made: the camera moves over each, and they cut or fade. */
  readonly photos: readonly string[];
  readonly seed: number;
}

const wallpaper = (name: string) => `usr/share/wallpapers/${name}/contents/images/2560x1600.jpg`;
const nature = (name: string) => `usr/share/backgrounds/mate/nature/${name}.jpg`;
const example = (name: string) => `usr/share/doc/opencv-doc/examples/data/${name}`;

/**
 * Films of the media folder, of Debian's `opencv-doc`, and of photographs of `mate-backgrounds`, `opencv-doc` and
 * `plasma-workspace-wallpapers`. Thresholds were set on the first set; none on the second.
 */
const sets: Readonly<Record<ScreenSetName, FilmSet>> = {
  tuned: {
    films: [
      ['refs/big_buck_bunny_trailer.mp4', 32],
      ['refs/chaplin_10s.mp4', 9.6],
      ['refs/renpy_oa4_launch.webm', 8],
    ],
    photos: ['Garden', 'Dune', 'Wood', 'Aqua', 'TwoWings', 'Storm', 'YellowFlower', 'FreshFlower'].map(nature),
    seed: 5_000,
  },
  fresh: {
    films: [[example('Megamind.avi'), 11.2]],
    photos: [
      ...['fruits.jpg', 'home.jpg', 'building.jpg', 'leuvenA.jpg', 'aloeL.jpg', 'stuff.jpg'].map(example),
      ...['Autumn', 'EveningGlow', 'FallenLeaf', 'ColorfulCups'].map(wallpaper),
    ],
    seed: 9_000,
  },
};

/** Films as such, registered or not, on the set that no threshold was set on. */
export const evaluateFilmsAsSuch = (options: EvalOptions): Promise<PartResult> => evaluateSet(options, 'fresh');

/** The same of the set that the detector was made with. */
export const evaluateFilmsAsSuchTuned = (options: EvalOptions): Promise<PartResult> => evaluateSet(options, 'tuned');

async function evaluateSet({ media, isQuick, say }: EvalOptions, set: ScreenSetName): Promise<PartResult> {
  const folder = await mkdtemp(join(tmpdir(), 'emanet-films-'));
  const tools = createFfmpegTools();
  const cases: Scored[] = [];
  let [seconds, tookMs] = [0, 0];
  try {
    for await (const made of allCases(media, set, isQuick, folder)) {
      const started = performance.now();
      const { watcher, end } = watchRecording();
      const source = bufferSource(made.bytes);
      await tools.analyse(source, await tools.probe(source), { watcher: { picture: watcher.picture! } });
      tookMs += performance.now() - started;
      seconds += made.seconds;
      cases.push({
        case: made.name,
        condition: made.condition,
        seconds: made.seconds,
        truth: made.truth.map((each) => ({ ...each, what: 'film' })),
        said: [...end().films.values()]
          .flat()
          .map(({ startMs, endMs }) => ({ what: 'film', start: startMs / 1_000, end: endMs / 1_000 })),
      });
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  for (const failure of failures(cases)) say(`  ${failure}`);
  return {
    name: set === 'fresh' ? 'films as such' : 'films as such that thresholds were set on',
    about: 'films of 5 to 20 s that nobody registered, and screens and cameras without any',
    methods: { Emanet: cases },
    speed: seconds / (tookMs / 1_000),
  };
}

async function* allCases(
  media: string,
  set: ScreenSetName,
  isQuick: boolean,
  folder: string,
): AsyncGenerator<PictureCase> {
  const { films, photos, seed } = sets[set];
  const codecs = Object.keys(pictureCodecs) as PictureCodec[];
  const made = await Promise.all(
    [0, 1].map(async (at) => ({
      film: {
        work: at === 0 ? 'photographs that cut' : 'photographs that fade',
        file: await filmOfPhotos(photos, at === 1, folder),
        type: 'film' as const,
      },
      filmSeconds: photos.length * shotSeconds - 1,
      kind: 'a film of photographs',
    })),
  );
  const given = films.map(([file, filmSeconds]) => ({
    film: {
      work: file.split('/').at(-1)!,
      file: join(file.startsWith('usr/') ? debianRoot : media, file),
      type: 'film' as const,
    } satisfies CatalogWork,
    filmSeconds,
    kind: 'a film',
  }));
  let turn = 0;
  for (const place of places)
    for (const { film, filmSeconds, kind } of [...given, ...made])
      for (const length of isQuick ? [8] : [5, 8, 11, 20]) {
        turn += 1;
        // A longer one would be the same again.
        if (length > filmSeconds) continue;
        const codec = codecs[turn % codecs.length]!;
        const options = { media, film, filmSeconds, place, seconds: length, codec, seed: seed + turn };
        yield { ...(await makeFilmCase(options)), condition: kind };
      }
  for (const [at, lecture] of lecturesOf(media).entries())
    yield { ...(await makeCleanCase(lecture, codecs[at % codecs.length]!, isQuick ? 20 : 90)), condition: 'lectures' };
  yield* screensWithoutFilm(media, set, isQuick);
}

/** Each photograph is shown for so long. */
const shotSeconds = 3;

/** A film in which the camera moves over one photograph after the other, nearer or further; they cut, or fade for 0.8 s. */
async function filmOfPhotos(photos: readonly string[], fades: boolean, folder: string): Promise<string> {
  const file = join(folder, `${fades}.mp4`);
  const lasts = fades ? shotSeconds + 0.8 : shotSeconds;
  const shots = photos.map((_, at) => {
    const near = at % 2 === 0 ? `1.1+0.1*on/${15 * lasts}` : `1.25-0.1*on/${15 * lasts}`;
    const across = at % 3 === 0 ? `(iw-iw/zoom)*on/${15 * lasts}` : '(iw-iw/zoom)/2';
    return `[${at}:v]scale=1280:720:force_original_aspect_ratio=increase,crop=1280:720,zoompan=z='${near}':x='${across}':y='(ih-ih/zoom)/2':d=${Math.round(15 * lasts)}:s=640x360:fps=15,setsar=1,format=yuv420p[s${at}]`;
  });
  const joined = fades
    ? photos
        .slice(1)
        .map(
          (_, at) =>
            `[${at === 0 ? 's0' : `f${at}`}][s${at + 1}]xfade=transition=fade:duration=0.8:offset=${(at + 1) * shotSeconds}[f${at + 1}]`,
        )
        .join(';')
    : `${photos.map((_, at) => `[s${at}]`).join('')}concat=n=${photos.length}[f${photos.length - 1}]`;
  await throughFfmpeg([
    ...photos.flatMap((photo) => ['-i', join(debianRoot, photo)]),
    ...['-filter_complex', `${shots.join(';')};${joined}`, '-map', `[f${photos.length - 1}]`],
    ...['-c:v', 'libx264', '-preset', 'veryfast', '-crf', '23', '-y', file],
  ]);
  return file;
}
