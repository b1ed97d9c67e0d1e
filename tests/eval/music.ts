import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findMusic } from '../../src/detection/music.ts';
import { createMusicFeatures } from '../../src/detection/music-features.ts';
import { musicModel } from '../../src/detection/music-model.ts';
import { createSoundMapper, soundRate } from '../../src/detection/sound-map.ts';
import type { EvalOptions, PartResult } from './parts.ts';
import { readCatalog, readLabelled } from './registry.ts';
import type { Said, Scored } from './score.ts';
import {
  decodeEncoded,
  decodeSound,
  encodeSound,
  mixRate,
  type SoundCodec,
  seeded,
  soundCodecs,
  throughFfmpeg,
} from './sound.ts';
import { conditions, loadSoundMaterial, makeSoundCase, speechBed } from './sound-cases.ts';

/**
 * Music in lessons, whoever's it is; nothing of this material was trained on
 * (`tests/integration/media/music-sources.test.ts`). The peer is a detector of pauses.
 */
export async function evaluateMusic({ media, isQuick, say }: EvalOptions): Promise<PartResult> {
  // The sound of a film may be a rocket.
  const music = new Set((await readCatalog(media)).filter(({ type }) => type === 'music').map(({ work }) => work));
  const whole = await loadSoundMaterial(media);
  const material = { ...whole, works: new Map([...whole.works].filter(([work]) => music.has(work))) };
  const codecs = Object.keys(soundCodecs) as SoundCodec[];
  const [ours, plain]: [Scored[], Scored[]] = [[], []];
  let [seconds, tookMs, seed] = [0, 0, 0];
  const hear = async (samples: Float32Array, codec: SoundCodec, base: Omit<Scored, 'said' | 'seconds'>) =>
    judge(await decodeEncoded(await encodeSound(samples, codec), codec, soundRate), base);
  const judge = (heard: Int16Array, base: Omit<Scored, 'said' | 'seconds'>) => {
    const began = performance.now();
    const features = createMusicFeatures();
    createSoundMapper(features.push).push(heard);
    const found = findMusic(features.end(), musicModel);
    tookMs += performance.now() - began;
    seconds += heard.length / soundRate;
    const of = { ...base, seconds: heard.length / soundRate };
    ours.push({ ...of, said: found.map(({ startMs, endMs }) => stretch(startMs / 1000, endMs / 1000)) });
    plain.push({ ...of, said: withoutPauses(heard) });
  };
  for (const condition of conditions) {
    for (const length of [5, 10, 20, 40]) {
      for (let repeat = 0; repeat < (isQuick ? 1 : 6); repeat++) {
        seed += 1;
        const codec = codecs[seed % codecs.length]!;
        const made = await makeSoundCase(material, { seed: 50_000 + seed, condition, seconds: length, codec });
        const truth = made.inserted.map(({ start, end }) => stretch(start, end));
        await hear(made.samples, codec, { case: made.name, condition: made.condition, truth });
      }
    }
    say(`  ${condition.name}`);
  }
  const random = seeded(7);
  for (let minutes = 0; minutes < (isQuick ? 4 : 60); minutes += 4) {
    const codec = codecs[(minutes / 4) % codecs.length]!;
    const name = `speech, minutes ${minutes}–${minutes + 4}, ${codec}`;
    await hear(speechBed(material, 240, random), codec, { case: name, condition: 'speech alone', truth: [] });
  }
  for (const file of readdirSync(join(media, 'lectures')).toSorted()) {
    const samples = await decodeSound(join(media, 'lectures', file)).catch(() => null);
    // Screencasts without sound.
    if (samples === null || samples.length < 4 * mixRate) continue;
    for (const codec of codecs)
      await hear(samples, codec, { case: `${file}, ${codec}`, condition: 'clean lecture', truth: [] });
  }
  say('  clean');
  for (const labelled of await labelledMusic(media)) judge(await decodeWhole(labelled.file), labelled);
  say('  labelled');
  return {
    name: 'music',
    about: 'music of 5 to 40 s in speech, speech and lectures without any, and labelled recordings',
    methods: { Emanet: ours, 'sound without pauses': plain },
    speed: seconds / (tookMs / 1000),
  };
}

/** Lessons and a recording that somebody labelled; those with the sound of a film are left out. */
async function labelledMusic(
  media: string,
): Promise<(Pick<Scored, 'case' | 'condition' | 'truth'> & { file: string })[]> {
  const lessons = (await readLabelled(media)).filter(({ segments }) =>
    segments.every(({ kind, audio }) => kind === 'music' || audio === null),
  );
  const csv = await readFile(join(media, 'labelled/ina_musanmix-smn-gender.csv'), 'utf8').catch(() => '');
  const marked = csv.split('\n').flatMap((line) => {
    const [label, start, end] = line.split('\t');
    return label === 'music' ? [stretch(Number(start), Number(end))] : [];
  });
  return [
    ...lessons.map(({ file, segments }) => ({
      case: file,
      condition: 'labelled lesson',
      file: join(media, 'eval', file),
      truth: segments.filter(({ kind }) => kind === 'music').map(({ start, end }) => stretch(start, end)),
    })),
    ...(csv === ''
      ? []
      : [
          {
            case: 'ina_musanmix.mp3',
            condition: 'labelled music, noise and speech',
            file: join(media, 'labelled/ina_musanmix.mp3'),
            truth: marked,
          },
        ]),
  ];
}

async function decodeWhole(path: string): Promise<Int16Array> {
  const raw = await throughFfmpeg([
    ...['-i', path, '-vn', '-map', '0:a:0', '-ac', '1', '-ar', String(soundRate), '-f', 's16le', '-'],
  ]);
  return new Int16Array(raw.buffer.slice(raw.byteOffset, raw.byteOffset + (raw.length & ~1)));
}

const stretch = (start: number, end: number): Said => ({ what: 'music', start, end });

const frame = soundRate / 20;
const pauseDb = 30;
const leastPause = 4;
const leastSeconds = 4;

/** People pause when they speak: what goes on for four seconds without 0.2 s that are 30 dB below the loudest is music. */
function withoutPauses(samples: Int16Array): Said[] {
  const energies: number[] = [];
  for (let at = 0; at + frame <= samples.length; at += frame) {
    let sum = 0;
    for (let i = at; i < at + frame; i++) sum += samples[i]! ** 2;
    energies.push(sum / frame);
  }
  const floor = energies.toSorted((a, b) => b - a)[Math.floor(energies.length / 100)]! / 10 ** (pauseDb / 10);
  const said: Said[] = [];
  let [from, quiet] = [0, leastPause];
  for (let at = 0; at <= energies.length; at++) {
    const isQuiet = at === energies.length || energies[at]! < floor;
    const wasPause = quiet >= leastPause;
    quiet = isQuiet ? quiet + 1 : 0;
    if (!isQuiet && wasPause) from = at;
    const ends = (quiet === leastPause && !wasPause) || (at === energies.length && !wasPause && quiet < leastPause);
    if (ends && (at - from) / 20 >= leastSeconds) said.push(stretch(from / 20, at / 20));
  }
  return said;
}
