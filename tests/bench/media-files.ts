import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { lecturesOf } from '../eval/picture-cases.ts';
import { readCatalog } from '../eval/registry.ts';
import { ffprobe, makeMedia } from '../support/media.ts';
import type { BenchOptions } from './measure.ts';

/** Files that detectors are measured with, made of a media folder: each is made once, `seconds` long. */

/** The sound of the labelled lessons over and over: speech, music of the registry and of nobody, silence. 16 kHz, AAC. */
export async function makeSound({ media, folder }: BenchOptions, seconds: number): Promise<string> {
  const lessons: { file: string }[] = JSON.parse(await readFile(join(media, 'eval/truth.json'), 'utf8'));
  const once = join(folder, 'lessons.m4a');
  const inputs = lessons.flatMap(({ file }) => ['-i', join(media, 'eval', file)]);
  const each = lessons.map((_, at) => `[${at}:a:0]aresample=16000,aformat=channel_layouts=mono[a${at}]`);
  const joined = `${lessons.map((_, at) => `[a${at}]`).join('')}concat=n=${lessons.length}:v=0:a=1[out]`;
  await makeMedia(
    ...inputs,
    ...['-filter_complex', [...each, joined].join(';'), '-map', '[out]', '-t', String(seconds)],
    ...['-c:a', 'aac', '-b:a', '48k', once],
  );
  return repeat(once, join(folder, `sound-${seconds}.m4a`), seconds);
}

/**
 * The lecture with the largest picture, 1280 × 720, 25 pictures a second, H.264 as a meeting tool writes it, with sound; with
 * a film in a corner all the time, which moves, has borders and is looked for in parts of the picture.
 */
export async function makeLecture(options: BenchOptions, seconds: number, withFilm: boolean): Promise<string> {
  const { media, folder } = options;
  const lecture = await largestLecture(media);
  const film = (await readCatalog(media)).find(({ type }) => type === 'film')!;
  const once = join(folder, `once-${withFilm}.mp4`);
  const fit = (w: number, h: number) => `fps=25,scale=${w}:${h}:force_original_aspect_ratio=decrease`;
  const page = `[0:v]${fit(1280, 720)},pad=1280:720:(ow-iw)/2:(oh-ih)/2,setsar=1`;
  await makeMedia(
    ...['-i', lecture, '-stream_loop', '-1', '-i', join(media, film.file), '-filter_complex'],
    withFilm
      ? `${page}[page];[1:v]${fit(640, 360)},setsar=1[film];[page][film]overlay=W-w:H-h:shortest=1,format=yuv420p[out]`
      : `${page},format=yuv420p[out]`,
    ...['-map', '[out]', '-map', '0:a', '-t', String(Math.min(120, seconds))],
    ...['-c:v', 'libx264', '-preset', 'veryfast', '-b:v', '1M'],
    ...['-maxrate', '1.5M', '-bufsize', '3M', '-g', '250', '-c:a', 'aac', '-b:a', '64k', once],
  );
  return repeat(once, join(folder, `lecture-${withFilm}-${seconds}.mp4`), seconds);
}

async function largestLecture(media: string): Promise<string> {
  let largest = { path: '', height: 0 };
  for (const path of lecturesOf(media)) {
    const { streams } = await ffprobe(path, '-show_streams');
    const height = Math.max(0, ...streams.map((stream) => stream.height ?? 0));
    if (height > largest.height) largest = { path, height };
  }
  return largest.path;
}

async function repeat(once: string, path: string, seconds: number): Promise<string> {
  await makeMedia('-stream_loop', '-1', '-i', once, '-t', String(seconds), '-c', 'copy', path);
  return path;
}

/** Raw samples, as the sound map gets them. */
export async function rawSamples(sound: string): Promise<string> {
  const path = `${sound}.s16`;
  await makeMedia('-i', sound, '-ac', '1', '-ar', '8000', '-f', 's16le', path);
  return path;
}

/** Raw grey pictures, `perSecond` of them, at most `most`. */
export async function rawPictures(
  lecture: string,
  { width, height }: { width: number; height: number },
  perSecond: number,
  most = 1_000_000,
): Promise<string> {
  const path = `${lecture}.${width}.grey`;
  const filter = `fps=${perSecond},scale=${width}:${height}:flags=area,format=gray`;
  await makeMedia('-i', lecture, '-an', '-vf', filter, '-frames:v', String(most), '-f', 'rawvideo', path);
  return path;
}
