import { readdirSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import type { CatalogWork } from './registry.ts';
import { pick, seeded, throughFfmpeg } from './sound.ts';

/** A lesson with a film or a picture in it, as a file. */
export interface PictureCase {
  readonly name: string;
  readonly condition: string;
  readonly bytes: Buffer;
  readonly seconds: number;
  readonly truth: readonly { readonly what: string; readonly start: number; readonly end: number }[];
}

export const pictureCodecs = {
  'H.264 200 kbit/s': [
    '-c:v',
    'libx264',
    '-preset',
    'veryfast',
    '-b:v',
    '200k',
    '-maxrate',
    '300k',
    '-bufsize',
    '600k',
  ],
  'VP9 150 kbit/s': ['-c:v', 'libvpx-vp9', '-b:v', '150k', '-crf', '50', '-deadline', 'realtime', '-cpu-used', '8'],
  'VP8 180 kbit/s': ['-c:v', 'libvpx', '-b:v', '180k', '-deadline', 'realtime', '-cpu-used', '8'],
} as const;
export type PictureCodec = keyof typeof pictureCodecs;

/** Where a film is shown. A quarter has half the width and half the height of the screen. */
export const places = [
  'full screen',
  'full screen, clock and pointer on top',
  'letterboxed',
  'quarter of the screen',
] as const;
export type FilmPlace = (typeof places)[number];
const corners = ['W-w-8:8', '8:H-h-12', 'W-w:H-h', '150:90', '0:0'];

const [width, height, rate] = [640, 360, 15];
const fit = (w: number, h: number) => `fps=${rate},scale=${w}:${h}:force_original_aspect_ratio=decrease`;
const pad = `pad=${width}:${height}:(ow-iw)/2:(oh-ih)/2,setsar=1`;

export function lecturesOf(media: string): string[] {
  return readdirSync(join(media, 'lectures'))
    .filter((name) => /\.(mp4|webm|mkv|avi|ogv|mov)$/.test(name))
    .toSorted()
    .map((name) => join(media, 'lectures', name));
}

/** `seconds` of a film in a lecture of about that and ten seconds more. */
export async function makeFilmCase(options: {
  media: string;
  film: CatalogWork;
  filmSeconds: number;
  place: FilmPlace;
  seconds: number;
  codec: PictureCodec;
  seed: number;
}): Promise<PictureCase> {
  const { media, film, place, codec } = options;
  const random = seeded(options.seed);
  const seconds = Math.min(options.seconds, options.filmSeconds - 0.2);
  const filmStart = random() * Math.max(0, options.filmSeconds - seconds - 0.1);
  const base = pick(random, lecturesOf(media));
  const start = 5 + random() * 3;
  const total = start + seconds + 4;
  const scaled = {
    'full screen': `${fit(width, height)},${pad}`,
    'full screen, clock and pointer on top': `${fit(width, height)},${pad},${clockAndPointer}`,
    letterboxed: `${fit(560, 240)},${pad}`,
    'quarter of the screen': `${fit(width / 2, height / 2)},setsar=1`,
  }[place];
  const corner = place === 'quarter of the screen' ? pick(random, corners) : '0:0';
  const bytes = await throughFfmpeg([
    ...['-stream_loop', '-1', '-i', base],
    ...[
      '-ss',
      String(filmStart),
      '-t',
      String(seconds),
      '-i',
      isAbsolute(film.file) ? film.file : join(media, film.file),
    ],
    '-filter_complex',
    `[0:v]${fit(width, height)},${pad},trim=duration=${total},setpts=PTS-STARTPTS[base];` +
      `[1:v]${scaled},setpts=PTS-STARTPTS+${start}/TB[film];` +
      `[base][film]overlay=${corner}:eof_action=pass:enable='between(t,${start},${start + seconds})',format=yuv420p[out]`,
    ...['-map', '[out]', '-t', String(total), ...pictureCodecs[codec], '-f', 'matroska', '-'],
  ]);
  return {
    name: `${film.work} ${seconds.toFixed(0)} s, ${place} (${corner}), ${codec}, seed ${options.seed}`,
    condition: place,
    bytes,
    seconds: total,
    truth: [{ what: film.work, start, end: start + seconds }],
  };
}

/** A clock in a corner and something that moves across; boxes only, so that no font is needed. */
const clockAndPointer = [
  'drawbox=x=iw-90:y=8:w=80:h=26:color=black:t=fill',
  "drawbox=x='iw-84+mod(floor(t)*13,60)':y=12:w=8:h=18:color=white:t=fill",
  "drawbox=x='mod(t*60,600)':y=200:w=10:h=14:color=white:t=fill",
].join(',');

/** A lecture as it is, with nothing put in. */
export async function makeCleanCase(base: string, codec: PictureCodec, seconds: number): Promise<PictureCase> {
  const bytes = await throughFfmpeg([
    ...['-stream_loop', '-1', '-i', base, '-an', '-vf', `${fit(width, height)},${pad},format=yuv420p`],
    ...['-t', String(seconds), ...pictureCodecs[codec], '-f', 'matroska', '-'],
  ]);
  return { name: `${base.split('/').at(-1)}, clean, ${codec}`, condition: 'clean', bytes, seconds, truth: [] };
}
