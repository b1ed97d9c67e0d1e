/**
 * How many codes of sheets are read off scans and photographs: prints sheets, does to them what copiers and telephones do,
 * and reads them as a school's files are read. The chance is seeded. Fails when a bar is missed.
 * `npm run eval:sheets`, about ten minutes.
 */
import { spawnSync } from 'node:child_process';
import { PDFiumLibrary } from '@hyzyla/pdfium';
import { createCodeReader } from '../../src/adapters/codes/code-reader.ts';
import { createPictureReader } from '../../src/adapters/ffmpeg/picture-reader.ts';
import { createPapers } from '../../src/adapters/papers/papers.ts';
import { createScanReader } from '../../src/adapters/pdfium/scan-reader.ts';
import {
  between,
  blur,
  type Chance,
  chanceOf,
  crumple,
  grain,
  lay,
  photocopy,
  seenFrom,
  shade,
  shrink,
  tone,
  turn,
} from '../../src/demo/paper-pictures.ts';
import type { GreyPicture } from '../../src/detection/picture-hash.ts';
import { writeSheet } from '../../src/papers/sheets.ts';
import { readScan } from '../../src/pipeline/paper/read-scan.ts';
import { sourceOf } from '../../src/pipeline/ports/bytes-source.ts';
import { pdfOf, pictured } from '../support/pdf.ts';
import { sheetCodeOf, sheetOf } from '../support/sheets.ts';

const tools = { scans: createScanReader(), pictures: createPictureReader(), codes: createCodeReader() };
const printed = 300;
const sheets = 5;

/** Pages as a printer of 300 dots per inch prints them. The address of every other school takes a larger code. */
async function printPages(): Promise<GreyPicture[]> {
  const library = await PDFiumLibrary.init();
  const pages: GreyPicture[] = [];
  for (let number = 0; number < sheets; number++) {
    const origin =
      number % 2 === 0 ? 'https://emanet.okul.example' : 'https://emanet.uzun-adli-deneme-ortaokulu.example:8443';
    const options = { origin, at: new Date(0), isTwoSided: false };
    const document = await library.loadDocument(
      (await createPapers().sheets([writeSheet(sheetOf(number))], options)).pdf,
    );
    for (const page of document.pages()) {
      const { data, width, height } = await page.render({ scale: printed / 72, render: 'bitmap' });
      const pixels = new Uint8Array(width * height);
      for (let at = 0; at < pixels.length; at++) pixels[at] = data[at * 4]!;
      pages.push({ width, height, pixels });
    }
    document.destroy();
  }
  return pages;
}

/** As a JPEG, whose quality ffmpeg counts from 2 (best) to 31. */
function jpegOf({ width, height, pixels }: GreyPicture, quality: number): Buffer {
  const size = `${width}x${height}`;
  const input = ['-f', 'rawvideo', '-pix_fmt', 'gray', '-s', size, '-i', 'pipe:0'];
  const output = ['-q:v', String(quality), '-pix_fmt', 'yuvj444p', '-f', 'mjpeg', 'pipe:1'];
  const { status, stdout, stderr } = spawnSync('ffmpeg', ['-v', 'error', ...input, ...output], {
    input: pixels,
    maxBuffer: 64 * 1024 ** 2,
  });
  if (status !== 0) throw new Error(`ffmpeg: ${stderr}`);
  return stdout;
}

interface Kind {
  readonly name: string;
  /** Whether the bar of its group holds for it. */
  readonly isFair: boolean;
  readonly make: (page: GreyPicture, chance: Chance) => GreyPicture;
}

const copierKinds = [75, 100, 150, 200, 300].flatMap((dpi): Kind[] => {
  const scan = (page: GreyPicture, chance: Chance) => grain(shrink(photocopy(page, chance), dpi / printed), chance, 5);
  const isFair = dpi >= 150;
  return [
    { name: `copier, ${dpi} dpi`, isFair, make: scan },
    {
      name: `copier, ${dpi} dpi, copy of a copy`,
      isFair,
      make: (page, chance) => scan(photocopy(photocopy(page, chance), chance), chance),
    },
    { name: `copier, ${dpi} dpi, upside down`, isFair, make: (page, chance) => turn(scan(page, chance), 180) },
  ];
});

/** A hand-held picture of a sheet on a table; `tilt` is how far the corners are from where they should be. */
function photograph(page: GreyPicture, chance: Chance, { long = 4_000, tilt = 0.05 } = {}): GreyPicture {
  const away = () => between(chance, 0.03, 0.08);
  const off = () => between(chance, -tilt, tilt);
  const [left, right, top, bottom] = [-away(), 1 + away(), -away(), 1 + away()];
  return seenFrom(page, { width: (long * 3) / 4, height: long }, 120, [
    [left + off(), top + off()],
    [right + off(), top + off()],
    [right + off(), bottom + off()],
    [left + off(), bottom + off()],
  ]);
}

/** The edge of a shadow crosses the page, often through the code. */
function darken(picture: GreyPicture, chance: Chance): GreyPicture {
  const [angle, through] = [chance() * 2 * Math.PI, [between(chance, 0.6, 0.95), between(chance, 0.05, 0.3)] as const];
  const [depth, soft] = [between(chance, 0.35, 0.6), between(chance, 0.01, 0.08)];
  return shade(picture, (u, v) => {
    const side = (u - through[0]) * Math.cos(angle) + (v - through[1]) * Math.sin(angle);
    return 1 - (1 - depth) / (1 + Math.exp(-side / soft));
  });
}

const camera = (picture: GreyPicture, chance: Chance) => grain(blur(picture, 1), chance, 4);
const phoneKinds: readonly Kind[] = [
  { name: 'phone, fair', isFair: true, make: (page, chance) => camera(photograph(page, chance), chance) },
  { name: 'phone, on its side', isFair: true, make: (page, chance) => lay(camera(photograph(page, chance), chance)) },
  {
    name: 'phone, shadow',
    isFair: true,
    make: (page, chance) => camera(darken(photograph(page, chance), chance), chance),
  },
  {
    name: 'phone, through a messenger (1600 pixels)',
    isFair: true,
    make: (page, chance) => shrink(camera(darken(photograph(page, chance), chance), chance), 0.4),
  },
  {
    name: 'phone, steep',
    isFair: false,
    make: (page, chance) => camera(photograph(page, chance, { tilt: 0.14 }), chance),
  },
  {
    name: 'phone, out of focus',
    isFair: false,
    make: (page, chance) => grain(blur(photograph(page, chance), between(chance, 4, 7)), chance, 4),
  },
  {
    name: 'phone, low light',
    isFair: false,
    make: (page, chance) =>
      grain(
        tone(blur(photograph(page, chance), 2), (value) => 8 + value * 0.22),
        chance,
        14,
      ),
  },
  {
    name: 'phone, crumpled',
    isFair: false,
    make: (page, chance) => camera(photograph(crumple(page, chance, 0.004), chance), chance),
  },
  {
    name: 'phone, crumpled badly',
    isFair: false,
    make: (page, chance) => camera(photograph(crumple(page, chance, 0.01), chance), chance),
  },
];

interface Tally {
  read: number;
  none: number;
  several: number;
  wrong: number;
  ms: number;
}

const pages = await printPages();
const perSheet = pages.length / sheets;

async function measure(
  { make }: Kind,
  asFile: (pictures: GreyPicture[]) => Promise<Buffer[]>,
  seed: number,
): Promise<Tally> {
  const tally: Tally = { read: 0, none: 0, several: 0, wrong: 0, ms: 0 };
  const pictures = pages.map((page, at) => make(page, chanceOf(seed * 1_000 + at)));
  let index = 0;
  for (const file of await asFile(pictures)) {
    let before = performance.now();
    await readScan(tools, sourceOf(file), async ({ found }) => {
      tally.ms += performance.now() - before;
      const [code, page] = [sheetCodeOf(Math.floor(index / perSheet)), (index % perSheet) + 1];
      index++;
      if (found === 'none' || found === 'several') tally[found]++;
      else tally[found.code === code && found.page === page ? 'read' : 'wrong']++;
      before = performance.now();
    });
  }
  if (index !== pages.length) throw new Error(`${index} of ${pages.length} pages came back`);
  return tally;
}

const onePdf = async (pictures: GreyPicture[]) => [
  await pdfOf(pictures.map((picture) => pictured(jpegOf(picture, 6)))),
];
const eachJpeg = async (pictures: GreyPicture[]) => pictures.map((picture) => jpegOf(picture, 5));

const groups = [
  { name: 'copier, 150 dpi and more', bar: 0.95, kinds: copierKinds, asFile: onePdf },
  { name: 'fair pictures of phones', bar: 0.8, kinds: phoneKinds, asFile: eachJpeg },
];
let failed = false;
let seed = 0;
console.log('| what | pages | read | none | several | wrong | ms a page |\n|---|---|---|---|---|---|---|');
for (const { name, bar, kinds, asFile } of groups) {
  const all = { read: 0, pages: 0 };
  for (const kind of kinds) {
    const { read, none, several, wrong, ms } = await measure(kind, asFile, ++seed);
    console.log(
      `| ${kind.name} | ${pages.length} | ${read} | ${none} | ${several} | ${wrong} | ${Math.round(ms / pages.length)} |`,
    );
    if (kind.isFair) {
      all.read += read;
      all.pages += pages.length;
    }
    if (wrong > 0) failed = true;
  }
  const share = all.read / all.pages;
  if (share < bar) failed = true;
  console.log(`| **${name}** | ${all.pages} | **${(share * 100).toFixed(1)} %**, bar ${bar * 100} % | | | | |`);
}
process.exitCode = failed ? 1 : 0;
