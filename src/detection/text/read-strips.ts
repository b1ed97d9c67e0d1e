import { enlargedSize, interpolate } from '../enlarge.ts';
import { areaOf, commonArea, type GreyPicture } from '../picture-hash.ts';
import { linesOfTsv } from './lines-of-tsv.ts';
import type { Layout, ReadLine } from './read-line.ts';
import { whiteLaidOver } from './strokes.ts';
import { findStrips, type Strip } from './text-strips.ts';

type Box = ReadLine['box'];

/** Maximum number of strips, each read twice: a strip takes about 15 ms. */
const mostStrips = 20;
/** Tesseract reads letters of this height best. Pixels. */
const readHeight = 36;
const greatestScale = 3;
/** White margin around a strip. Pixels. */
const margin = 10;
/**
 * Space above, below and beside the letters in the strip, in their heights: for dots, tails, a letter that was missed.
 */
const [besideLetters, aboveLetters] = [0.5, 0.3];
/** Less sure lines come from branches. Of 65 notices of the evaluation 64 were read at 0.6 and more. */
const leastConfidence = 0.5;
/** A strip need not be read, or read again, if a line covers so much of it and was read so surely: no letter is missing. */
const wholeLine = 0.95;
const surelyRead = 0.95;
/** Amounts of white laid over a pixel: `from` which it counts as ink, and at which it is `full` ink. */
interface Ink {
  readonly from: number;
  readonly full: number;
}
/** Half-transparent letters are full, and faint pixels are left out. */
const firmInk: Ink = { from: 40, full: 125 };
/** Letters of one notice are laid on equally: weaker pixels around opaque letters are left out. */
const ownInk = ({ level }: Strip): Ink => ({ from: 0.25 * level, full: 0.9 * level });

/**
 * Lines of white letters that are laid over a picture, also half-transparent ones: they are found first, enlarged, and
 * each read as one line. In a whole picture Tesseract confuses them with their background. What `known`
 * lines cover is left out if they were read surely: gaps between dark letters look like white ones.
 */
export function readStrips(
  tesseract: { read(picture: GreyPicture, layout: Layout): string },
  picture: GreyPicture,
  known: readonly ReadLine[] = [],
): ReadLine[] {
  const white = { ...picture, pixels: whiteLaidOver(picture) };
  const strips = findStrips(white.pixels, white.width, mostStrips);
  return strips.flatMap((strip) => {
    if (isRead(strip, known)) return [];
    const box = withRoom(strip, picture);
    const scale = Math.min(greatestScale, Math.max(1, readHeight / strip.letterHeight));
    const lines: ReadLine[] = [];
    for (const ink of [firmInk, ownInk(strip)]) {
      if (isRead(strip, lines)) break;
      for (const line of linesOfTsv(tesseract.read(onPaper(white, box, scale, ink), 'line')))
        if (line.confidence >= leastConfidence) lines.push({ ...line, box: placed(line.box, box, scale) });
    }
    return lines;
  });
}

const isRead = (strip: Strip, lines: readonly ReadLine[]): boolean =>
  lines.some(({ confidence, box }) => confidence >= surelyRead && commonArea(box, strip) >= wholeLine * areaOf(strip));

function withRoom({ x, y, width, height, letterHeight }: Strip, picture: GreyPicture): Box {
  const [beside, above] = [Math.round(besideLetters * letterHeight), Math.round(aboveLetters * letterHeight)];
  const [left, top] = [Math.max(0, x - beside), Math.max(0, y - above)];
  return {
    x: left,
    y: top,
    width: Math.min(picture.width, x + width + beside) - left,
    height: Math.min(picture.height, y + height + above) - top,
  };
}

/** A part of a picture as dark letters on white, `scale` times as large, with a margin. */
function onPaper(picture: GreyPicture, box: Box, scale: number, { from, full }: Ink): GreyPicture {
  const [wide, high] = enlargedSize(box, scale);
  const page = { width: wide + 2 * margin, height: high + 2 * margin };
  const paper = new Uint8Array(page.width * page.height).fill(255);
  interpolate(picture, box, scale, (x, y, value) => {
    const ink = Math.min(1, Math.max(0, (value - from) / (full - from)));
    paper[(y + margin) * page.width + x + margin] = Math.round(255 * (1 - ink));
  });
  return { ...page, pixels: paper };
}

/** The place in the picture of a box in an enlarged strip. */
function placed({ x, y, width, height }: Box, strip: Box, scale: number): Box {
  const inside = (value: number, most: number) => Math.min(most, Math.max(0, Math.round((value - margin) / scale)));
  const [left, top] = [inside(x, strip.width), inside(y, strip.height)];
  return {
    x: strip.x + left,
    y: strip.y + top,
    width: inside(x + width, strip.width) - left,
    height: inside(y + height, strip.height) - top,
  };
}
