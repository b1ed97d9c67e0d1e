import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { debianRoot, type Style, spots, styles } from './notice-texts.ts';
import { lecturesOf, type PictureCase } from './picture-cases.ts';
import { throughFfmpeg } from './sound.ts';

/** What clips are made of: files below `debianRoot` that begin with `usr`, and files of the media folder. */
interface ClipSet {
  readonly photos: readonly string[];
  readonly films: readonly string[];
  readonly fonts: readonly string[];
  readonly texts: readonly string[];
  readonly first: number;
}

const truetype = 'usr/share/fonts/truetype';
const opentype = 'usr/share/fonts/opentype';
const nature = (name: string) => `usr/share/backgrounds/mate/nature/${name}.jpg`;
const example = (name: string) => `usr/share/doc/opencv-doc/examples/data/${name}`;

/**
 * Photographs, films, words and fonts. The reader was made with the first set; on the second no threshold was set. Debian
 * packages: `mate-backgrounds`, `fonts-lato`, `fonts-dejavu-core`; `opencv-doc`, `fonts-cantarell`, `fonts-linuxlibertine`,
 * `fonts-open-sans`, `fonts-crosextra-caladea`.
 */
const sets: Readonly<Record<'tuned' | 'fresh', ClipSet>> = {
  tuned: {
    photos: ['Garden', 'Dune', 'Wood', 'Aqua', 'TwoWings', 'Storm', 'YellowFlower', 'FreshFlower'].map(nature),
    films: ['refs/big_buck_bunny_trailer.mp4', 'lectures/empty_lecture_room_20s.ogv', 'refs/chaplin_10s.mp4'],
    fonts: [`${truetype}/lato/Lato-Regular.ttf`, `${truetype}/dejavu/DejaVuSans.ttf`, `${truetype}/lato/Lato-Bold.ttf`],
    texts: [
      '© 2019 Örnek Yayınevi',
      'Getty Images',
      'Görsel: Deniz Haber Ajansı',
      'All rights reserved',
      'Fotoğraf: Hakan Demir',
      'Tüm hakları saklıdır',
      'Photo: John Carver',
      'shutterstock',
      'Telif hakkı saklıdır',
      'Source: National Museum of Wales',
    ],
    first: 0,
  },
  fresh: {
    photos: [
      'fruits.jpg',
      'baboon.jpg',
      'home.jpg',
      'building.jpg',
      'leuvenA.jpg',
      'aloeL.jpg',
      'graf1.png',
      'starry_night.jpg',
      'stuff.jpg',
      'aero1.jpg',
      'board.jpg',
      'rubberwhale1.png',
    ].map(example),
    films: [example('Megamind.avi'), example('vtest.avi'), example('tree.avi')],
    fonts: [
      `${opentype}/cantarell/Cantarell-Bold.otf`,
      `${opentype}/linux-libertine/LinBiolinum_R.otf`,
      `${truetype}/open-sans/OpenSans-Regular.ttf`,
      `${truetype}/crosextra/Caladea-Regular.ttf`,
    ],
    texts: [
      '© 2015 Yeşil Kalem Yayınları',
      'Dreamstime',
      'Fotoğraf: Nermin Aksoy',
      'Unauthorised copying is forbidden',
      'Kaynak: Anadolu Ajansı',
      'Photo: Alice Morton / Westbridge Agency',
      'Her hakkı saklıdır',
      'Alamy',
      'Copyright 2011 Harbour Films',
      'İzinsiz çoğaltılamaz',
      'Courtesy of Riverside Museum',
      '© 2022 Hülya Tekin',
      'Adobe Stock',
    ],
    first: 3,
  },
};
export type ClipSetName = keyof typeof sets;

const [width, height, rate] = [1280, 720, 10];
/** When notices stand, in seconds: two follow each other at once, the third later. */
const stands = [
  [4, 13],
  [13, 23],
  [27, 36],
] as const;
const seconds = 40;
const sizes = [24, 30, 36, 48];
const encoded = ['-c:v', 'libx264', '-preset', 'veryfast', '-b:v', '300k', '-maxrate', '400k', '-bufsize', '800k'];
const fitted = `scale=${width}:${height}:force_original_aspect_ratio=decrease,pad=${width}:${height}:(ow-iw)/2:(oh-ih)/2`;
/** A photograph that is larger than the picture moves behind it. */
const panned = `scale=${Math.round(1.4 * width)}:${Math.round(1.4 * height)},crop=${width}:${height}:x='(iw-ow)/2*(1-cos(t/8))':y='(ih-oh)*t/${seconds}'`;

const turned = <T>(list: readonly T[], by: number): T => list[by % list.length]!;
const pathOf = (media: string, file: string): string => join(file.startsWith('usr/') ? debianRoot : media, file);

/** Clips with three notices each, over photographs that stand, photographs that move and films; and clips without any. */
export async function* noticeClips(media: string, name: ClipSetName, isQuick: boolean): AsyncGenerator<PictureCase> {
  const { photos, films, fonts, texts, first } = sets[name];
  const grounds = [
    ...photos.map((file, at) => ({ file, kind: at % 2 === 0 ? 'a photograph' : 'a photograph that moves' })),
    ...films.map((file) => ({ file, kind: 'a film' })),
  ];
  let turn = first;
  for (const [at, { file, kind }] of grounds.entries()) {
    turn += 3;
    if (isQuick && at % 5 !== 0) continue;
    // Every fourth is not see-through.
    const style: Style = at % 4 === 3 ? 'outlined' : 'see-through';
    const notices = stands.map(([start, end], index) => ({
      ...{ start, end, text: turned(texts, turn + index), spot: turned(spots, at + (index === 2 ? 1 : 0)) },
      ...{ size: turned(sizes, turn + index), font: pathOf(media, turned(fonts, turn + index)) },
    }));
    const ground = kind === 'a photograph that moves' ? panned : fitted;
    const input = kind === 'a film' ? ['-stream_loop', '-1'] : ['-loop', '1', '-framerate', String(rate)];
    yield {
      name: `${file.split('/').at(-1)}, ${style}`,
      condition: `${style} on ${kind}`,
      bytes: await written([...input, '-i', pathOf(media, file)], ground, style, notices),
      seconds,
      truth: notices.map(({ text, start, end }) => ({ what: text, start, end })),
    };
  }
  for (const lecture of lecturesOf(media))
    yield {
      name: `${lecture.split('/').at(-1)}, as it is`,
      condition: 'no notice',
      bytes: await written(['-stream_loop', '-1', '-i', lecture], fitted, 'see-through', []),
      seconds,
      truth: [],
    };
}

interface Writing {
  readonly text: string;
  readonly start: number;
  readonly end: number;
  readonly size: number;
  readonly font: string;
  readonly spot: string;
}

async function written(
  input: readonly string[],
  ground: string,
  style: Style,
  notices: readonly Writing[],
): Promise<Buffer> {
  const folder = await mkdtemp(join(tmpdir(), 'emanet-eval-'));
  try {
    const filters = await Promise.all(
      notices.map(async ({ text, start, end, size, font, spot }, index) => {
        const file = join(folder, `${index}.txt`);
        await writeFile(file, text);
        const shown = `between(t,${start},${end - 0.05})`;
        return `drawtext=fontfile=${font}:textfile=${file}:expansion=none:fontsize=${size}:${styles[style]}:${spot}:enable='${shown}'`;
      }),
    );
    const filter = [`fps=${rate}`, ground, 'setsar=1', ...filters, 'format=yuv420p'].join(',');
    return await throughFfmpeg([
      ...[...input, '-an', '-vf', filter, '-t', String(seconds)],
      ...[...encoded, '-f', 'matroska', '-'],
    ]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
