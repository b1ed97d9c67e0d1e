import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { atLevel, decodeSound, filterSound, mixRate, pick, type SoundCodec, seeded } from './sound.ts';

/** A stretch of one work that was put into a case. Times in seconds. */
export interface Inserted {
  readonly work: string;
  readonly start: number;
  readonly end: number;
  readonly workStart: number;
}

export interface SoundCase {
  readonly name: string;
  readonly condition: string;
  readonly codec: SoundCodec;
  readonly samples: Float32Array;
  readonly inserted: readonly Inserted[];
}

/** What is done to the inserted work, or to the whole, beside the codec. */
export const conditions = [
  { name: 'alone', speechDb: null },
  { name: 'speech at 0 dB', speechDb: 0 },
  { name: 'speech 5 dB louder', speechDb: -5 },
  { name: 'music 5 dB louder', speechDb: 5 },
  { name: 'quiet (-12 dB), speech at 0 dB', speechDb: 0, all: 'volume=-12dB' },
  { name: 'loud (+12 dB, clipped), speech at 0 dB', speechDb: 0, all: 'volume=12dB' },
  {
    name: 'room noise, speech at 0 dB',
    speechDb: 0,
    work: 'highpass=f=180,lowpass=f=5500,aecho=0.8:0.6:23|41|67:0.35|0.25|0.15',
    noiseDb: -45,
  },
  { name: 'packet loss 5 %, speech at 0 dB', speechDb: 0, lost: 0.05 },
  { name: 'tempo +2 %, speech at 0 dB', speechDb: 0, work: 'atempo=1.02', speed: 1.02 },
  { name: 'tempo -2 %, speech at 0 dB', speechDb: 0, work: 'atempo=0.98', speed: 0.98 },
  { name: 'tempo and pitch +2 %, alone', speechDb: null, work: 'asetrate=16320,aresample=16000', speed: 1.02 },
  { name: 'tempo and pitch -2 %, alone', speechDb: null, work: 'asetrate=15680,aresample=16000', speed: 0.98 },
] as const;

/** Faster and higher than a player that is off, as people do so that a work is not found. */
export const widerSpeeds = [
  { name: 'tempo +6 %, speech at 0 dB', speechDb: 0, work: 'atempo=1.06', speed: 1.06 },
  { name: 'tempo -6 %, speech at 0 dB', speechDb: 0, work: 'atempo=0.94', speed: 0.94 },
  { name: 'tempo and pitch +6 %, alone', speechDb: null, work: 'asetrate=16960,aresample=16000', speed: 1.06 },
  { name: 'tempo and pitch -6 %, alone', speechDb: null, work: 'asetrate=15040,aresample=16000', speed: 0.94 },
  { name: 'tempo and pitch -6 %, speech at 0 dB', speechDb: 0, work: 'asetrate=15040,aresample=16000', speed: 0.94 },
] as const;

type Condition = (typeof conditions | typeof widerSpeeds)[number];

export interface SoundMaterial {
  readonly speech: ReadonlyMap<string, Float32Array>;
  readonly works: ReadonlyMap<string, Float32Array>;
}

const speechDb = -23;

/** Decodes speech and works of a media folder, laid out as `docs/detection.md` says. */
export async function loadSoundMaterial(media: string): Promise<SoundMaterial> {
  const catalog: { work: string; file: string; type: string }[] = JSON.parse(
    readFileSync(join(media, 'catalog_public.json'), 'utf8'),
  );
  const speech = new Map<string, Float32Array>();
  for (const folder of readdirSync(join(media, 'speech')).toSorted()) {
    for (const file of readdirSync(join(media, 'speech', folder)).toSorted())
      speech.set(`${folder}/${basename(file)}`, await decodeSound(join(media, 'speech', folder, file)));
  }
  const works = new Map<string, Float32Array>();
  for (const { work, file } of catalog) works.set(work, await decodeSound(join(media, file)));
  return { speech, works };
}

/** Utterances one after the other with pauses of a quarter to nine tenths of a second, each at the same level. */
export function speechBed(material: SoundMaterial, seconds: number, random: () => number): Float32Array {
  const folders = [...new Set([...material.speech.keys()].map((name) => name.split('/')[0]!))];
  const folder = pick(random, folders);
  const utterances = [...material.speech]
    .filter(([name]) => name.startsWith(`${folder}/`))
    .map(([, samples]) => samples);
  const bed = new Float32Array(Math.round(seconds * mixRate));
  let at = Math.round((0.2 + random() * 0.6) * mixRate);
  while (at < bed.length) {
    const utterance = atLevel(pick(random, utterances), speechDb);
    bed.set(utterance.subarray(0, Math.min(utterance.length, bed.length - at)), at);
    at += utterance.length + Math.round((0.25 + random() * 0.65) * mixRate);
  }
  return addNoise(bed, -62, random);
}

function addNoise<Samples extends Float32Array>(samples: Samples, db: number, random: () => number): Samples {
  const level = 10 ** (db / 20) * Math.sqrt(3);
  for (let at = 0; at < samples.length; at++) samples[at]! += (2 * random() - 1) * level;
  return samples;
}

/** One stretch of `seconds` of a work in a lesson of about a minute. */
export async function makeSoundCase(
  material: SoundMaterial,
  options: { seed: number; condition: Condition; seconds: number; codec: SoundCodec; work?: string },
): Promise<SoundCase> {
  const { condition, seconds, codec } = options;
  const random = seeded(options.seed);
  const work = options.work ?? pick(random, [...material.works.keys()]);
  const sound = material.works.get(work)!;
  const speed = 'speed' in condition ? condition.speed : 1;
  const lengthSeconds = Math.min(seconds, sound.length / mixRate / Math.max(1, speed) - 0.5);
  const room = sound.length / mixRate - lengthSeconds * speed;
  const workStart = await audibleStart(sound, lengthSeconds * speed, room, random);
  let piece: Float32Array = sound.slice(
    Math.round(workStart * mixRate),
    Math.round((workStart + lengthSeconds * speed + 0.3) * mixRate),
  );
  if ('work' in condition) piece = await filterSound(piece, condition.work);
  piece = fade(piece.slice(0, Math.round(lengthSeconds * mixRate)));
  const start = 15 + random() * 15;
  const total = start + lengthSeconds + 12 + random() * 6;
  let samples: Float32Array = speechBed(material, total, random);
  const at = Math.round(start * mixRate);
  const louder = atLevel(piece, speechDb + (condition.speechDb ?? 2));
  for (let i = 0; i < louder.length; i++)
    samples[at + i] = (condition.speechDb === null ? 0 : samples[at + i]!) + louder[i]!;
  if ('noiseDb' in condition) samples = addNoise(samples, condition.noiseDb, random);
  if ('all' in condition) samples = await filterSound(samples, condition.all);
  samples = samples.map((sample) => Math.max(-0.99, Math.min(0.99, sample)));
  if ('lost' in condition) loseFrames(samples, condition.lost, random);
  return {
    name: `${work}, ${lengthSeconds.toFixed(0)} s, ${condition.name}, ${codec}, seed ${options.seed}`,
    condition: condition.name,
    codec,
    samples,
    inserted: [{ work, start, end: start + lengthSeconds, workStart }],
  };
}

/** A place where the work is to be heard: 20 tries for one whose level is within 12 dB of the whole. */
async function audibleStart(sound: Float32Array, seconds: number, room: number, random: () => number): Promise<number> {
  const whole = rms(sound);
  let start = 0;
  for (let tries = 0; tries < 20; tries++) {
    start = random() * Math.max(0, room - 0.4);
    const piece = sound.subarray(Math.round(start * mixRate), Math.round((start + seconds) * mixRate));
    if (rms(piece) > whole / 4) return start;
  }
  return start;
}

function rms(samples: Float32Array): number {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  return Math.sqrt(sum / Math.max(1, samples.length));
}

function fade<Samples extends Float32Array>(samples: Samples): Samples {
  const length = Math.min(2_400, samples.length >> 1);
  for (let at = 0; at < length; at++) {
    samples[at]! *= at / length;
    samples[samples.length - 1 - at]! *= at / length;
  }
  return samples;
}

/** Packets of 20 ms that never arrive: the receiver repeats the last one, fading, as a simple concealment does. */
function loseFrames(samples: Float32Array, share: number, random: () => number): void {
  const frame = mixRate / 50;
  for (let at = frame; at + frame <= samples.length; at += frame) {
    if (random() >= share) continue;
    for (let i = 0; i < frame; i++) samples[at + i] = samples[at - frame + i]! * 0.5;
  }
}
