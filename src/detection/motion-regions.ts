import type { Box, GreyPicture } from './picture-hash.ts';

/** A part of the picture that moves as a whole, as a film does in a corner of a shared screen. */
export interface MovingRegion {
  readonly box: Box;
  /** Share of its pixels that moved in the last two seconds, 0 to 1. */
  readonly share: number;
  /** The box, and boxes whose sides lie on straight edges near its own: one of them is the border of the film. */
  readonly boxes: readonly Box[];
  /** It changed all at once, as a film does that begins, ends or cuts. */
  readonly isSudden: boolean;
}

export interface MotionTracker {
  /** Pictures in order of time; one of another size starts over. */
  push(picture: GreyPicture): MovingRegion[];
}

/** Number of pictures looked back on: two seconds at four a second. */
const memory = 8;
/**
 * Kinds of change that count as motion: a change of so many levels, so often within the memory. Screen sharing repeats
 * still pixels exactly, so the grain of a film is enough; beside a camera, whose whole picture has grain, a film moves
 * more, or more often. Within a cell, a pixel counts only if it changes otherwise than the cell does: a fade or a
 * flicker is no motion.
 */
const changeKinds = [
  { levels: 2, within: 'picture' },
  { levels: 8, within: 'picture' },
  { levels: 2, within: 'cell' },
] as const;
const motions = [
  { kind: 0, times: 2 },
  { kind: 1, times: 2 },
  { kind: 0, times: 6 },
  { kind: 2, times: 2 },
] as const;
/** A film that begins, ends or cuts changes its own part all at once by so many levels, whatever else moves. */
const suddenLevels = 20;
/** The highest bit: a change is sudden if its bits are at least this. */
const suddenBit = 1 << changeKinds.length;

/** Regions are searched for on cells of this many pixels a side; more than this share of a region must have moved. */
const cell = 4;
const stillShare = 0.28;
const leastArea = 0.025;
const regionsTried = 2;
/** Maximum distance of the border of a film from where its motion ends. */
const edgeReach = 6;

/** Finds the regions that moved over the last two seconds. */
export function createMotionTracker(): MotionTracker {
  let pictures: GreyPicture[] = [];
  /** Changes from one picture to the next: a bit for each kind of change, and one for a sudden one. */
  let changes: Uint8Array[] = [];
  /** How often each pixel changed within the memory: four bits for each kind. */
  let times = new Uint16Array();
  return {
    push(picture) {
      const last = pictures.at(-1);
      if (last === undefined || last.width !== picture.width || last.height !== picture.height) {
        [pictures, changes, times] = [[picture], [], new Uint16Array(picture.pixels.length)];
        return [];
      }
      const now = changesBetween(last, picture);
      const forgotten = changes.length === memory ? changes.shift() : undefined;
      changes.push(now);
      addTimes(times, now, forgotten);
      pictures = [...pictures, picture].slice(-memory);
      const regions = motionGrids(picture, times, now).flatMap((grid, at) =>
        findRegions(grid).map((region) => ({ ...region, isSudden: at === motions.length })),
      );
      if (regions.length === 0) return [];
      const mean = meanOf(pictures);
      return regions.map((region) => ({ ...region, boxes: boxesAround(mean, region.box) }));
    },
  };
}

function changesBetween(before: GreyPicture, after: GreyPicture): Uint8Array {
  const { width, height } = after;
  const [a, b] = [before.pixels, after.pixels];
  const changed = new Uint8Array(b.length);
  for (let top = 0; top + cell <= height; top += cell) {
    for (let left = 0; left + cell <= width; left += cell) {
      let sum = 0;
      let most = 0;
      for (let y = top; y < top + cell; y++) {
        for (let at = y * width + left; at < y * width + left + cell; at++) {
          const difference = b[at]! - a[at]!;
          sum += difference;
          most = Math.max(most, Math.abs(difference));
        }
      }
      if (most < changeKinds[0].levels) continue;
      const mean = sum / cell ** 2;
      for (let y = top; y < top + cell; y++) {
        for (let at = y * width + left; at < y * width + left + cell; at++) {
          const difference = b[at]! - a[at]!;
          const size = Math.abs(difference);
          let bits = size >= suddenLevels ? suddenBit : 0;
          for (let kind = 0; kind < changeKinds.length; kind++) {
            const { levels, within } = changeKinds[kind]!;
            if ((within === 'cell' ? Math.abs(difference - mean) : size) >= levels) bits |= 1 << kind;
          }
          changed[at] = bits;
        }
      }
    }
  }
  return changed;
}

/** One in four bits for each kind of change that is set. */
const onceEach = Uint16Array.from({ length: 2 * suddenBit }, (_, bits) =>
  changeKinds.reduce((sum, _, kind) => sum | (((bits >> kind) & 1) << (4 * kind)), 0),
);

/** Counts how each pixel changed now, and takes away how it changed when it is forgotten. */
function addTimes(times: Uint16Array, now: Uint8Array, forgotten: Uint8Array | undefined): void {
  for (let at = 0; at < times.length; at++) {
    const [more, less] = [now[at]!, forgotten === undefined ? 0 : forgotten[at]!];
    if (more !== less) times[at] = times[at]! + onceEach[more]! - onceEach[less]!;
  }
}

interface MotionGrid {
  readonly columns: number;
  readonly rows: number;
  /** Share of each cell that moves, 0 to 1. */
  readonly moving: Float32Array;
  total: number;
}

/** What moves, for each of the motions, and what changed all at once. */
function motionGrids({ width, height }: GreyPicture, times: Uint16Array, now: Uint8Array): MotionGrid[] {
  const [columns, rows] = [Math.floor(width / cell), Math.floor(height / cell)];
  const grids = Array.from({ length: motions.length + 1 }, () => ({
    ...{ columns, rows, total: 0 },
    moving: new Float32Array(columns * rows),
  }));
  const part = 1 / cell ** 2;
  const add = (grid: MotionGrid, at: number) => {
    grid.moving[at]! += part;
    grid.total += part;
  };
  for (let y = 0; y < rows * cell; y++) {
    const row = Math.floor(y / cell) * columns;
    for (let x = 0; x < columns * cell; x++) {
      const counts = times[y * width + x]!;
      // A change of now is counted, too, if it is of any kind.
      if (counts === 0) continue;
      const at = row + Math.floor(x / cell);
      for (let motion = 0; motion < motions.length; motion++) {
        const { kind, times: least } = motions[motion]!;
        if (((counts >> (4 * kind)) & 15) >= least) add(grids[motion]!, at);
      }
      if (now[y * width + x]! >= suddenBit) add(grids[motions.length]!, at);
    }
  }
  return grids;
}

function findRegions({ columns, rows, moving, total }: MotionGrid) {
  const regions: { box: Box; share: number }[] = [];
  const leastCells = leastArea * columns * rows;
  let left = total;
  while (regions.length < regionsTried && left >= leastCells * stillShare) {
    const best = bestRectangle(moving, columns, rows);
    if (best === null || best.width * best.height < leastCells) break;
    let sum = 0;
    for (let y = best.y; y < best.y + best.height; y++) {
      for (let x = best.x; x < best.x + best.width; x++) {
        sum += moving[y * columns + x]!;
        moving[y * columns + x] = 0;
      }
    }
    left -= sum;
    regions.push({
      box: { x: best.x * cell, y: best.y * cell, width: best.width * cell, height: best.height * cell },
      share: sum / (best.width * best.height),
    });
  }
  return regions;
}

/** The rectangle of cells with the most motion above `stillShare` of its area: Kadane's method over pairs of rows. */
function bestRectangle(moving: Float32Array, columns: number, rows: number): Box | null {
  let best: Box | null = null;
  let bestSum = 0;
  const sums = new Float32Array(columns);
  for (let top = 0; top < rows; top++) {
    sums.fill(0);
    for (let bottom = top; bottom < rows; bottom++) {
      let sum = 0;
      let from = 0;
      for (let column = 0; column < columns; column++) {
        sums[column]! += moving[bottom * columns + column]! - stillShare;
        if (sum <= 0) {
          sum = 0;
          from = column;
        }
        sum += sums[column]!;
        if (sum > bestSum) {
          bestSum = sum;
          best = { x: from, y: top, width: column + 1 - from, height: bottom + 1 - top };
        }
      }
    }
  }
  return best;
}

/**
 * Edges are searched for in the mean of the last two seconds, where a moving picture is blurred and its border is not.
 */
function boxesAround(mean: GreyPicture, box: Box): Box[] {
  const { width, height } = mean;
  const [left, right, top, bottom] = [box.x, box.x + box.width, box.y, box.y + box.height];
  const lefts = sides(left, width, (x) => edge(mean, x - 1, x, top, bottom, 'columns'));
  const rights = sides(right, width, (x) => edge(mean, x - 1, x, top, bottom, 'columns'));
  const tops = sides(top, height, (y) => edge(mean, y - 1, y, left, right, 'rows'));
  const bottoms = sides(bottom, height, (y) => edge(mean, y - 1, y, left, right, 'rows'));
  return lefts.flatMap((x) =>
    rights.flatMap((x1) => tops.flatMap((y) => bottoms.map((y1) => ({ x, y, width: x1 - x, height: y1 - y })))),
  );
}

/** Mean difference of two neighbouring rows or columns between `from` and `until`. */
function edge(
  { width, pixels }: GreyPicture,
  before: number,
  after: number,
  from: number,
  until: number,
  of: 'rows' | 'columns',
): number {
  let sum = 0;
  for (let at = from; at < until; at++) {
    sum +=
      of === 'columns'
        ? Math.abs(pixels[at * width + after]! - pixels[at * width + before]!)
        : Math.abs(pixels[after * width + at]! - pixels[before * width + at]!);
  }
  return sum / Math.max(1, until - from);
}

/**
 * Candidates for a side: the strongest edge within reach, if it is clear; and the border of the picture, if it is
 * within reach, else the side itself.
 */
function sides(at: number, limit: number, strength: (place: number) => number): number[] {
  let [best, bestStrength] = [at, 0];
  const found: number[] = [];
  for (let place = Math.max(1, at - edgeReach); place <= Math.min(limit - 1, at + edgeReach); place++) {
    const here = strength(place);
    found.push(here);
    if (here > bestStrength) [best, bestStrength] = [place, here];
  }
  const usual = found.sort((a, b) => a - b)[found.length >> 1] ?? 0;
  const border = at <= edgeReach ? 0 : limit - at <= edgeReach ? limit : at;
  return bestStrength >= Math.max(3, 2 * usual) ? [...new Set([best, border])] : [border];
}

function meanOf(pictures: readonly GreyPicture[]): GreyPicture {
  const { width, height } = pictures[0]!;
  const sums = new Uint16Array(width * height);
  for (const { pixels } of pictures) for (let at = 0; at < sums.length; at++) sums[at] = sums[at]! + pixels[at]!;
  const pixels = new Uint8Array(sums.length);
  for (let at = 0; at < sums.length; at++) pixels[at] = sums[at]! / pictures.length;
  return { width, height, pixels };
}
