import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createFfmpegTools } from '../../src/adapters/ffmpeg/ffmpeg-tools.ts';
import { printWork, type WorkPrints } from '../../src/pipeline/review/print-work.ts';
import { lecturesOf } from '../eval/picture-cases.ts';
import { type CatalogWork, readSource } from '../eval/registry.ts';
import { atLevel, mixRate, seeded, throughFfmpeg } from '../eval/sound.ts';
import { type SoundMaterial, speechBed } from '../eval/sound-cases.ts';
import { type Listened, listen } from './check.ts';
import type { BenchOptions } from './measure.ts';

/** A recording that is searched for works, and which works are in it. */
export interface Searched {
  readonly name: string;
  readonly listened: Listened;
  readonly songs: readonly CatalogWork[];
  readonly film: CatalogWork | null;
}

/** Of each work so many seconds are heard, with pauses between two works; the first one begins after a pause. */
const heardSeconds = 15;
const pauseSeconds = 10;
const level = -23;

const raw = ['-f', 'f32le', '-ar', String(mixRate), '-ac', '1'];

/** Speech over a lecture: once, a work for 15 s, not under the voice, and a film in a corner of the picture. */
export async function makeLesson(
  { media, folder }: BenchOptions,
  material: SoundMaterial,
  { song, film, minutes }: { song: CatalogWork; film: CatalogWork; minutes: number },
): Promise<Searched> {
  const samples = speechBed(material, minutes * 60, seeded(minutes));
  samples.fill(0, pauseSeconds * mixRate, (pauseSeconds + heardSeconds) * mixRate);
  addWork(samples, material, song, 0);
  const sound = join(folder, 'sound.f32');
  await writeFile(sound, samples);
  const fit = (w: number, h: number) => `fps=15,scale=${w}:${h}:force_original_aspect_ratio=decrease`;
  const path = join(folder, `${minutes}.mkv`);
  await throughFfmpeg([
    ...['-stream_loop', '-1', '-i', lecturesOf(media).at(-1)!, '-i', join(media, film.file), ...raw, '-i', sound],
    '-filter_complex',
    `[0:v]${fit(640, 360)},pad=640:360:(ow-iw)/2:(oh-ih)/2,setsar=1[base];` +
      `[1:v]${fit(320, 180)},trim=duration=${heardSeconds},setsar=1,setpts=PTS-STARTPTS+${pauseSeconds}/TB[film];` +
      `[base][film]overlay=W-w:H-h:eof_action=pass:enable='gte(t,${pauseSeconds})',format=yuv420p[out]`,
    ...['-map', '[out]', '-map', '2:a', '-t', String(minutes * 60)],
    ...['-c:v', 'libx264', '-preset', 'veryfast', '-b:v', '200k', '-c:a', 'aac', '-b:a', '48k', path],
  ]);
  return { name: `${minutes} min`, listened: await listen(await readSource(path)), songs: [song], film };
}

/** Works one after the other, by themselves or as loud as the voice on top. */
export async function makeMedley(
  { folder }: BenchOptions,
  material: SoundMaterial,
  songs: readonly CatalogWork[],
  isUnderVoice: boolean,
): Promise<Searched> {
  const seconds = songs.length * (heardSeconds + pauseSeconds) + pauseSeconds;
  const samples = isUnderVoice ? speechBed(material, seconds, seeded(7)) : new Float32Array(seconds * mixRate);
  for (const [at, song] of songs.entries()) addWork(samples, material, song, at);
  const sound = join(folder, 'sound.f32');
  await writeFile(sound, samples);
  const path = join(folder, `medley-${isUnderVoice}.m4a`);
  await throughFfmpeg([...raw, '-i', sound, '-c:a', 'aac', '-b:a', '48k', path]);
  const listened = await listen(await readSource(path));
  return { name: isUnderVoice ? 'under a voice as loud' : 'by themselves', listened, songs, film: null };
}

function addWork(samples: Float32Array, { works }: SoundMaterial, { work }: CatalogWork, at: number): void {
  const start = (pauseSeconds + at * (heardSeconds + pauseSeconds)) * mixRate;
  const heard = atLevel(works.get(work)!.slice(0, heardSeconds * mixRate), level);
  for (const [i, sample] of heard.entries()) samples[start + i]! += sample;
}

export async function printCatalog(media: string, catalog: readonly CatalogWork[]) {
  const tools = createFfmpegTools();
  const printed = new Map<CatalogWork, WorkPrints>();
  for (const work of catalog) {
    const source = await readSource(join(media, work.file));
    printed.set(work, await printWork(tools, source, { signal: AbortSignal.timeout(120_000) }));
  }
  return printed;
}
