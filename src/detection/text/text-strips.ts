import type { ReadLine } from './read-line.ts';

type Box = ReadLine['box'];

/** Pixels that touch each other. */
interface Blob extends Box {
  readonly area: number;
  /** Sum of the values of its pixels. */
  readonly sum: number;
}

/** A row of blobs that have the size of letters and stand like letters of one line. */
export interface Strip extends Box {
  /** Height of the middle one of its letters, in pixels. */
  readonly letterHeight: number;
  /** Mean of the values in its letters, 0 to 255. */
  readonly level: number;
  /** Square of the number of letters that stand on the line, divided by all letters of the row. */
  readonly score: number;
}

/** Values from which a pixel is part of a letter. Each finds letters that lower ones join with their background. */
const floors = [40, 64, 100, 160];
/** Small letters of writing of 16 pixels, capitals of writing of 64. */
const [leastHeight, greatestHeight] = [8, 56];
/** An m, or some letters that touch each other, in heights. */
const greatestWidth = 4;
const leastArea = 12;
/** A bar that lies across its box covers less of it than any letter. */
const leastFilled = 0.1;
/** Between letters and words of one line, in heights of the larger letter. */
const widestGap = 1.6;
const leastLetters = 3;
/** Maximum distance of the foot of a letter from where most end, in heights: round letters reach a little lower. */
const looseLine = 0.12;
/** Height of a line with letters above and below it, and marks. In heights of the middle letter. */
const tallestLine = 2.6;
const leastScore = 2.5;

/**
 * Where lines of writing may be, the likeliest first, at most `most`. `values` say how far each pixel stands out. The
 * text is unknown: branches and railings come too, behind rows of letters.
 */
export function findStrips(values: Uint8Array, rowLength: number, most: number): Strip[] {
  const strips: Strip[] = [];
  const found = floors.flatMap((floor) => rowsOf(blobsOf(values, rowLength, floor).filter(isLetter)).flatMap(stripOf));
  for (const strip of found.toSorted((a, b) => b.score - a.score)) {
    if (strips.length === most) break;
    if (!strips.some((other) => isSame(other, strip))) strips.push(strip);
  }
  return strips;
}

const isLetter = ({ width, height, area }: Blob): boolean =>
  height >= leastHeight &&
  height <= greatestHeight &&
  width <= greatestWidth * height &&
  area >= Math.max(leastArea, leastFilled * width * height);

/** A run of pixels in one row, and its number in `Joins`, which leads to the root of its blob. */
interface Run {
  readonly from: number;
  readonly until: number;
  readonly blob: number;
}

/**
 * Pixels from `floor` up that touch each other, also by a corner: runs of each row, joined with those of the row above.
 */
function blobsOf(values: Uint8Array, rowLength: number, floor: number): Blob[] {
  const joins = new Joins();
  const runs: (Run & { readonly y: number; readonly sum: number })[] = [];
  let above: Run[] = [];
  for (let y = 0; y * rowLength < values.length; y++) {
    const own: Run[] = [];
    let near = 0;
    for (const { from, until, sum } of runsOf(values, y * rowLength, rowLength, floor)) {
      const run = { from, until, blob: joins.add() };
      while (near < above.length && above[near]!.until < from) near += 1;
      for (let at = near; at < above.length && above[at]!.from <= until; at++) joins.join(above[at]!.blob, run.blob);
      own.push(run);
      runs.push({ ...run, y, sum });
    }
    above = own;
  }
  return [...Map.groupBy(runs, ({ blob }) => joins.root(blob)).values()].map((of) => ({
    ...around(of.map(({ from, until, y }) => ({ x: from, y, width: until - from, height: 1 }))),
    area: of.reduce((total, { from, until }) => total + until - from, 0),
    sum: of.reduce((total, run) => total + run.sum, 0),
  }));
}

function* runsOf(values: Uint8Array, start: number, length: number, floor: number) {
  for (let x = 0; x < length; x++) {
    const from = x;
    let sum = 0;
    while (x < length && values[start + x]! >= floor) sum += values[start + x++]!;
    if (x > from) yield { from, until: x, sum };
  }
}

/** Which of the numbers 0, 1, 2… belong together. */
class Joins {
  readonly #towards: number[] = [];

  add(): number {
    return this.#towards.push(this.#towards.length) - 1;
  }

  root(of: number): number {
    let at = of;
    while (this.#towards[at] !== at) {
      this.#towards[at] = this.#towards[this.#towards[at]!]!;
      at = this.#towards[at]!;
    }
    return at;
  }

  join(a: number, b: number): void {
    this.#towards[this.root(b)] = this.root(a);
  }
}

/** Letters that have a neighbour of about their size at about their height. */
function rowsOf(blobs: readonly Blob[]): Blob[][] {
  const letters = blobs.toSorted((a, b) => a.x - b.x);
  const joins = new Joins();
  for (const _ of letters) joins.add();
  for (const [index, letter] of letters.entries()) {
    const furthest = letter.x + letter.width + widestGap * greatestHeight;
    for (let next = index + 1; next < letters.length && letters[next]!.x <= furthest; next++)
      if (areNeighbours(letter, letters[next]!)) joins.join(index, next);
  }
  return [...Map.groupBy(letters, (_, index) => joins.root(index)).values()];
}

function areNeighbours(a: Blob, b: Blob): boolean {
  const [less, more] = [Math.min(a.height, b.height), Math.max(a.height, b.height)];
  const shared = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
  return more <= 2 * less && shared >= 0.6 * less && b.x - (a.x + a.width) <= widestGap * more;
}

/** Empty for a row that is no line. */
function stripOf(row: readonly Blob[]): Strip[] {
  if (row.length < leastLetters) return [];
  const box = around(row);
  const letterHeight = middle(row.map(({ height }) => height));
  const bottom = middle(row.map(({ y, height }) => y + height));
  const loose = Math.max(2, looseLine * letterHeight);
  const onLine = row.filter(({ y, height }) => Math.abs(y + height - bottom) <= loose).length;
  const score = onLine ** 2 / row.length;
  if (score < leastScore || box.height > tallestLine * letterHeight) return [];
  const area = row.reduce((total, blob) => total + blob.area, 0);
  return [{ ...box, letterHeight, score, level: row.reduce((total, { sum }) => total + sum, 0) / area }];
}

const middle = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!;

/** The smallest box that holds all of them. */
function around(boxes: readonly Box[]): Box {
  let [left, top, right, bottom] = [Infinity, Infinity, 0, 0];
  for (const { x, y, width, height } of boxes) {
    [left, top] = [Math.min(left, x), Math.min(top, y)];
    [right, bottom] = [Math.max(right, x + width), Math.max(bottom, y + height)];
  }
  return { x: left, y: top, width: right - left, height: bottom - top };
}

/** Most of the smaller one lies in the other. */
function isSame(a: Box, b: Box): boolean {
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
  return width > 0 && height > 0 && width * height > 0.7 * Math.min(a.width * a.height, b.width * b.height);
}
