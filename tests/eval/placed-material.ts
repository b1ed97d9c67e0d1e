import { lstatSync, mkdirSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { debianRoot } from './notice-texts.ts';
import { pick, seeded, throughFfmpeg } from './sound.ts';

/** What a set of cases is made of: folders and files below `debianRoot`, and lectures of the media folder. */
interface PlacedSet {
  readonly photos: readonly string[];
  readonly logoFolders: readonly string[];
  readonly fonts: readonly string[];
  readonly lectures: readonly string[];
  readonly seed: number;
}

const nature = ['Aqua', 'Blinds', 'Dune', 'FreshFlower', 'Garden', 'GreenMeadow', 'LadyBird', 'RainDrops', 'Storm'];
const wallpapers = ['Altai', 'Autumn', 'BytheWater', 'Canopee', 'Cascade', 'Cluster', 'ColdRipple', 'ColorfulCups'];
const more = ['DarkestHour', 'EveningGlow', 'FallenLeaf', 'Flow', 'FlyingKonqui', 'Grey', 'Honeywave', 'IceCold'];
const truetype = 'usr/share/fonts/truetype';

/**
 * Pictures, fonts and lectures. Thresholds were set on the first set; none on the second. Debian packages:
 * `plasma-workspace-wallpapers`, `ukui-wallpapers`, `papirus-icon-theme`, `fonts-dejavu-core`; `mate-backgrounds`,
 * `opencv-doc`, `oxygen-icon-theme`, `faenza-icon-theme`, `fonts-lato`, `fonts-liberation`.
 */
const sets: Readonly<Record<'tuned' | 'fresh', PlacedSet>> = {
  tuned: {
    photos: [
      ...[...wallpapers, ...more].map((name) => `usr/share/wallpapers/${name}/contents/screenshot`),
      ...['calla.png', 'city.png', 'goldfish.png', 'the-mouse.jpg'].map((name) => `usr/share/backgrounds/${name}`),
    ],
    logoFolders: ['usr/share/icons/Papirus/64x64/apps'],
    fonts: [`${truetype}/dejavu/DejaVuSans.ttf`, `${truetype}/dejavu/DejaVuSerif-Bold.ttf`],
    lectures: ['camtasia_oneminute_tscc.avi', 'gnome_screencast_message_board.ogv'],
    seed: 1_000,
  },
  fresh: {
    photos: [
      ...[...nature, 'TwoWings', 'Wood', 'YellowFlower'].map((name) => `usr/share/backgrounds/mate/nature/${name}.jpg`),
      ...[
        'data/fruits.jpg',
        'data/baboon.jpg',
        'data/home.jpg',
        'data/building.jpg',
        'data/leuvenA.jpg',
        'data/aloeL.jpg',
        'data/HappyFish.jpg',
        'data/messi5.jpg',
        'dnn_superres/butterfly.png',
        'alphamat/input_images/plant.jpg',
      ].map((name) => `usr/share/doc/opencv-doc/examples/${name}`),
    ],
    logoFolders: ['usr/share/icons/oxygen/base/256x256/apps', 'usr/share/icons/Faenza/apps/96'],
    fonts: [`${truetype}/lato/Lato-Medium.ttf`, `${truetype}/liberation/LiberationSerif-Bold.ttf`],
    lectures: ['zoom_ruby_gem_walkthrough_mit.mp4', 'empty_lecture_room_20s.ogv'],
    seed: 9_000,
  },
};
export type PlacedSetName = keyof typeof sets;

export interface Material {
  readonly name: string;
  readonly path: string;
}

export interface PlacedMaterial {
  readonly photos: readonly Material[];
  readonly logos: readonly Material[];
  readonly fonts: readonly string[];
  readonly lectures: readonly string[];
  readonly seed: number;
}

/** Logos of a set: every third has its name beside it, every other of the rest lies on white. */
const logoCount = 48;

/** The material of a set. Logos are drawn into the folder, 512 pixels wide. */
export async function placedMaterial(media: string, name: PlacedSetName, folder: string): Promise<PlacedMaterial> {
  const set = sets[name];
  const random = seeded(set.seed);
  const fonts = set.fonts.map((font) => join(debianRoot, font));
  mkdirSync(folder, { recursive: true });
  const logos: Material[] = [];
  const taken = new Set<string>();
  while (logos.length < logoCount) {
    const from = join(debianRoot, pick(random, set.logoFolders));
    const file = pick(random, readdirSync(from).toSorted());
    if (taken.has(file) || !lstatSync(join(from, file)).isFile()) continue;
    taken.add(file);
    const title = file.replace(/\.\w+$/, '');
    const path = join(folder, `${title}.png`);
    await drawLogo(join(from, file), path, logos.length, { font: pick(random, fonts), title });
    logos.push({ name: title, path });
  }
  return {
    photos: set.photos.map((photo) => withEnding(join(debianRoot, photo))),
    logos,
    fonts,
    lectures: set.lectures.map((lecture) => join(media, 'lectures', lecture)),
    seed: set.seed,
  };
}

/** KDE keeps small pictures of wallpapers as PNG or as JPEG. */
function withEnding(path: string): Material {
  const folder = join(path, '..');
  const file = readdirSync(folder).find((each) => each.startsWith(basename(path)));
  if (file === undefined) throw new Error(`there is no ${path}`);
  return { name: path.endsWith('screenshot') ? path.split('/').at(-3)! : file, path: join(folder, file) };
}

async function drawLogo(
  from: string,
  to: string,
  number: number,
  { font, title }: { font: string; title: string },
): Promise<void> {
  const size = from.endsWith('.svg') ? ['-width', '512', '-height', '512'] : [];
  const words = title.replace(/[^a-z0-9]+/gi, ' ').slice(0, 12);
  const square = 'scale=512:512,format=rgba';
  const filter =
    number % 3 === 0
      ? `[0:v]scale=200:200,format=rgba,pad=${230 + 62 * words.length}:200:0:0:color=black@0,` +
        `drawtext=fontfile=${font}:text='${words}':fontsize=104:x=225:y=(h-text_h)/2:fontcolor=${number % 2 === 0 ? '0x303840' : '0x1060c0'}`
      : number % 3 === 1
        ? `color=white:s=512x512,format=rgba[w];[0:v]${square}[l];[w][l]overlay=format=rgb,format=rgb24`
        : square;
  await throughFfmpeg([...size, '-i', from, '-filter_complex', filter, '-frames:v', '1', '-y', to]);
}
