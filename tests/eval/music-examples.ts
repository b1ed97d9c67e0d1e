import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { secondMs } from '../../src/detection/music.ts';
import { createMusicFeatures, type SecondOfSound } from '../../src/detection/music-features.ts';
import { createSoundMapper, pitches, soundRate } from '../../src/detection/sound-map.ts';
import { applause, events, noiseBed, reverberate, stretchBy } from './made-noises.ts';
import { oneSound, type Pool, pickSource, type Sounds } from './music-material.ts';
import { activeLevel, atLevel, mixRate, pick, seeded, throughFfmpeg, toSamples } from './sound.ts';

/** A minute of a lesson that was mixed from the sounds of one group. */
export interface Example {
  readonly seed: number;
  readonly group: string;
  readonly seconds: readonly SecondOfSound[];
  /** Of each second: 1 music, 0 none, -1 where it begins, ends or is too soft to be heard. */
  readonly target: Int8Array;
  /** Who speaks and what else is heard, and how loud the music is beside it. */
  readonly condition: string;
  readonly room: string;
  readonly codec: string;
  readonly sources: { readonly music: readonly string[]; readonly speech: readonly string[] };
}

export const exampleSeconds = 48;
const length = exampleSeconds * mixRate;

/** What meeting tools and recorders do to sound. The first value says how often, beside the others. */
const chains: readonly (readonly [number, string, string])[] = [
  [5, 'plain', 'anull'],
  [1, 'telephone', 'highpass=f=300,lowpass=f=3400'],
  [1, 'small loudspeaker', 'highpass=f=180,lowpass=f=5500'],
  [1, 'noise suppression', 'afftdn=nr=20:nf=-35'],
  [1, 'strong noise suppression', 'afftdn=nr=40:nf=-25:tn=1'],
  [1, 'compressor', 'acompressor=threshold=-24dB:ratio=4'],
  [1, 'automatic gain', 'dynaudnorm=f=200:g=11:m=20'],
  [1, 'gate', 'agate=threshold=0.02:ratio=4:attack=5:release=120'],
];
const codecs = {
  opus24: ['-c:a', 'libopus', '-b:a', '24k', '-application', 'voip', '-f', 'ogg'],
  opus12: ['-c:a', 'libopus', '-b:a', '12k', '-application', 'voip', '-f', 'ogg'],
  opus48: ['-c:a', 'libopus', '-b:a', '48k', '-f', 'ogg'],
  aac48: ['-c:a', 'aac', '-b:a', '48k', '-ar', '32000', '-f', 'adts'],
  aac24: ['-c:a', 'aac', '-b:a', '24k', '-ar', '16000', '-f', 'adts'],
  mp3: ['-c:a', 'libmp3lame', '-b:a', '32k', '-f', 'mp3'],
  g711: ['-c:a', 'pcm_alaw', '-ar', '8000', '-f', 'wav'],
} as const;

interface Mixed {
  readonly samples: Float32Array;
  /** Of each sample, by the tenth of a second: 1 music, 0 none, -1 cannot be told. */
  readonly truth: Int8Array;
  readonly condition: string;
  readonly room: string;
  readonly codec: keyof typeof codecs;
  readonly filter: string;
  readonly sources: Example['sources'];
}

const tenth = mixRate / 10;

function mix(pool: Pool, seed: number, alwaysMusic: boolean): Mixed {
  const random = seeded(seed * 7_919 + 17);
  const withMusic = random() < 0.5 || alwaysMusic;
  const voices = voiceBed(pool, random);
  const samples = voices.samples;
  const room = random() < 0.5 ? 'near' : 'reverberant';
  const echo = room === 'near' ? null : { seconds: 0.2 + random() * 0.9, wet: 0.15 + random() * 0.85, seed };
  let condition = voices.name;
  const truth = new Int8Array(exampleSeconds * 10);
  const heard: string[] = [];
  let music: Float32Array | null = null;
  if (withMusic) {
    music = new Float32Array(length);
    const source = pickSource(random, pool.music);
    heard.push(source.source);
    const db = pick(random, [-8, -5, -5, 0, 0, 0, 5, 5, 10]);
    const isAlone = voices.name === 'no voice' || random() < 0.3;
    const stretches = random() < 0.3 ? 2 : 1;
    for (let at = 0; at < stretches; at++) {
      const share = length / stretches;
      const from = Math.floor(at * share + random() * share * 0.5);
      const seconds = pick(random, [5, 8, 12, 20, 30, 48]);
      const until = random() < 0.12 ? length : Math.min(length, (at + 1) * share - mixRate, from + seconds * mixRate);
      const start = until === length && random() < 0.5 ? 0 : from;
      addMusic(music, source, Math.floor(start), Math.floor(until), random, { truth });
      if (isAlone) fadeOut(samples, Math.floor(start), Math.floor(until));
    }
    const gain = 10 ** ((-23 + (isAlone ? -3 + random() * 6 : db)) / 20);
    for (let at = 0; at < length; at++) music[at]! *= gain;
    if (random() < 0.25) music = reverberate(music, { seconds: 0.2 + random() * 0.6, wet: 0.7, seed: seed + 1 });
    condition = isAlone ? 'music alone' : `music ${db > 0 ? '+' : ''}${db} dB, ${voices.name}`;
  }
  const heardVoices = echo === null ? samples : reverberate(samples, echo);
  const bed = noiseBed(length, random);
  const things = random() < 0.5 ? eventBed(pool, random) : null;
  const out = new Float32Array(length);
  for (let at = 0; at < length; at++) out[at] = heardVoices[at]! + (music?.[at] ?? 0) + bed[at]! + (things?.[at] ?? 0);
  const weights = chains.flatMap((chain) => new Array<(typeof chains)[number]>(chain[0]).fill(chain));
  const [, chain, filter] = pick(random, weights);
  const loud = atLevel(out, -34 + random() * 24);
  if (random() < 0.12) losePackets(loud, 0.02 + random() * 0.06, random);
  return {
    samples: loud.map((sample) => Math.max(-0.99, Math.min(0.99, sample))),
    truth,
    condition,
    room: `${room}, ${chain}`,
    codec: pick(random, Object.keys(codecs) as (keyof typeof codecs)[]),
    filter,
    sources: { music: heard, speech: voices.sources },
  };
}

/** Who speaks: one voice, an interview that is interrupted, a class, or nobody. Each voice has its own height. */
function voiceBed(pool: Pool, random: () => number): { samples: Float32Array; name: string; sources: string[] } {
  const kind = random();
  if (kind < 0.08) return { samples: new Float32Array(length), name: 'no voice', sources: [] };
  if (kind < 0.5) {
    const source = pickSource(random, pool.speech);
    return { samples: talk(source, random, {}), name: 'one voice', sources: [source.source] };
  }
  if (kind < 0.62) {
    const source = pickSource(random, pool.speech);
    const slow = 0.6 + random() * 0.25;
    return { samples: talk(source, random, { drawl: slow }), name: 'drawling voice', sources: [source.source] };
  }
  if (kind < 0.88) {
    const two = [pickSource(random, pool.speech), pickSource(random, pool.speech)];
    const samples = talk(two[0]!, random, { share: 0.6 });
    const other = talk(two[1]!, random, { share: 0.6 });
    const gain = 10 ** ((-6 + random() * 9) / 20);
    for (let at = 0; at < length; at++) samples[at]! += other[at]! * gain;
    return { samples, name: 'interview', sources: two.map(({ source }) => source) };
  }
  const many = Array.from({ length: 4 + Math.floor(random() * 5) }, () => pickSource(random, pool.speech));
  const samples = new Float32Array(length);
  for (const source of many) {
    const voice = talk(source, random, { isChild: random() < 0.7 });
    const gain = 10 ** ((-14 + random() * 12) / 20);
    for (let at = 0; at < length; at++) samples[at]! += voice[at]! * gain;
  }
  return { samples: atLevel(samples, -23), name: 'class', sources: [...new Set(many.map(({ source }) => source))] };
}

interface Talk {
  /** How much of the time is talked in; the rest is silence in long pauses. */
  readonly share?: number;
  /** Vowels are drawn out this much. */
  readonly drawl?: number;
  readonly isChild?: boolean;
}

function talk(source: Sounds, random: () => number, { share = 1, drawl = 1, isChild = false }: Talk): Float32Array {
  const out = new Float32Array(length);
  const height = isChild ? 1.15 + random() * 0.3 : random() < 0.5 ? 1 : 0.85 + random() * 0.32;
  let at = Math.floor(random() * mixRate);
  for (let tries = 0; at < length && tries < 300; tries++) {
    let piece = oneSound(source, random, 12 * mixRate);
    if (height !== 1) piece = stretchBy(piece, height);
    if (drawl !== 1) piece = drawOut(piece, drawl);
    if (piece.length < mixRate / 8) continue;
    const level = activeLevel(piece);
    if (level < 1e-4) continue;
    const gain = 10 ** ((-23 + (random() - 0.5) * 4) / 20) / level;
    for (let i = 0; i < piece.length && at + i < length; i++) out[at + i]! += piece[i]! * gain;
    at += piece.length + Math.round((0.05 + random() ** 2 * 1.1) * mixRate);
    if (random() > share) at += Math.round((0.5 + random() * 4) * mixRate);
  }
  return out;
}

/** Slower at the same height: pieces of 50 ms laid over each other where they fit best. */
function drawOut(samples: Float32Array, factor: number): Float32Array {
  const [size, reach] = [800, 200];
  const out = new Float32Array(Math.floor(samples.length / factor));
  for (let at = 0; at + 2 * size < out.length; at += size) {
    const wanted = Math.floor(at * factor);
    let [best, bestFit] = [wanted, -Infinity];
    for (let shift = -reach; shift <= reach; shift += 4) {
      const from = wanted + shift;
      if (from < 0 || from + 2 * size > samples.length) continue;
      let fit = 0;
      for (let i = 0; i < size; i += 4) fit += out[at + i]! * samples[from + i]!;
      if (fit > bestFit) [best, bestFit] = [from, fit];
    }
    for (let i = 0; i < size; i++) {
      const rise = i / size;
      out[at + i] = at === 0 ? samples[best + i]! : out[at + i]! + rise * samples[best + i]!;
      out[at + size + i] = (1 - rise) * (samples[best + size + i] ?? 0);
    }
  }
  return out;
}

/** Puts music of one source there at level 0 dB; says in `truth` where it is and where it is too soft. */
function addMusic(
  out: Float32Array,
  source: Sounds,
  from: number,
  until: number,
  random: () => number,
  { truth }: { truth: Int8Array },
): void {
  const speed = random() < 0.3 ? 0.94 + random() * 0.13 : 1;
  let at = from;
  for (let tries = 0; at < until && tries < 40; tries++) {
    let piece = oneSound(source, random, Math.ceil((until - at) * speed));
    if (piece.length < mixRate) continue;
    if (speed !== 1) piece = stretchBy(piece, speed);
    const level = activeLevel(piece);
    if (level < 1e-3) continue;
    const fade = Math.min(2_400, piece.length >> 1);
    for (let i = 0; i < piece.length && at + i < until; i++) {
      const edge = Math.min(1, i / fade, (piece.length - i) / fade, (until - at - i) / fade);
      out[at + i]! += (piece[i]! / level) * edge;
    }
    at += piece.length;
  }
  for (
    let mark = Math.floor(from / tenth);
    mark < Math.min(truth.length, Math.ceil(at / tenth), until / tenth);
    mark++
  ) {
    // Over the half second around, less than a tenth of the usual level is not heard as music.
    let [sum, count] = [0, 0];
    for (let i = Math.max(0, (mark - 2) * tenth); i < Math.min(length, (mark + 3) * tenth); i++, count++)
      sum += out[i]! ** 2;
    truth[mark] = Math.sqrt(sum / Math.max(1, count)) < 0.12 ? -1 : 1;
  }
}

function fadeOut(samples: Float32Array, from: number, until: number): void {
  samples.fill(0, from, until);
}

/** Bells, keys, chairs, claps: made ones, and those of the pool. */
function eventBed(pool: Pool, random: () => number): Float32Array {
  const out = new Float32Array(length);
  if (random() < 0.15) {
    const clapping = applause(Math.floor((2 + random() * 8) * mixRate), random);
    add(out, clapping, random(), 10 ** ((-32 + random() * 12) / 20));
  }
  const many = 1 + Math.floor(random() * 8);
  const source = pool.noise.length === 0 ? null : pickSource(random, pool.noise);
  for (let count = 0; count < many; count++) {
    const sound = source !== null && random() < 0.6 ? oneSound(source, random, 10 * mixRate) : events(random, mixRate);
    const level = activeLevel(sound);
    if (level < 1e-4) continue;
    add(out, sound, random(), 10 ** ((-38 + random() * 18) / 20) / level);
  }
  return out;
}

function add(out: Float32Array, sound: Float32Array, where: number, gain: number): void {
  const at = Math.floor(where * length);
  for (let i = 0; i < sound.length && at + i < length; i++) out[at + i]! += sound[i]! * gain;
}

/** Packets of 20 ms that never arrive: silence, or the last one again, softer. */
function losePackets(samples: Float32Array, share: number, random: () => number): void {
  const frame = mixRate / 50;
  const repeat = random() < 0.6 ? 0.5 : 0;
  for (let at = frame; at + frame <= samples.length; at += frame) {
    if (random() >= share) continue;
    for (let i = 0; i < frame; i++) samples[at + i] = samples[at - frame + i]! * repeat;
  }
}

/** Levels of an example's pitches, as the check computes them, and what is true of it. Kept by seed. */
export async function makeExample(
  pool: Pool,
  group: string,
  seed: number,
  cache: string,
  alwaysMusic = false,
): Promise<Example> {
  const folder = join(cache, 'levels');
  await mkdir(folder, { recursive: true });
  const base = join(folder, `${group}-${seed}`);
  if (!existsSync(`${base}.json`)) {
    const { samples, truth, ...about } = mix(pool, seed, alwaysMusic);
    const raw = ['-f', 'f32le', '-ar', String(mixRate), '-ac', '1', '-i', 'pipe:0', '-af', about.filter];
    const bytes = new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
    const encoded = await throughFfmpeg([...raw, ...codecs[about.codec], '-'], bytes);
    const back = ['-i', 'pipe:0', '-ac', '1', '-ar', String(soundRate), '-f', 'f32le', '-'];
    const heard = toSamples(await throughFfmpeg(back, encoded));
    const levels: Float32Array[] = [];
    const mapper = createSoundMapper((level) => void levels.push(level.slice()));
    mapper.push(Int16Array.from(heard, (sample) => Math.max(-32_768, Math.min(32_767, Math.round(sample * 32_768)))));
    const all = new Float32Array(levels.length * pitches);
    levels.forEach((level, at) => void all.set(level, at * pitches));
    await writeFile(`${base}.f32`, new Uint8Array(all.buffer));
    const { condition, room, codec, sources } = about;
    await writeFile(`${base}.part`, JSON.stringify({ condition, room, codec, sources, truth: [...truth] }));
    await rename(`${base}.part`, `${base}.json`);
  }
  const { truth, ...about } = JSON.parse(await readFile(`${base}.json`, 'utf8'));
  const bytes = await readFile(`${base}.f32`);
  const levels = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
  const features = createMusicFeatures();
  for (let at = 0; at < levels.length; at += pitches) features.push(levels.subarray(at, at + pitches));
  const seconds = features.end();
  return { ...about, seed, group, seconds, target: targets(seconds.length, truth) };
}

/** A second stands for the middle of the two that it is told from; -1 where music holds only a part of it. */
function targets(count: number, truth: readonly number[]): Int8Array {
  return Int8Array.from({ length: count }, (_, at) => {
    const [from, until] = [((at + 0.5) * secondMs) / 100, ((at + 1.5) * secondMs) / 100].map(Math.round) as [
      number,
      number,
    ];
    const marks = truth.slice(from, until);
    if (marks.length === 0) return -1;
    const music = marks.filter((mark) => mark === 1).length / marks.length;
    const soft = marks.filter((mark) => mark === -1).length / marks.length;
    if (soft > 0.3) return -1;
    return music > 0.8 ? 1 : music < 0.2 ? 0 : -1;
  });
}
