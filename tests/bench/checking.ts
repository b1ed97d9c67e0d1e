import { join } from 'node:path';
import { createFfmpegTools } from '../../src/adapters/ffmpeg/ffmpeg-tools.ts';
import type { Outside } from '../../src/pipeline/ports/outside.ts';
import { readCatalog } from '../eval/registry.ts';
import { addWork } from '../support/works.ts';
import { startBenchDatabase } from './bench-database.ts';
import { atMost, type Bench, type BenchOptions, type Row } from './measure.ts';
import { makeLecture, makeSound } from './media-files.ts';
import { type DetectorFigures, inTurn, runDetector, speedRows } from './run-detector.ts';
import { postmasterOf } from './usage.ts';

const decoding = 'plain ffmpeg -f null';
const leastSound = 60;
const leastOfAll = 8;
/** Forty minutes in two. */
const leastOfLecture = 20;

/** The whole check of a recording, decoding and searching included, against plain decoding; and the memory that it takes. */
export const checking: Bench = {
  about: 'the whole check: an hour of sound on one processor, a 720p lecture on two',
  async measure(given) {
    const options = { ...given, runs: Math.min(given.runs, 3) };
    const { isQuick, folder } = options;
    const [soundSeconds, lectureSeconds, pictureSeconds] = isQuick ? [60, 20, 20] : [3_600, 2_400, 600];
    const sound = await makeSound(options, soundSeconds);
    const lecture = await makeLecture(options, lectureSeconds, false);
    const withFilm = await makeLecture(options, pictureSeconds, true);
    const bench = await startBenchDatabase(folder);
    try {
      await registerCatalog(options, bench);
      const checked = (path: string, processors: string) => () =>
        runDetector({ name: 'whole check', path, databaseUrl: bench.urls.server }, processors, postmasterOf(folder));
      const decoded = (path: string, processors: string) => () => runDetector({ name: decoding, path }, processors);
      const found = await inTurn(options, {
        'sound, decoded': decoded(sound, '0'),
        'sound, checked': checked(sound, '0'),
        'lecture, decoded': decoded(lecture, '0,1'),
        'lecture, checked': checked(lecture, '0,1'),
        'lecture with a film, decoded': decoded(withFilm, '0,1'),
        'lecture with a film, checked': checked(withFilm, '0,1'),
      });
      const speed = (what: 'sound' | 'lecture' | 'lecture with a film', amount: number) => ({
        amount,
        unit: 'x real time',
        peer: { name: decoding, figures: found[`${what}, decoded`] },
      });
      return [
        ...speedRows(`check of sound, ${minutesOf(soundSeconds)} min, one processor`, found['sound, checked'], {
          ...speed('sound', soundSeconds),
          least: { cpu: leastSound, clock: leastSound },
        }),
        ...speedRows('check of a 720p lecture, two processors', found['lecture, checked'], {
          ...speed('lecture', lectureSeconds),
          least: { clock: leastOfLecture },
        }),
        ...speedRows('check of a 720p lecture with a film, two processors', found['lecture with a film, checked'], {
          ...speed('lecture with a film', pictureSeconds),
          least: { clock: leastOfAll },
        }),
        ...memoryRows(`sound, ${minutesOf(soundSeconds)} min`, found['sound, checked']),
        ...memoryRows(`720p lecture, ${minutesOf(lectureSeconds)} min`, found['lecture, checked']),
        ...memoryRows(
          `720p lecture with a film, ${minutesOf(pictureSeconds)} min`,
          found['lecture with a film, checked'],
        ),
      ];
    } finally {
      await bench.stop();
    }
  },
};

const minutesOf = (seconds: number): number => Math.round(seconds / 6) / 10;

/** Puts the works of the media folder into the registry: three of them when quick. */
export async function registerCatalog(
  { media, isQuick }: BenchOptions,
  { database }: Pick<Outside, 'database'>,
): Promise<void> {
  const catalog = await readCatalog(media);
  for (const { work, file } of isQuick ? catalog.slice(0, 3) : catalog)
    await addWork({ database, media: createFfmpegTools() }, work, join(media, file));
}

const memoryRows = (what: string, { processMib, childMib }: DetectorFigures): Row[] => [
  atMost(`peak memory, ${what}: the process`, processMib, 'MiB', undefined),
  atMost(`peak memory, ${what}: its ffmpeg`, childMib, 'MiB', undefined),
];
