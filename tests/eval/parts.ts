import { join } from 'node:path';
import { createFfmpegTools } from '../../src/adapters/ffmpeg/ffmpeg-tools.ts';
import { soundRate } from '../../src/detection/sound-map.ts';
import { bufferSource } from '../support/media.ts';
import { preparePlainChromaprint, signatureFilter } from './baselines.ts';
import {
  lecturesOf,
  makeCleanCase,
  makeFilmCase,
  type PictureCase,
  type PictureCodec,
  pictureCodecs,
  places,
} from './picture-cases.ts';
import {
  audibleWorks,
  type LabelledCase,
  openRegistry,
  type Registry,
  readCatalog,
  readLabelled,
  readSource,
  visibleWorks,
} from './registry.ts';
import type { Said, Scored, Truth } from './score.ts';
import { encodeSound, mixRate, type SoundCodec, seeded, soundCodecs } from './sound.ts';
import { conditions, loadSoundMaterial, makeSoundCase, speechBed, widerSpeeds } from './sound-cases.ts';

export interface EvalOptions {
  readonly media: string;
  /** Few cases: shows that it works, says little about the detectors. */
  readonly isQuick: boolean;
  readonly say: (line: string) => void;
}

/** What one part measured: the same cases, by each method. */
export interface PartResult {
  readonly name: string;
  readonly about: string;
  readonly methods: Readonly<Record<string, readonly Scored[]>>;
  /** Seconds of media searched in a second of wall time. */
  readonly speed: number;
}

const ours = 'Emanet';
const toSaid = ({ work, startMs, endMs }: { work: string; startMs: number; endMs: number }): Said => ({
  what: work,
  start: startMs / 1000,
  end: endMs / 1000,
});

/** The labelled lessons that come with the media: `eval/truth.json`. */
export async function evaluateLabelled({ media, say }: EvalOptions): Promise<PartResult> {
  const catalog = await readCatalog(media);
  const registry = await openRegistry(media, catalog);
  const plain = await preparePlainChromaprint(media, catalog);
  const cases = await readLabelled(media);
  const [heard, seen, byPlain]: Scored[][] = [[], [], []];
  let [seconds, tookMs] = [0, 0];
  try {
    for (const labelled of cases) {
      const { file, duration } = labelled;
      const searched = await registry.search(await readSource(join(media, 'eval', file)));
      seconds += duration;
      tookMs += searched.tookMs;
      const truthOf = (of: LabelledCase['segments']): Truth[] =>
        of.map(({ work, start, end }) => ({ what: work, start, end }));
      const audible = truthOf(audibleWorks(labelled));
      const visible = truthOf(visibleWorks(labelled));
      const base = { case: file, condition: 'labelled', seconds: duration };
      const said = (sense: string) => searched.found.filter((each) => each.sense === sense).map(toSaid);
      heard!.push({ ...base, truth: audible, said: said('heard') });
      seen!.push({ ...base, truth: visible, said: said('seen') });
      const print = searched.features.fingerprints[0]?.fingerprint ?? new Uint32Array();
      byPlain!.push({ ...base, truth: audible, said: plain.search(print) });
      say(`  ${file}`);
    }
  } finally {
    await registry.close();
  }
  return {
    name: 'labelled',
    about: 'labelled lessons, works of the catalogue registered',
    methods: { [`${ours}, heard`]: heard!, 'plain fpcalc, heard': byPlain!, [`${ours}, seen`]: seen! },
    speed: seconds / (tookMs / 1000),
  };
}

/** Works put into speech at known times; a quarter of them is not registered and must not be found. */
export async function evaluateSound({ media, isQuick, say }: EvalOptions): Promise<PartResult> {
  const catalog = await readCatalog(media);
  const withSound = catalog.filter(({ type }) => type !== 'image');
  const unknown = new Set(withSound.filter((_, at) => at % 4 === 3).map(({ work }) => work));
  const registered = withSound.filter(({ work }) => !unknown.has(work));
  const registry = await openRegistry(media, registered);
  const plain = await preparePlainChromaprint(media, registered);
  const material = await loadSoundMaterial(media);
  const codecs = Object.keys(soundCodecs) as SoundCodec[];
  const [scored, byPlain]: Scored[][] = [[], []];
  let [seconds, tookMs, seed] = [0, 0, 0];
  try {
    for (const condition of [...conditions, ...widerSpeeds]) {
      for (const length of [2, 3, 5, 10, 30, 60]) {
        for (let repeat = 0; repeat < (isQuick ? 1 : 4); repeat++) {
          seed += 1;
          const codec = codecs[seed % codecs.length]!;
          const made = await makeSoundCase(material, { seed, condition, seconds: length, codec });
          const searched = await registry.search(bufferSource(await encodeSound(made.samples, codec)));
          const base = {
            case: made.name,
            condition: length < 5 ? `${condition.name}, shorter than 5 s` : condition.name,
            seconds: made.samples.length / mixRate,
            truth: made.inserted
              .filter(({ work }) => !unknown.has(work))
              .map(({ work, start, end }) => ({ what: work, start, end })),
          };
          seconds += base.seconds;
          tookMs += searched.tookMs;
          scored!.push({ ...base, said: searched.found.map(toSaid) });
          const print = searched.features.fingerprints[0]?.fingerprint ?? new Uint32Array();
          byPlain!.push({ ...base, said: plain.search(print) });
        }
      }
      say(`  ${condition.name}`);
    }
    const random = seeded(1);
    for (let minutes = 0; minutes < (isQuick ? 4 : 60); minutes += 4) {
      const samples = speechBed(material, 240, random);
      const codec = codecs[(minutes / 4) % codecs.length]!;
      const searched = await registry.search(bufferSource(await encodeSound(samples, codec)));
      const base = {
        case: `speech, minutes ${minutes}–${minutes + 4}, ${codec}`,
        condition: 'speech alone',
        seconds: 240,
        truth: [],
      };
      scored!.push({ ...base, said: searched.found.map(toSaid) });
      byPlain!.push({ ...base, said: plain.search(searched.features.fingerprints[0]!.fingerprint) });
    }
    say('  speech alone');
  } finally {
    await registry.close();
  }
  return {
    name: 'known sound',
    about: `works of 2 to 60 s in speech at ${soundRate / 1000} kHz, ${registered.length} works registered and ${unknown.size} not`,
    methods: { [ours]: scored!, 'plain fpcalc': byPlain! },
    speed: seconds / (tookMs / 1000),
  };
}

/** Films put into lectures, whole or in a quarter of the screen, without their sound. */
export async function evaluateFilms({ media, isQuick, say }: EvalOptions): Promise<PartResult> {
  const films = (await readCatalog(media)).filter(({ type }) => type === 'film');
  const whole = await openRegistry(media, films);
  // Registries that lack one film each: it must not be found.
  const others = new Map<string, Registry>();
  for (const { work } of films)
    others.set(
      work,
      await openRegistry(
        media,
        films.filter((film) => film.work !== work),
      ),
    );
  const codecs = Object.keys(pictureCodecs) as PictureCodec[];
  const [scored, bySignature, asSuch]: Scored[][] = [[], [], []];
  let [seconds, tookMs, seed] = [0, 0, 0];
  const lengths = new Map<string, number>();
  for (const { work, file } of films) lengths.set(work, await filmSeconds(join(media, file)));
  const search = async (made: PictureCase, registry: Registry) => {
    const searched = await registry.search(bufferSource(made.bytes));
    const isKnown = registry === whole;
    const base = {
      case: isKnown ? made.name : `${made.name}, not registered`,
      condition: isKnown ? made.condition : 'film not registered',
      seconds: made.seconds,
      truth: isKnown ? made.truth : [],
    };
    seconds += made.seconds;
    tookMs += searched.tookMs;
    scored!.push({ ...base, said: searched.found.map(toSaid) });
    // Whoever's it is, a film may be told from what it looks like.
    asSuch!.push({
      ...base,
      truth: made.truth.map((each) => ({ ...each, what: 'film' })),
      said: [...searched.watched.films.values()]
        .flat()
        .map(({ startMs, endMs }) => toSaid({ work: 'film', startMs, endMs })),
    });
    bySignature!.push({ ...base, said: await signatureFilter(media, registry.works, made.bytes) });
  };
  try {
    for (const place of places) {
      for (const film of films) {
        for (const length of isQuick ? [5] : [3, 3, 5, 5, 8, 8, 20, 20]) {
          seed += 1;
          const codec = codecs[seed % codecs.length]!;
          await search(
            await makeFilmCase({
              media,
              film,
              filmSeconds: lengths.get(film.work)!,
              place,
              seconds: length,
              codec,
              seed,
            }),
            whole,
          );
        }
      }
      say(`  ${place}`);
    }
    for (const [at, film] of films.entries()) {
      for (const [more, place] of places.entries()) {
        const codec = codecs[(at + more) % codecs.length]!;
        const filmSeconds = lengths.get(film.work)!;
        const made = {
          media,
          film,
          filmSeconds,
          place,
          seconds: isQuick ? 5 : 20,
          codec,
          seed: 1_000 + 10 * at + more,
        };
        await search(await makeFilmCase(made), others.get(film.work)!);
      }
    }
    say('  films that are not registered');
    for (const [at, base] of lecturesOf(media).entries())
      await search(await makeCleanCase(base, codecs[at % codecs.length]!, isQuick ? 20 : 120), whole);
    say('  clean lectures');
  } finally {
    for (const registry of [whole, ...others.values()]) await registry.close();
  }
  return {
    name: 'known films',
    about: `films of 3 to 20 s in lectures, ${films.length} films registered`,
    methods: { [ours]: scored!, 'ffmpeg signature filter': bySignature!, [`${ours}, films as such`]: asSuch! },
    speed: seconds / (tookMs / 1000),
  };
}

async function filmSeconds(path: string): Promise<number> {
  const tools = createFfmpegTools();
  const source = await readSource(path);
  const probe = await tools.probe(source);
  const features = await tools.analyse(source, probe, { watcher: { picture: () => () => undefined } });
  return Math.min(features.analysedDurationMs, probe.declaredDurationMs ?? Infinity) / 1000;
}
