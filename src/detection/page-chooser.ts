import { areaOf, type Box, cropped, type GreyPicture } from './picture-hash.ts';

/** Pages are compared in tiles of this many pixels a side: about one letter of a legible notice. */
const tile = 16;
/** Mean difference of a tile when its writing changes, in levels of grey; noise of cameras stays below. */
const tileLevels = 6;
/** See-through letters change few pixels of a tile, by so many levels. */
const [strokeLevels, leastStrokes] = [14, 20];
/** Tiles so far apart belong to one line of writing. */
const [reachAcross, reachDown] = [3, 1];
/** A pointer is two tiles wide and three high; the shortest name is a little wider. */
const [leastTiles, leastColumns, enoughTiles] = [4, 3, 9];
/** From this share of the page on, the whole page is read. */
const wholeShare = 0.4;
/** Room on either side of a part, in tiles: letters at the border are lost. */
const roomBeside = 2;
const mostParts = 6;
/** Mean change of a part that was read at once when it came, and was not sharp yet. Levels of grey. */
const sharperLevels = 0.5;
/** What moves on and on, as a film does, is read no sooner again. */
const filmMs = 6_000;
/** What reading a part costs beside twice its share of the page. */
const partCost = 0.04;
/** Share of the hourly number of pages that may be read at once. */
const atOnce = 1 / 10;

/** A part of a page that has to be read. */
export interface PartToRead {
  readonly box: Box;
  /** Whether it is a whole page of a film, or another part that has changed from each page to the next. */
  readonly moves: boolean;
}

/**
 * Chooses what of the pages of one video stream is worth reading: the parts that differ from what was last read there,
 * or the whole page if most of it does. It prefers what stands to what changes, as in a film or a scrolled text. Reading
 * a page takes about a second, so at most `pagesPerHour` are read, and parts count by their size. With 120 of them, a
 * page that stands for half a minute is always read. Pages come in order of time;
 * `lines` are places where a notice stands: a change of a letter or two in them counts, and they are read whole.
 * `spent` is what was read since beside the parts that were chosen, in pages.
 */
export function createPageChooser(
  pagesPerHour: number,
): (page: GreyPicture, atMs: number, lines?: readonly Box[], spent?: number) => PartToRead[] {
  const most = Math.max(1, pagesPerHour * atOnce);
  const leastFilmMs = Math.min(filmMs, 3_600_000 / pagesPerHour);
  const keptForStanding = Math.floor(most / 4);
  let read: GreyPicture | null = null;
  let last: { page: GreyPicture; atMs: number; moving: readonly Box[]; movedOn: readonly Box[] } | null = null;
  let movedMs = -Infinity;
  /** Parts that were read when they had just changed: encoders sharpen them later. */
  let fresh: Box[] = [];
  let allowed = most;
  return (page, atMs, lines = [], spent = 0) => {
    allowed -= spent;
    const before = last !== null && hasSizeOf(last.page, page) ? last : null;
    if (last !== null) allowed = Math.min(most, allowed + ((atMs - last.atMs) * pagesPerHour) / 3_600_000);
    const moving = before === null ? [] : changedParts(changedTiles(before.page, page), page);
    const stands = (box: Box) => !moving.some((other) => touches(other, box));
    const movedOn = (before?.moving ?? []).filter((box) => !stands(box));
    /** Three times in turn: a line that follows another changes twice at most. */
    const movesOn = (box: Box) =>
      !stands(box) &&
      movedOn.some((other) => touches(other, box)) &&
      (before?.movedOn ?? []).some((other) => touches(other, box));
    last = { page, atMs, moving, movedOn };
    const afford = (cost: number, box: Box) => {
      if (allowed < cost + (stands(box) ? 0 : keptForStanding)) return false;
      allowed -= cost;
      return true;
    };
    const known = read !== null && hasSizeOf(read, page) ? read : null;
    const boxes = known === null ? [wholeOf(page)] : changedParts(changedTiles(known, page), page, lines);
    const area = boxes.reduce((sum, box) => sum + areaOf(box), 0);
    if (known === null || boxes.length > mostParts || area >= wholeShare * (page.width * page.height)) {
      const box = wholeOf(page);
      const moves =
        movesOn(box) && moving.reduce((sum, each) => sum + areaOf(each), 0) >= wholeShare * (page.width * page.height);
      if ((moves && atMs - movedMs < leastFilmMs) || !afford(1, box)) return [];
      // What stands when the film ends has to be read by itself.
      if (moves) movedMs = atMs;
      else read = copyOf(page);
      return [{ box, moves }];
    }
    const sharper = fresh.filter(
      (box) =>
        stands(box) &&
        !boxes.some((other) => touches(other, box)) &&
        meanChange(cropped(known, box), cropped(page, box)) >= sharperLevels,
    );
    fresh = boxes.filter((box) => !stands(box));
    const rested = atMs - movedMs >= leastFilmMs;
    return [...boxes, ...sharper].flatMap((box) => {
      const moves = movesOn(box);
      if ((moves && !rested) || !afford(partCost + (2 * areaOf(box)) / (page.width * page.height), box)) return [];
      if (moves) movedMs = atMs;
      else paste(known, page, box);
      return [{ box, moves }];
    });
  };
}

const hasSizeOf = (a: GreyPicture, b: GreyPicture): boolean => a.width === b.width && a.height === b.height;
const copyOf = (page: GreyPicture): GreyPicture => ({ ...page, pixels: page.pixels.slice() });
const wholeOf = ({ width, height }: GreyPicture): Box => ({ x: 0, y: 0, width, height });
const touches = (a: Box, b: Box): boolean =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

function paste(onto: GreyPicture, from: GreyPicture, { x, y, width, height }: Box): void {
  for (let row = y; row < y + height; row++)
    onto.pixels.set(from.pixels.subarray(row * from.width + x, row * from.width + x + width), row * onto.width + x);
}

function meanChange({ pixels: a }: GreyPicture, { pixels: b }: GreyPicture): number {
  let sum = 0;
  for (let at = 0; at < a.length; at++) sum += Math.abs(a[at]! - b[at]!);
  return sum / a.length;
}

/** 1 for each tile, row by row, whose writing changed. */
function changedTiles({ width, height, pixels: a }: GreyPicture, { pixels: b }: GreyPicture): Uint8Array {
  const columns = Math.ceil(width / tile);
  const changed = new Uint8Array(columns * Math.ceil(height / tile));
  for (let top = 0; top < height; top += tile) {
    for (let left = 0; left < width; left += tile) {
      const [bottom, right] = [Math.min(height, top + tile), Math.min(width, left + tile)];
      let [sum, strokes] = [0, 0];
      for (let y = top; y < bottom; y++)
        for (let at = y * width + left; at < y * width + right; at++) {
          const difference = a[at]! - b[at]!;
          // Most of a page stands.
          if (difference === 0) continue;
          const levels = Math.abs(difference);
          sum += levels;
          if (levels > strokeLevels) strokes += 1;
        }
      if (sum > tileLevels * (bottom - top) * (right - left) || strokes >= leastStrokes)
        changed[(top / tile) * columns + left / tile] = 1;
    }
  }
  return changed;
}

/** Boxes around changed tiles that stand together like a line of writing or more, with some room. */
function changedParts(changed: Uint8Array, { width, height }: GreyPicture, lines: readonly Box[] = []): Box[] {
  const columns = Math.ceil(width / tile);
  const left = changed.slice();
  const boxes: Box[] = [];
  for (let start = 0; start < left.length; start++) {
    if (left[start] === 0) continue;
    left[start] = 0;
    const open = [start];
    let [tiles, x0, x1, y0, y1] = [0, columns, 0, Infinity, 0];
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      const [x, y] = [at % columns, Math.floor(at / columns)];
      tiles += 1;
      [x0, x1, y0, y1] = [Math.min(x0, x), Math.max(x1, x), Math.min(y0, y), Math.max(y1, y)];
      for (let row = y - reachDown; row <= y + reachDown; row++)
        for (let column = Math.max(0, x - reachAcross); column <= Math.min(columns - 1, x + reachAcross); column++) {
          const next = row * columns + column;
          if (row < 0 || next >= left.length || left[next] === 0) continue;
          left[next] = 0;
          open.push(next);
        }
    }
    const tilesBox = { x: x0 * tile, y: y0 * tile, width: (x1 - x0 + 1) * tile, height: (y1 - y0 + 1) * tile };
    const inLines = lines.filter((line) => touches(line, tilesBox));
    const isSmall = tiles < enoughTiles && (tiles < leastTiles || x1 - x0 + 1 < leastColumns);
    if (isSmall && inLines.length === 0) continue;
    const [x, y] = [Math.max(0, (x0 - roomBeside) * tile), Math.max(0, (y0 - 1) * tile)];
    const room = {
      x,
      y,
      width: Math.min(width, (x1 + 1 + roomBeside) * tile) - x,
      height: Math.min(height, (y1 + 2) * tile) - y,
    };
    boxes.push(inLines.reduce(around, room));
  }
  return boxes;
}

/** The smallest box that holds both. */
function around(a: Box, b: Box): Box {
  const [x, y] = [Math.min(a.x, b.x), Math.min(a.y, b.y)];
  return {
    x,
    y,
    width: Math.max(a.x + a.width, b.x + b.width) - x,
    height: Math.max(a.y + a.height, b.y + b.height) - y,
  };
}
