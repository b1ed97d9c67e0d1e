import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lectureTexts } from './notice-texts.ts';
import type { PictureCase } from './picture-cases.ts';
import type { Material, PlacedMaterial } from './placed-material.ts';
import { pick, seeded, throughFfmpeg } from './sound.ts';

/** Codecs of recordings of 1280 and 1920 pixels; coarse enough that letters show it. */
const codecs = {
  'H.264': ['-c:v', 'libx264', '-preset', 'veryfast', '-crf', '30'],
  VP9: ['-c:v', 'libvpx-vp9', '-b:v', '500k', '-deadline', 'realtime', '-cpu-used', '8', '-row-mt', '1'],
  VP8: ['-c:v', 'libvpx', '-b:v', '700k', '-deadline', 'realtime', '-cpu-used', '12'],
} as const;
const codecNames = Object.keys(codecs) as (keyof typeof codecs)[];
const sizes = [
  [1280, 720],
  [1920, 1080],
] as const;
const rate = 5;
const [seconds, from, until] = [13, 2.7, 10.7];

export const photoShares = [0.15, 0.2, 0.3, 0.5] as const;
export const logoShares = [0.05, 0.065, 0.09, 0.14] as const;
export const logoPlaces = [
  'corner of a slide',
  'body of a slide',
  'corner of a lecture',
  'corner of a photograph',
] as const;
export type LogoPlace = (typeof logoPlaces)[number];

/** `also`: pictures that are shown beside or below the one that is looked for. */
export type PlacedCase = PictureCase & { readonly also: readonly string[] };

type Random = () => number;
const between = (random: Random, low: number, high: number): number => low + random() * (high - low);
const percent = (share: number): string => `${Number((100 * share).toFixed(1))} %`;
const plain = ['white', '0xf3ecd8', '0x1e2630', '0x2f5d8a', '0xe8eef4', 'black'] as const;
const isDark = (ground: string): boolean => ['0x1e2630', '0x2f5d8a', 'black'].includes(ground);

interface Slide {
  readonly width: number;
  readonly height: number;
  readonly random: Random;
  readonly fonts: readonly string[];
}

/** An input of ffmpeg and a filter chain that give a slide without its picture. */
function groundOf({ width, height, random, fonts }: Slide): { about: string; input: string[]; chain: string } {
  const ground = random() < 0.25 ? 'shaded' : pick(random, plain);
  const [dark, light] = [['0x203a60', '0x101820'] as const, ['0xffffff', '0xc8d8e8'] as const];
  const ends = random() < 0.5 ? dark : light;
  const ink = (ground === 'shaded' ? ends === dark : isDark(ground)) ? 'white' : '0x202020';
  const font = pick(random, fonts);
  const write = (text: string, size: number, x: number, y: number) =>
    `drawtext=fontfile=${font}:text='${text.replace(/[':,\\]/g, ' ')}':fontsize=${Math.round(size * height)}:fontcolor=${ink}:x=${Math.round(x * width)}:y=${Math.round(y * height)}`;
  const lines = Array.from({ length: 3 + Math.floor(random() * 3) }, (_, at) =>
    write(pick(random, lectureTexts), 0.032, 0.06, 0.66 + 0.055 * at),
  );
  const bar = random() < 0.4 ? [`drawbox=x=0:y=0:w=iw:h=${Math.round(0.12 * height)}:color=0x8a2f3c:t=fill`] : [];
  return {
    about: ground === 'shaded' ? `${ends === dark ? 'dark' : 'light'} shades` : ground,
    input:
      ground === 'shaded'
        ? [
            '-f',
            'lavfi',
            '-i',
            `gradients=s=${width}x${height}:c0=${ends[0]}:c1=${ends[1]}:nb_colors=2:x0=0:y0=0:x1=${width}:y1=${height}:speed=0.00001:seed=1`,
          ]
        : ['-f', 'lavfi', '-i', `color=${ground}:s=${width}x${height}`],
    chain: [...bar, write(pick(random, lectureTexts), 0.05, 0.05, 0.035), ...lines].join(','),
  };
}

/** A registered photograph on a slide that stands for eight seconds, between two pieces of a lecture. */
export async function makePhotoSlide(
  material: PlacedMaterial,
  photo: Material,
  share: number,
  seed: number,
): Promise<PlacedCase> {
  const random = seeded(material.seed + seed);
  const [width, height] = sizes[seed % sizes.length]!;
  const codec = codecNames[seed % codecNames.length]!;
  const ground = groundOf({ width, height, random, fonts: material.fonts });
  const isCropped = random() < 0.5;
  const [left, right, top, bottom] = Array.from({ length: 4 }, () => (isCropped ? between(random, 0, 0.06) : 0));
  const crop = `crop=iw*${1 - left! - right!}:ih*${1 - top! - bottom!}:iw*${left}:ih*${top}`;
  const border = random() < 0.4 ? Math.round(between(random, 0.002, 0.008) * width) : 0;
  const color = pick(random, ['white', 'black', '0xd08020']);
  const other =
    random() < 0.4
      ? pick(
          random,
          material.photos.filter((each) => each.name !== photo.name),
        )
      : null;
  const gap = Math.round(between(random, 0, 0.02) * width);
  const caption = random() < 0.2;
  const quality = Math.round(between(random, 3, 12));
  const shown = Math.round(share * width);
  const x = Math.round(between(random, 0.03, Math.max(0.03, 0.97 - share * (other === null ? 1 : 2) - 0.03)) * width);
  const y = Math.round(between(random, 0.13, 0.2) * height);
  const folder = await mkdtemp(join(tmpdir(), 'emanet-placed-'));
  try {
    const small = join(folder, 'photo.jpg');
    const written = caption
      ? `,drawtext=fontfile=${material.fonts[0]}:text='Resim ${seed}':fontsize=${Math.round(shown / 12)}:fontcolor=white:box=1:boxcolor=black@0.5:x=8:y=h-th-8`
      : '';
    const put = `${crop},scale=${shown}:-2,format=yuv420p${written}`;
    await throughFfmpeg(['-i', photo.path, '-vf', put, '-frames:v', '1', '-q:v', String(quality), '-y', small]);
    const beside = other === null ? [] : ['-i', other.path];
    const slide = join(folder, 'slide.png');
    await throughFfmpeg([
      ...[...ground.input, '-i', small, ...beside, '-filter_complex'],
      `[0:v]${ground.chain}[g];[1:v]pad=iw+${2 * border}:ih+${2 * border}:${border}:${border}:${color}[p];[g][p]overlay=${x}:${y}` +
        (other === null ? '' : `[q];[2:v]scale=${shown}:-2[o];[q][o]overlay=${x + shown + 2 * border + gap}:${y}`) +
        `,crop=${width}:${height}:0:0`,
      ...['-frames:v', '1', '-y', slide],
    ]);
    const bytes = await betweenLectures(material, { slide, width, height, random, codec });
    const about = [
      `${percent(share)} of ${width}`,
      ground.about,
      ...(isCropped ? ['cropped'] : []),
      ...(border > 0 ? ['border'] : []),
      ...(other === null ? [] : [`beside ${other.name}`]),
      ...(caption ? ['caption'] : []),
      `JPEG ${quality}`,
      codec,
    ];
    return {
      name: `${photo.name}, ${about.join(', ')}, seed ${seed}`,
      condition: `photograph, ${percent(share)} of the width`,
      bytes,
      seconds,
      truth: [{ what: photo.name, start: from, end: until }],
      also: other === null ? [] : [other.name],
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A logo that stands on a slide, or over a lecture or a photograph. */
export async function makeLogoCase(
  material: PlacedMaterial,
  logo: Material,
  share: number,
  place: LogoPlace,
  seed: number,
): Promise<PlacedCase> {
  const random = seeded(material.seed + seed);
  const [width, height] = sizes[seed % sizes.length]!;
  const codec = codecNames[seed % codecNames.length]!;
  const shown = Math.round(share * width);
  const opacity = random() < 0.3 ? 0.8 : 1;
  const margin = Math.round(between(random, 0.008, 0.03) * width);
  const corner = pick(random, [
    `${margin}:${margin}`,
    `W-w-${margin}:${margin}`,
    `${margin}:H-h-${margin}`,
    `W-w-${margin}:H-h-${margin}`,
  ]);
  const body = `${Math.round(between(random, 0.1, 0.8) * width)}:${Math.round(between(random, 0.2, 0.45) * height)}`;
  const at = place === 'body of a slide' ? body : corner;
  const put = `[logo]scale=${shown}:-2,format=rgba,colorchannelmixer=aa=${opacity}[l]`;
  const folder = await mkdtemp(join(tmpdir(), 'emanet-placed-'));
  try {
    const ground = groundOf({ width, height, random, fonts: material.fonts });
    const photo = pick(random, material.photos);
    let bytes: Buffer;
    if (place === 'corner of a lecture') {
      const lecture = pick(random, material.lectures);
      const fit = `fps=${rate},scale=${width}:${height}:force_original_aspect_ratio=decrease,pad=${width}:${height}:-1:-1,setsar=1`;
      bytes = await throughFfmpeg([
        ...['-stream_loop', '-1', '-i', lecture, '-i', logo.path, '-filter_complex'],
        `[0:v]${fit}[b];${put.replace('[logo]', '[1:v]')};[b][l]overlay=${at}:enable='between(t,${from},${until})',format=yuv420p[out]`,
        ...['-map', '[out]', '-t', String(seconds), ...codecs[codec], '-f', 'matroska', '-'],
      ]);
    } else {
      const slide = join(folder, 'slide.png');
      const [input, chain] =
        place === 'corner of a photograph'
          ? [
              ['-i', photo.path],
              `scale=${width}:${height}:force_original_aspect_ratio=increase,crop=${width}:${height}`,
            ]
          : [ground.input, ground.chain];
      await throughFfmpeg([
        ...[...input, '-i', logo.path, '-filter_complex'],
        `[0:v]${chain},format=rgb24[g];${put.replace('[logo]', '[1:v]')};[g][l]overlay=${at}:format=rgb`,
        ...['-frames:v', '1', '-y', slide],
      ]);
      bytes = await betweenLectures(material, { slide, width, height, random, codec });
    }
    const on =
      place === 'corner of a photograph' ? photo.name : place === 'corner of a lecture' ? 'lecture' : ground.about;
    return {
      name: `${logo.name}, ${percent(share)} of ${width}, ${place} at ${at} on ${on}${opacity < 1 ? ', see-through' : ''}, ${codec}, seed ${seed}`,
      condition: `logo, ${place}`,
      bytes,
      seconds,
      truth: [{ what: logo.name, start: from, end: until }],
      also: place === 'corner of a photograph' ? [photo.name] : [],
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface Between {
  readonly slide: string;
  readonly width: number;
  readonly height: number;
  readonly random: Random;
  readonly codec: keyof typeof codecs;
}

function betweenLectures(material: PlacedMaterial, { slide, width, height, random, codec }: Between): Promise<Buffer> {
  const fit = `fps=${rate},scale=${width}:${height}:force_original_aspect_ratio=decrease,pad=${width}:${height}:-1:-1,setsar=1`;
  return throughFfmpeg([
    ...[
      '-stream_loop',
      '-1',
      '-i',
      pick(random, material.lectures),
      '-loop',
      '1',
      '-framerate',
      String(rate),
      '-i',
      slide,
    ],
    ...[
      '-filter_complex',
      `[0:v]${fit}[b];[b][1:v]overlay=0:0:enable='between(t,${from},${until})',format=yuv420p[out]`,
    ],
    ...['-map', '[out]', '-t', String(seconds), ...codecs[codec], '-f', 'matroska', '-'],
  ]);
}

const cleanSeconds = 40;
/** Lessons in which nothing is put: what moves and stands on a screen without being anybody's picture. */
export const cleanKinds = [
  'code, scrolled in steps',
  'code, scrolled',
  'code, pointer',
  'code, webcam',
  'lecture',
] as const;

export async function makeUnplacedCase(
  material: PlacedMaterial,
  kind: (typeof cleanKinds)[number],
  number: number,
): Promise<PlacedCase> {
  const [width, height] = [1280, 720];
  const codec = codecNames[number % codecNames.length]!;
  const lecture = material.lectures[number % material.lectures.length]!;
  const code = join(import.meta.dirname, number % 2 === 0 ? 'placed-cases.ts' : 'placed-material.ts');
  const y = { 'code, scrolled in steps': '20-180*floor(t/5)', 'code, scrolled': '20-40*t' }[kind as string] ?? '20';
  const write = `drawtext=fontfile=${material.fonts[number % material.fonts.length]}:textfile=${code}:expansion=none:fontsize=${18 + 2 * (number % 3)}:fontcolor=0xd8dee9:x=40:y='${y}'`;
  const pointer = "drawbox=x='640+500*sin(t)':y='360+300*cos(t/2)':w=14:h=22:color=white:t=fill";
  const screen = `[0:v]${write}${kind === 'code, pointer' ? `,${pointer}` : ''}`;
  const camera = '[1:v]fps=5,scale=320:180,setsar=1[c];[s][c]overlay=W-w-10:H-h-10';
  const fit = `[1:v]fps=5,scale=${width}:${height}:force_original_aspect_ratio=decrease,pad=${width}:${height}:-1:-1,setsar=1`;
  const shown = kind === 'lecture' ? fit : kind === 'code, webcam' ? `${screen}[s];${camera}` : screen;
  const bytes = await throughFfmpeg([
    ...['-f', 'lavfi', '-i', `color=0x1e2430:s=${width}x${height}:r=${rate}`, '-stream_loop', '-1', '-i', lecture],
    ...['-filter_complex', `${shown},format=yuv420p[out]`, '-map', '[out]', '-t', String(cleanSeconds)],
    ...[...codecs[codec], '-f', 'matroska', '-'],
  ]);
  return {
    name: `${kind}, ${codec}, number ${number}`,
    condition: `nothing, ${kind}`,
    bytes,
    seconds: cleanSeconds,
    truth: [],
    also: [],
  };
}
