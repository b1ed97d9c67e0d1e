import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { debianRoot } from './notice-texts.ts';
import { type PictureCase, pictureCodecs } from './picture-cases.ts';
import { throughFfmpeg } from './sound.ts';

/** What screens without a film are made of: cameras, documents of this repository, and a photograph. */
interface ScreenSet {
  /** A camera on a street or a tree. */
  readonly camera: string;
  readonly otherCamera: string;
  /** Recordings of the media folder. */
  readonly screens: readonly [string, string, string];
  readonly room: string;
  readonly documents: readonly string[];
  readonly font: string;
  readonly handHeld: readonly string[];
  readonly photo: string;
}

const truetype = 'usr/share/fonts/truetype';
const examples = 'usr/share/doc/opencv-doc';
const screens = [
  'lectures/zoom_ruby_gem_walkthrough_mit.mp4',
  'lectures/gnome_screencast_message_board.ogv',
  'lectures/camtasia_oneminute_tscc.avi',
] as const;
const room = 'lectures/empty_lecture_room_20s.ogv';

/** Of the Debian packages `opencv-doc`, `fonts-dejavu-core`, `fonts-liberation` and `mate-backgrounds`. */
const sets: Readonly<Record<'tuned' | 'fresh', ScreenSet>> = {
  tuned: {
    camera: `${examples}/examples/data/tree.avi`,
    otherCamera: `${examples}/examples/data/vtest.avi`,
    screens,
    room,
    documents: ['docs/decisions/0019-peaks-beside-chromaprint.md', 'src/detection/sound-match.ts'],
    font: `${truetype}/dejavu/DejaVuSansMono.ttf`,
    handHeld: [`${examples}/opencv4/html/box.mp4`, `${examples}/opencv4/html/cup.mp4`],
    photo: 'usr/share/backgrounds/mate/nature/Garden.jpg',
  },
  fresh: {
    camera: `${examples}/examples/data/vtest.avi`,
    otherCamera: `${examples}/examples/data/tree.avi`,
    screens: [screens[1], screens[2], screens[0]],
    room,
    documents: ['docs/decisions/0037-turns-of-children.md', 'src/detection/music-features.ts'],
    font: `${truetype}/liberation/LiberationMono-Regular.ttf`,
    handHeld: [],
    photo: `${examples}/examples/data/home.jpg`,
  },
};
export type ScreenSetName = keyof typeof sets;

const [width, height, rate] = [640, 360, 15];
const page = `fps=${rate},scale=${width}:${height}:force_original_aspect_ratio=decrease,pad=${width}:${height}:(ow-iw)/2:(oh-ih)/2,setsar=1`;
const whole = `fps=${rate},scale=${width}:${height}:force_original_aspect_ratio=increase,crop=${width}:${height},setsar=1`;
const encoded = pictureCodecs['H.264 200 kbit/s'];
const [longest, shortest] = [60, 40];
const linesOfPage = 22;

/** A way to scroll: where the text stands at a time, and its colours. */
const scrolls = [
  ['smooth scrolling', '-mod(t*40\\,900)', 'white', 'black'],
  ['scrolling in steps', '-180*mod(floor(t/1.5)\\,6)', '0x1e1e1e', 'white'],
  ['scrolling back and forth, fast', '-450+440*sin(t*0.9)', 'white', '0x303030'],
  ['scrolling by whole pages', '-340*mod(floor(t/2.5)\\,4)', '0xf4ecd8', '0x202020'],
] as const;

/** Recordings of screens and cameras in which no film is shown. */
export async function* screensWithoutFilm(
  media: string,
  name: ScreenSetName,
  isQuick: boolean,
): AsyncGenerator<PictureCase> {
  const set = sets[name];
  const folder = await mkdtemp(join(tmpdir(), 'emanet-eval-'));
  const font = join(debianRoot, set.font);
  const from = (file: string) => ['-stream_loop', '-1', '-i', join(file.startsWith('usr/') ? debianRoot : media, file)];
  const made = async (about: string, condition: string, input: readonly string[], filter: string, seconds: number) => ({
    name: about,
    condition,
    bytes: await throughFfmpeg([
      ...[...input, '-filter_complex', `${filter},format=yuv420p[out]`, '-map', '[out]', '-t', String(seconds)],
      ...[...encoded, '-f', 'matroska', '-'],
    ]),
    seconds,
    truth: [],
  });
  const color = (ground: string) => ['-f', 'lavfi', '-i', `color=${ground}:s=${width}x${height}:r=${rate}`];
  const write = (file: string, y: string, ink: string, more = '') =>
    `drawtext=fontfile=${font}:textfile=${file}:expansion=none:fontsize=13:line_spacing=2:fontcolor=${ink}:x=10:y='${y}'${more}`;
  const pointer = `drawbox=x='310+300*sin(t*0.7)':y='170+150*cos(t*0.43)':w=8:h=12:color=red:t=fill`;
  try {
    const pages: string[] = [];
    for (const [at, document] of set.documents.entries()) {
      const text = await readFile(join(import.meta.dirname, '../..', document), 'utf8');
      const lines = text.split('\n').map((line) => line.slice(0, 85));
      const long = join(folder, `${at}.txt`);
      await writeFile(long, lines.slice(0, 70).join('\n'));
      for (const [turn, [way, y, ground, ink]] of scrolls.entries())
        if (turn % set.documents.length === at && !(isQuick && turn > 0))
          yield await made(
            `${way}, ${document}`,
            'scrolled pages',
            color(ground),
            `[0:v]${write(long, y, ink)}`,
            shortest,
          );
      for (let number = 0; number < 3; number++) {
        const short = join(folder, `${at}-${number}.txt`);
        await writeFile(short, lines.slice(number * linesOfPage, (number + 1) * linesOfPage).join('\n'));
        pages.push(short);
      }
    }
    const turned = pages.map((file, at) =>
      write(file, '8', 'white', `:enable='eq(mod(floor(t/3.5)\\,${pages.length})\\,${at})'`),
    );
    yield await made(
      'files of code in turn, with a pointer',
      'code and pages',
      color('0x1e1e1e'),
      `[0:v]${[...turned, pointer].join(',')}`,
      shortest,
    );
    if (isQuick) return;
    const typed = `drawbox=x=0:y='8+15*mod(floor(t)\\,${linesOfPage})':w=${width}:h=${height}:color=0x1e1e1e:t=fill`;
    yield await made(
      'code that is written line by line',
      'code and pages',
      color('0x1e1e1e'),
      `[0:v]${write(pages[0]!, '8', '0xd0d0a0')},${typed}`,
      shortest,
    );
    yield await made('a camera that stands', 'cameras', from(set.camera), `[0:v]${page}`, longest);
    for (const file of set.handHeld)
      yield await made(file.split('/').at(-1)!, 'cameras', from(file), `[0:v]${page}`, 20);
    yield await made(
      'a camera in a hand, whose exposure changes',
      'cameras',
      ['-loop', '1', '-framerate', String(rate), '-i', join(debianRoot, set.photo)],
      `[0:v]scale=1000:-2,crop=${width}:${height}:x='(iw-ow)/2*(1+0.9*sin(t*0.8))':y='(ih-oh)/2*(1+0.9*sin(t*1.1))',eq=brightness='0.12*sin(t*1.3)':eval=frame`,
      shortest,
    );
    const [first, second, third] = set.screens;
    yield await made(
      'a webcam in a corner',
      'webcams',
      [...from(first), ...from(set.otherCamera)],
      `[0:v]${page}[a];[1:v]fps=${rate},scale=160:120,setsar=1[b];[a][b]overlay=W-w-8:H-h-8`,
      longest,
    );
    yield await made(
      'a webcam beside a screen',
      'webcams',
      [...from(second), ...from(set.room)],
      `[0:v]${page}[a];[1:v]fps=${rate},scale=320:180,setsar=1[b];[a][b]overlay=W-w:0`,
      longest,
    );
    yield await made(
      'people who speak in turn',
      'webcams',
      [...from(set.room), ...from(set.otherCamera)],
      `[0:v]${whole}[a];[1:v]${whole}[b];[a][b]overlay=enable='lt(mod(t\\,14)\\,7)'`,
      longest,
    );
    yield await made(
      'a screen and a webcam in turn',
      'webcams',
      [...from(third), ...from(set.camera)],
      `[0:v]${page}[a];[1:v]${page}[b];[a][b]overlay=enable='lt(mod(t\\,20)\\,9)'`,
      longest,
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
