import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { bufferSource } from '../support/media.ts';
import type { EvalOptions, PartResult } from './parts.ts';
import { lecturesOf, type PictureCodec, pictureCodecs } from './picture-cases.ts';
import { openRegistry, readCatalog } from './registry.ts';
import type { Scored } from './score.ts';
import { pick, seeded, throughFfmpeg } from './sound.ts';

const [width, height, rate] = [640, 360, 15];
const grounds = ['white', '0x1e2630', '0xf3ecd8', '0x2f5d8a'];
const sizes = [
  ['half of the width', 0.5],
  ['a third of the width', 0.34],
] as const;

/** Photographs on slides, every other one registered: pictures of the folder, and moments of its films as if they were some. */
export async function evaluateSlides({ media, isQuick, say }: EvalOptions): Promise<PartResult> {
  const folder = await mkdtemp(join(tmpdir(), 'emanet-slides-'));
  try {
    const photos = await takePhotos(media, folder);
    const registered = photos.filter((_, at) => at % 2 === 0);
    const registry = await openRegistry(
      '/',
      registered.map(({ name, path }) => ({ work: name, file: path, type: 'image' })),
    );
    const codecs = Object.keys(pictureCodecs) as PictureCodec[];
    const cases: Scored[] = [];
    let [seconds, tookMs, seed] = [0, 0, 0];
    try {
      for (const [size, share] of sizes) {
        for (const { name, path } of photos) {
          for (const ground of isQuick ? grounds.slice(0, 1) : grounds) {
            seed += 1;
            const codec = codecs[seed % codecs.length]!;
            const made = await makeSlide({ media, path, ground, share, codec, seed });
            const searched = await registry.search(bufferSource(made));
            const isKnown = registered.some((photo) => photo.name === name);
            seconds += 14;
            tookMs += searched.tookMs;
            cases.push({
              case: `${name} on ${ground}, ${size}, ${codec}`,
              condition: isKnown ? size : 'not registered',
              seconds: 14,
              truth: isKnown ? [{ what: name, start: 4, end: 10 }] : [],
              said: searched.found.map((each) => ({
                what: each.work,
                start: each.startMs / 1000,
                end: each.endMs / 1000,
              })),
            });
          }
        }
        say(`  ${size}`);
      }
    } finally {
      await registry.close();
    }
    return {
      name: 'photographs on slides',
      about: `${registered.length} of ${photos.length} photographs registered, shown for 6 s on slides of ${grounds.length} colours`,
      methods: { Emanet: cases },
      speed: seconds / (tookMs / 1000),
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function takePhotos(media: string, folder: string): Promise<{ name: string; path: string }[]> {
  const photos = (await readdir(join(media, 'images')).catch(() => []))
    .filter((name) => /\.(jpe?g|png)$/i.test(name))
    .map((name) => ({ name, path: resolve(media, 'images', name) }));
  for (const { work, file } of (await readCatalog(media)).filter(({ type }) => type === 'film')) {
    for (const at of [1, 3, 5, 7]) {
      const path = join(folder, `${work}-${at}.jpg`);
      await throughFfmpeg(['-ss', String(at), '-i', join(media, file), '-frames:v', '1', '-y', path]);
      photos.push({ name: `${work} at ${at} s`, path });
    }
  }
  return photos;
}

async function makeSlide(of: {
  media: string;
  path: string;
  ground: string;
  share: number;
  codec: PictureCodec;
  seed: number;
}): Promise<Buffer> {
  const random = seeded(of.seed);
  const base = pick(random, lecturesOf(of.media));
  const ink = of.ground === 'white' || of.ground === '0xf3ecd8' ? 'black' : 'white';
  const [x, y] = [20 + Math.round(random() * (0.9 - of.share) * width), 40 + Math.round(random() * 60)];
  const lines = Array.from(
    { length: 3 },
    (_, at) => `drawbox=x=30:y=${310 + at * 14}:w=${200 + at * 90}:h=5:color=${ink}:t=fill`,
  );
  return throughFfmpeg([
    ...['-stream_loop', '-1', '-i', base, '-loop', '1', '-i', of.path],
    ...['-f', 'lavfi', '-i', `color=${of.ground}:s=${width}x${height}:r=${rate}`, '-filter_complex'],
    `[0:v]fps=${rate},scale=${width}:${height}:force_original_aspect_ratio=decrease,pad=${width}:${height}:-1:-1,setsar=1[base];` +
      `[1:v]fps=${rate},scale=${Math.round(of.share * width)}:240:force_original_aspect_ratio=decrease,setsar=1[photo];` +
      `[2:v]${lines.join(',')}[ground];[ground][photo]overlay=${x}:${y}[slide];` +
      "[base][slide]overlay=0:0:enable='between(t,4,10)',format=yuv420p[out]",
    ...['-map', '[out]', '-t', '14', ...pictureCodecs[of.codec], '-f', 'matroska', '-'],
  ]);
}
