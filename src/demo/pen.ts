import type { GreyPicture } from '../detection/picture-hash.ts';
import { mustHave } from '../domain/must-have.ts';

/** Height of A4 in points. */
const paperHeight = 841.89;
/** Side of a box to tick, and the shortest line to write on, in points (`src/adapters/papers/sheet-pieces.ts`). */
const boxSide = 11.5;
const shortestLine = 100;

export interface Place {
  readonly page: number;
  readonly x: number;
  readonly y: number;
  readonly width: number;
}

/** What a signer writes on a sheet. The boxes are counted through the sheet, from 0. */
export interface Handwriting {
  readonly ticks: readonly number[];
  /** In block letters: capital letters, digits, spaces and full stops. */
  readonly name: string;
  readonly date: string;
}

/** Fills a printed sheet in with a ball-point pen, as its signer does at home. `pages` are changed. */
export function fillInSheet(pages: readonly GreyPicture[], { ticks, name, date }: Handwriting): void {
  const boxes = findBoxes(pages);
  for (const number of ticks) {
    const { page, x, y, width } = mustHave(boxes[number], `box ${number} of a sheet`);
    const at = (u: number, v: number): Point => [x + u * width, y + v * width];
    draw(mustHave(pages[page], 'page of a box'), [at(0.15, 0.45), at(0.45, 0.9), at(1.15, -0.2)]);
  }
  const [nameLine, signatureLine, dateLine] = findLines(pages);
  write(pages, mustHave(nameLine, 'line for the name'), name);
  write(pages, mustHave(dateLine, 'line for the date'), date);
  scribble(pages, mustHave(signatureLine, 'line for the signature'));
}

/** Empty boxes to tick, from the top of the first page down, each row from the left. */
export function findBoxes(pages: readonly GreyPicture[]): Place[] {
  return pages.flatMap((picture, page) => {
    const { width, height } = picture;
    const side = Math.round(boxSide * scaleOf(picture));
    const isDark = darkIn(picture);
    const found: Place[] = [];
    for (let y = 1; y < height - side - 2; y++)
      for (let x = 1; x < width - side - 2; x++)
        if (isDark(x, y) && !isDark(x - 1, y) && !isDark(x, y - 1) && isBox(isDark, x, y, side))
          if (!found.some((one) => Math.abs(one.x - x) < side && Math.abs(one.y - y) < side))
            found.push({ page, x, y, width: side });
    return found;
  });
}

type IsDark = (x: number, y: number) => boolean;

function isBox(isDark: IsDark, x: number, y: number, side: number): boolean {
  // A line may lie between two rows of pixels.
  const isEdge = (at: (away: number) => boolean) => [-1, 0, 1].some(at);
  for (let d = 1; d < side; d++) {
    if (!isDark(x + d, y + 1) || !isDark(x + 1, y + d)) return false;
    if (!isEdge((away) => isDark(x + side + away, y + d)) || !isEdge((away) => isDark(x + d, y + side + away)))
      return false;
  }
  for (let v = 6; v < side - 5; v++) for (let u = 6; u < side - 5; u++) if (isDark(x + u, y + v)) return false;
  return true;
}

/** The three lines beside each other on which a signer writes: name, signature, date. */
function findLines(pages: readonly GreyPicture[]): Place[] {
  for (const [page, picture] of pages.entries()) {
    const isDark = darkIn(picture);
    const shortest = shortestLine * scaleOf(picture);
    for (let y = 0; y < picture.height; y++) {
      const lines: Place[] = [];
      for (let x = 0; x < picture.width; x++) {
        const from = x;
        while (x < picture.width && isDark(x, y)) x++;
        if (x - from >= shortest) lines.push({ page, x: from, y, width: x - from });
      }
      if (lines.length === 3) return lines;
    }
  }
  return [];
}

type Point = readonly [x: number, y: number];

/** Strokes of block letters on a grid of 4 by 6. */
const letters: Readonly<Record<string, string>> = {
  A: '0,6 2,0 4,6;1,4 3,4',
  C: '4,1 3,0 1,0 0,1 0,5 1,6 3,6 4,5',
  D: '0,0 0,6 2,6 4,4 4,2 2,0 0,0',
  G: '4,1 3,0 1,0 0,1 0,5 1,6 3,6 4,5 4,3 2,3',
  Ğ: '4,1 3,0 1,0 0,1 0,5 1,6 3,6 4,5 4,3 2,3;1,-2 2,-1 3,-2',
  I: '2,0 2,6',
  L: '0,0 0,6 4,6',
  N: '0,6 0,0 4,6 4,0',
  O: '1,0 3,0 4,1 4,5 3,6 1,6 0,5 0,1 1,0',
  Y: '0,0 2,3 4,0;2,3 2,6',
  0: '1,0 3,0 4,1 4,5 3,6 1,6 0,5 0,1 1,0',
  1: '1,1 2,0 2,6',
  2: '0,1 1,0 3,0 4,1 4,2 0,6 4,6',
  3: '0,0 4,0 2,2 4,4 3,6 0,6',
  4: '3,6 3,0 0,4 4,4',
  5: '4,0 0,0 0,2 3,2 4,4 3,6 0,6',
  6: '3,0 0,4 1,6 3,6 4,4 3,3 0,4',
  7: '0,0 4,0 1,6',
  8: '2,3 0,1 2,0 4,1 2,3 0,5 2,6 4,5 2,3',
  9: '4,2 3,3 1,3 0,2 1,0 3,0 4,2 1,6',
  '.': '2,6 2,5',
  ' ': '',
};

/** Writes above a line, not beyond its end. */
function write(pages: readonly GreyPicture[], line: Place, text: string): void {
  const picture = mustHave(pages[line.page], 'page of a line');
  const step = Math.min(line.width / (text.length * 5.6), 2.4 * scaleOf(picture));
  for (const [at, letter] of [...text].entries()) {
    const strokes = mustHave(letters[letter], `strokes of the letter ${letter}`);
    const [left, top] = [line.x + (at * 5.6 + 0.6) * step, line.y - 8 * step];
    for (const stroke of strokes.split(';').filter(Boolean))
      draw(
        picture,
        stroke.split(' ').map((point): Point => {
          const [u = 0, v = 0] = point.split(',').map(Number);
          return [left + u * step, top + v * step];
        }),
      );
  }
}

/** A signature that nobody can read. */
function scribble(pages: readonly GreyPicture[], { page, x, y, width }: Place): void {
  const points = Array.from({ length: 60 }, (_, at): Point => {
    const part = at / 59;
    const swing = Math.sin(part * 31) * (1 - part * 0.6);
    return [x + width * (0.1 + 0.75 * part) + swing * width * 0.03, y - width * (0.07 + 0.06 * swing)];
  });
  draw(mustHave(pages[page], 'page of the signature'), points);
}

/** A line of ink through these points. */
function draw(picture: GreyPicture, points: readonly Point[]): void {
  const { width, height, pixels } = picture;
  const reach = Math.max(1, Math.round(0.75 * scaleOf(picture)));
  for (const [at, [x1, y1]] of points.entries()) {
    const [x0, y0] = points[at - 1] ?? [x1, y1];
    const steps = Math.max(1, Math.ceil(Math.hypot(x1 - x0, y1 - y0)));
    for (let step = 0; step <= steps; step++) {
      const [x, y] = [Math.round(x0 + ((x1 - x0) * step) / steps), Math.round(y0 + ((y1 - y0) * step) / steps)];
      for (let v = -reach; v <= reach; v++)
        for (let u = -reach; u <= reach; u++)
          if (u * u + v * v <= reach * reach && x + u >= 0 && x + u < width && y + v >= 0 && y + v < height)
            pixels[(y + v) * width + x + u] = 40;
    }
  }
}

const scaleOf = ({ height }: GreyPicture) => height / paperHeight;

const darkIn =
  ({ width, pixels }: GreyPicture): IsDark =>
  (x, y) =>
    (pixels[y * width + x] ?? 255) < 150;
