import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { GreyPicture } from '../../src/detection/picture-hash.ts';
import {
  clips,
  debianRoot,
  lectureTexts,
  type NoticeSet,
  type NoticeText,
  noticeSets,
  onPlates,
  type Style,
  spots,
  styles,
} from './notice-texts.ts';
import { throughFfmpeg } from './sound.ts';

const [width, height] = [1280, 720];

/** One labelled frame: what is written on it, and how. `notice` is null on a frame that has none. */
export interface NoticeFrame {
  readonly picture: GreyPicture;
  readonly base: string;
  readonly notice: NoticeText | null;
  /** `24 px, light on dark`; `no notice`. */
  readonly condition: string;
}

interface Writing {
  readonly text: string;
  readonly size: number;
  readonly style: Style;
  readonly font: string;
  readonly spot: string;
}

/**
 * Draws the writings one after the other on a still picture, has a meeting tool's encoder pass over it (H.264, 10 frames a
 * second, a key frame every 2 s), and gives the clean first key frame and the first one after each writing appeared.
 */
async function drawn(
  base: string,
  writings: readonly Writing[],
  kbits: number,
  folder: string,
): Promise<GreyPicture[]> {
  const filters = await Promise.all(
    writings.map(async ({ text, size, style, font, spot }, index) => {
      const file = join(folder, `${index}.txt`);
      await writeFile(file, text);
      const shown = `between(t,${2 * index + 1},${2 * index + 2.95})`;
      return `drawtext=fontfile=${font}:textfile=${file}:expansion=none:fontsize=${size}:${styles[style]}:${spot}:enable='${shown}'`;
    }),
  );
  const clip = join(folder, 'clip.mp4');
  await throughFfmpeg([
    ...['-y', '-loop', '1', '-framerate', '10', '-t', String(2 * writings.length + 1), '-i', base],
    ...['-vf', [...filters, 'format=yuv420p'].join(',')],
    ...['-c:v', 'libx264', '-preset', 'veryfast', '-tune', 'zerolatency', '-b:v', `${kbits}k`, '-maxrate', `${kbits}k`],
    ...['-bufsize', `${2 * kbits}k`, '-g', '20', '-keyint_min', '20', '-sc_threshold', '0', clip],
  ]);
  const keyFrames = ['-skip_frame', 'nokey', '-i', clip, '-vsync', 'passthrough'];
  return picturesOf(await throughFfmpeg([...keyFrames, '-f', 'rawvideo', '-pix_fmt', 'gray', '-']));
}

function picturesOf(grey: Buffer): GreyPicture[] {
  const bytes = width * height;
  return Array.from({ length: Math.floor(grey.length / bytes) }, (_, index) => ({
    width,
    height,
    pixels: new Uint8Array(grey.subarray(index * bytes, (index + 1) * bytes)),
  }));
}

const fitted = `scale=${width}:${height}:force_original_aspect_ratio=decrease,pad=${width}:${height}:(ow-iw)/2:(oh-ih)/2,setsar=1`;
const turned = <T>(list: readonly T[], by: number): T => list[by % list.length]!;

/** Every frame of a set, of one clip after the other: only one clip's are in memory. */
export async function* noticeFrames(
  media: string,
  isQuick: boolean,
  set: keyof typeof noticeSets,
): AsyncGenerator<NoticeFrame> {
  yield* framesOf(media, isQuick, noticeSets[set]);
  if (set === 'tuned') yield* framesOfClips(media, isQuick);
}

export async function* framesOf(
  media: string,
  isQuick: boolean,
  { bases, notices, fonts, first }: NoticeSet,
): AsyncGenerator<NoticeFrame> {
  const folder = await mkdtemp(join(tmpdir(), 'emanet-eval-'));
  try {
    let turn = first;
    for (const { file, atSeconds, isPicture } of bases.filter((_, index) => !isQuick || index % 3 === 0)) {
      const still = join(folder, 'base.png');
      const seek = atSeconds === null ? [] : ['-ss', String(atSeconds)];
      await throughFfmpeg([
        '-y',
        ...seek,
        '-i',
        file.startsWith('/usr') ? join(debianRoot, file) : join(media, file),
        '-frames:v',
        '1',
        '-vf',
        fitted,
        still,
      ]);
      const base = atSeconds === null ? file : `${file} at ${atSeconds} s`;
      for (const size of [16, 24, 32, 48]) {
        const cases = (Object.keys(styles) as Style[])
          .filter((style) => isPicture || onPlates.includes(style))
          .flatMap((style) => (isQuick ? [style] : [style, style]))
          .map((style) => ({ style, notice: turned(notices, turn++) }));
        const writings = cases.map(({ style, notice }, index) => {
          const [font, spot] = [turned(fonts, turn + index), turned(spots, turn + 2 * index)];
          return { text: notice.text, size, style, font, spot };
        });
        const [, ...pictures] = await drawn(still, writings, turned([150, 200, 250], turn), folder);
        for (const [index, picture] of pictures.entries()) {
          const { style, notice } = cases[index]!;
          yield { picture, base, notice, condition: `${size} px, ${style}` };
        }
      }
      const writings = lectureTexts
        .filter((_, index) => !isQuick || index % 6 === turn % 6)
        .map((text, index) => {
          const [size, style] = [turned([24, 32, 48], index), turned(onPlates, index)];
          return { text, size, style, font: turned(fonts, index), spot: turned(spots, index) };
        });
      for (const picture of await drawn(still, writings, 200, folder))
        yield { picture, base, notice: null, condition: 'no notice' };
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function* framesOfClips(media: string, isQuick: boolean): AsyncGenerator<NoticeFrame> {
  for (const { file, everySeconds } of clips) {
    const every = everySeconds * (isQuick ? 6 : 1);
    const sampled = [
      '-i',
      join(media, file),
      '-vf',
      `fps=1/${every},${fitted}`,
      '-f',
      'rawvideo',
      '-pix_fmt',
      'gray',
      '-',
    ];
    for (const [index, picture] of picturesOf(await throughFfmpeg(sampled)).entries())
      yield { picture, base: `${file} at about ${index * every} s`, notice: null, condition: 'no notice' };
  }
}
