import { type Box, cropped, type GreyPicture } from '../picture-hash.ts';

/** Change of a pixel under a see-through letter, in levels of grey. */
const leastLevels = 12;
/** Letters cover no more of their line than this share: what covers more is another picture, or a plate. */
const mostInk = 0.4;
const leastInk = 0.01;
/** On a nearly white ground, noise would be taken for white that is laid over it. Levels of grey. */
const leastRoom = 40;
/** So many of the inked pixels are weaker than full ink. */
const strongShare = 0.8;
/** Shares of the strongest ink that count as none and as full. */
const [noInk, fullInk] = [0.3, 0.8];

export interface LaidOver {
  /** Dark letters on white. */
  readonly picture: GreyPicture;
  /** What was laid over is lighter or darker than its ground. */
  readonly kind: 'light' | 'dark';
}

/**
 * What was laid over a part of the last of some pages, as dark letters on white: the part is compared with what stood
 * there on the pages before, so that even faint letters come out clean. Nothing if most of the part changed. Letters
 * that are gone since come too: only what is seen on the page as well is there.
 */
export function laidOver(pages: readonly GreyPicture[], box: Box): LaidOver[] {
  const parts = pages.map((page) => cropped(page, box));
  const now = parts.at(-1);
  if (now === undefined) return [];
  const before = parts.slice(0, -1).filter((part) => isSameGround(part, now));
  if (before.length === 0) return [];
  const [least, most] = extremes(before);
  return (['light', 'dark'] as const).flatMap((kind) => {
    // What is darker is lighter in the negatives.
    const mask = kind === 'light' ? 0 : 255;
    const ground = kind === 'light' ? least : most.map((value) => value ^ mask);
    const laid = new Uint8Array(ground.length);
    const counts = new Uint32Array(256);
    for (let at = 0; at < laid.length; at++) {
      const over = (now.pixels[at]! ^ mask) - ground[at]!;
      if (over < leastLevels / 2) continue;
      laid[at] = Math.min(255, (255 * over) / Math.max(leastRoom, 255 - ground[at]!));
      counts[laid[at]!]! += 1;
    }
    const inked = counts.subarray(leastLevels).reduce((sum, count) => sum + count, 0);
    const share = inked / laid.length;
    if (share < leastInk || share > mostInk) return [];
    const inks = inksUpTo(strongest(counts, inked - Math.floor(inked * strongShare)));
    return [{ kind, picture: { ...now, pixels: laid.map((value) => inks[value]!) } }];
  });
}

/** The darkest and the lightest of each pixel. */
function extremes(pages: readonly GreyPicture[]): [darkest: Uint8Array, lightest: Uint8Array] {
  const [first, ...others] = pages as [GreyPicture, ...GreyPicture[]];
  const [least, most] = [first.pixels.slice(), first.pixels.slice()];
  for (const { pixels } of others)
    for (let at = 0; at < pixels.length; at++) {
      const value = pixels[at]!;
      if (value < least[at]!) least[at] = value;
      else if (value > most[at]!) most[at] = value;
    }
  return [least, most];
}

/** The level that so many of the counted ones reach. */
function strongest(counts: Uint32Array, many: number): number {
  let [level, sum] = [255, counts[255]!];
  while (sum < many) sum += counts[--level]!;
  return level;
}

/** Dark on white, for each amount of what is laid over. */
const inksUpTo = (strong: number): Uint8Array =>
  Uint8Array.from({ length: 256 }, (_, value) => {
    const ink = (value / strong - noInk) / (fullInk - noInk);
    return Math.round(255 * (1 - Math.min(1, Math.max(0, ink))));
  });

/** Whether a picture of what was laid over holds enough ink to be read. */
export function hasInk({ pixels }: GreyPicture): boolean {
  let inked = 0;
  for (const value of pixels) if (value < 128) inked += 1;
  return inked >= leastInk * pixels.length;
}

function isSameGround(a: GreyPicture, b: GreyPicture): boolean {
  let changed = 0;
  for (let at = 0; at < a.pixels.length; at++) if (Math.abs(a.pixels[at]! - b.pixels[at]!) > leastLevels) changed += 1;
  return changed <= mostInk * a.pixels.length;
}

/** The darkest of each pixel: of a film, what stands still in it stays. */
export function darkest(pages: readonly GreyPicture[]): GreyPicture {
  const [first] = pages as [GreyPicture, ...GreyPicture[]];
  return { ...first, pixels: extremes(pages)[0] };
}
