import { areaOf, type Box, commonArea, type GreyPicture } from '../picture-hash.ts';

/** How a gap is told from a tile. */
interface Look {
  /** Pixels up to this many levels of grey from the ground are ground: coding leaves noise. */
  readonly levels: number;
  /** Part of a line of pixels that may differ from the ground and be a gap between tiles all the same. */
  readonly mostApart: number;
  /** A gap is at least this wide. Pixels. */
  readonly leastGap: number;
}
/** Coding smears what lies beside narrow gaps into them, and strict looks see none. Loose ones lose dark tiles. */
const looks: readonly Look[] = [
  { levels: 5, mostApart: 0.03, leastGap: 2 },
  { levels: 10, mostApart: 0.06, leastGap: 1 },
  { levels: 20, mostApart: 0.1, leastGap: 1 },
  { levels: 36, mostApart: 0.12, leastGap: 1 },
];
/** For the choice of grounds. */
const groundLevels = 5;
/** The smallest tile, as a part of the picture's sides: 25 tiles have a fifth each, a strip beside a screen has less. */
const [leastWidth, leastHeight] = [0.06, 0.07];
/** Width divided by height: upright telephones to wide bands of a filled window. */
const [leastShape, mostShape] = [0.5, 3];
/** Tiles of one gallery differ by rounding. */
const sameSize = 0.05;
const mostTiles = 64;
const mostDepth = 8;

/** The tiles of one picture, and how their gaps were told. */
interface Found {
  readonly level: number;
  readonly look: Look;
  readonly tiles: readonly Box[];
}

/**
 * Finds rectangles that stand on a ground of one colour, as tiles of a videoconference do: the picture is cut along the
 * gaps in which nothing but the ground is seen, across, then down, and so on. Where dark parts of a tile look like the
 * ground, its size comes from those that are whole, because all tiles of a gallery have one size. Other rectangles, such
 * as a shared screen, come too. The time is linear in the pixels. Pictures of one stream, in order of time: what was
 * found in the one before is looked for first.
 */
export function createTileFinder(): (picture: GreyPicture) => readonly Box[] {
  let last: Found | null = null;
  return (picture) => {
    const again = last === null ? null : tilesIn(new Apart(picture, last.level, last.look));
    if (last === null || again === null || !isSameLayout(again, last.tiles)) last = bestOf(picture);
    return last?.tiles ?? [];
  };
}

function bestOf(picture: GreyPicture): Found | null {
  let best: Found | null = null;
  let bestScore = 0;
  for (const level of groundsOf(picture))
    for (const look of looks) {
      const apart = new Apart(picture, level, look);
      const tiles = tilesIn(apart);
      const score = scoreOf(tiles, apart);
      if (score > bestScore) [best, bestScore] = [{ level, look, tiles }, score];
    }
  return best;
}

function isSameLayout(now: readonly Box[], before: readonly Box[]): boolean {
  return (
    now.length === before.length &&
    now.every((tile, at) => commonArea(tile, before[at]!) >= 0.9 * Math.max(areaOf(tile), areaOf(before[at]!)))
  );
}

/**
 * How much speaks for tiles: their sizes, each by how far its rim parts the ground from something else, and more for alike
 * ones, because chance makes no two of one size. Many small tiles weigh more than one that holds them all.
 */
function scoreOf(tiles: readonly Box[], apart: Apart): number {
  return tiles.reduce((sum, tile) => {
    const isOneOfMany = tiles.some((other) => other !== tile && isAlike(other, tile));
    return sum + Math.sqrt(areaOf(tile)) * rimOf(apart, tile) ** 2 * (isOneOfMany ? 1.5 : 1);
  }, 0);
}

/** Width of the strips inside and outside of a tile that are compared. Pixels. */
const rimWidth = 2;

/** Part of a rim, 0 to 1, that has ground outside and none inside. The picture's edge counts as half of it. */
function rimOf(apart: Apart, { x, y, width, height }: Box): number {
  const side = (inside: Box, outside: Box): number => {
    const within = apart.in(inside) / areaOf(inside);
    return within * (apart.holds(outside) ? 1 - apart.in(outside) / areaOf(outside) : 0.5);
  };
  const across = { x, width, height: rimWidth };
  const down = { y, height, width: rimWidth };
  return (
    (side({ ...across, y }, { ...across, y: y - rimWidth }) +
      side({ ...across, y: y + height - rimWidth }, { ...across, y: y + height }) +
      side({ ...down, x }, { ...down, x: x - rimWidth }) +
      side({ ...down, x: x + width - rimWidth }, { ...down, x: x + width })) /
    4
  );
}

/** Whether two tiles have one size, but for rounding. */
export const isAlike = (a: Box, b: Box): boolean =>
  Math.abs(a.width - b.width) <= Math.max(3, sameSize * a.width) &&
  Math.abs(a.height - b.height) <= Math.max(3, sameSize * a.height);

/** The commonest levels of rows and columns that have one level nearly throughout, at most three. */
function groundsOf({ width, height, pixels }: GreyPicture): number[] {
  const counts = new Float64Array(256);
  const levels = new Uint32Array(256);
  const look = (start: number, step: number, length: number) => {
    levels.fill(0);
    for (let at = 0; at < length; at++) levels[pixels[start + at * step]!]! += 1;
    let most = 0;
    for (let level = 1; level < 256; level++) if (levels[level]! > levels[most]!) most = level;
    let near = 0;
    for (let level = Math.max(0, most - groundLevels); level <= Math.min(255, most + groundLevels); level++)
      near += levels[level]!;
    // A gap beside a shared screen is not as long as the picture.
    if (near >= 0.6 * length) counts[most]! += near;
  };
  for (let y = 0; y < height; y += 1) look(y * width, 1, width);
  for (let x = 0; x < width; x += 1) look(x, width, height);
  const found: number[] = [];
  while (found.length < 3) {
    const most = counts.indexOf(Math.max(...counts));
    if (counts[most] === 0) break;
    found.push(most);
    counts.fill(0, Math.max(0, most - 2 * groundLevels), most + 2 * groundLevels + 1);
  }
  return found;
}

/** How many pixels of any rectangle differ from the ground, in constant time (a summed-area table). */
class Apart {
  readonly #sums: Uint32Array;
  readonly #row: number;
  readonly look: Look;
  readonly width: number;
  readonly height: number;

  constructor({ width, height, pixels }: GreyPicture, level: number, look: Look) {
    [this.look, this.width, this.height] = [look, width, height];
    this.#row = width + 1;
    this.#sums = new Uint32Array(this.#row * (height + 1));
    for (let y = 0; y < height; y++) {
      let inRow = 0;
      for (let x = 0; x < width; x++) {
        const difference = pixels[y * width + x]! - level;
        if (difference > look.levels || difference < -look.levels) inRow += 1;
        this.#sums[(y + 1) * this.#row + x + 1] = this.#sums[y * this.#row + x + 1]! + inRow;
      }
    }
  }

  in({ x, y, width, height }: Box): number {
    const [top, bottom] = [y * this.#row, (y + height) * this.#row];
    return (
      this.#sums[bottom + x + width]! - this.#sums[top + x + width]! - this.#sums[bottom + x]! + this.#sums[top + x]!
    );
  }

  holds({ x, y, width, height }: Box): boolean {
    return x >= 0 && y >= 0 && x + width <= this.width && y + height <= this.height;
  }

  isRow = (box: Box, y: number): boolean => this.in({ ...box, y, height: 1 }) <= this.look.mostApart * box.width;
  isColumn = (box: Box, x: number): boolean => this.in({ ...box, x, width: 1 }) <= this.look.mostApart * box.height;
}

function tilesIn(apart: Apart): Box[] {
  const { width, height } = apart;
  const leaves = cut(apart, { x: 0, y: 0, width, height }, 0).filter(
    (leaf) => leaf.width < width * 0.98 || leaf.height < height * 0.98,
  );
  const [least, lowest] = [leastWidth * width, leastHeight * height];
  const isTile = (box: Box) =>
    box.width >= least &&
    box.height >= lowest &&
    box.width >= leastShape * box.height &&
    box.width <= mostShape * box.height;
  const tiles = leaves.filter(isTile);
  return repaired(tiles, leaves).filter(isTile).slice(0, mostTiles);
}

/** Parts of a box that gaps part from each other, without the ground around them. */
function cut(apart: Apart, box: Box, depth: number): Box[] {
  const inner = trimmed(apart, box);
  if (inner === null) return [];
  if (depth === mostDepth) return [inner];
  const rows = stretches(inner.y, inner.height, apart.look.leastGap, (y) => apart.isRow(inner, y));
  if (rows.length > 1) return rows.flatMap(([y, length]) => cut(apart, { ...inner, y, height: length }, depth + 1));
  const columns = stretches(inner.x, inner.width, apart.look.leastGap, (x) => apart.isColumn(inner, x));
  if (columns.length > 1)
    return columns.flatMap(([x, length]) => cut(apart, { ...inner, x, width: length }, depth + 1));
  return [inner];
}

function trimmed(apart: Apart, { x, y, width, height }: Box): Box | null {
  let [x0, y0, x1, y1] = [x, y, x + width, y + height];
  const box = () => ({ x: x0, y: y0, width: x1 - x0, height: y1 - y0 });
  while (y0 < y1 && apart.isRow(box(), y0)) y0++;
  while (y1 > y0 && apart.isRow(box(), y1 - 1)) y1--;
  while (x0 < x1 && apart.isColumn(box(), x0)) x0++;
  while (x1 > x0 && apart.isColumn(box(), x1 - 1)) x1--;
  return x0 < x1 && y0 < y1 ? box() : null;
}

/** What lies between gaps: `[at, length]` each. */
function stretches(
  from: number,
  length: number,
  leastGap: number,
  isGap: (at: number) => boolean,
): [at: number, length: number][] {
  const found: [number, number][] = [];
  let start = from;
  let gap = 0;
  for (let at = from; at < from + length; at++) {
    if (isGap(at)) {
      gap += 1;
      continue;
    }
    if (gap >= leastGap) {
      found.push([start, at - gap - start]);
      start = at;
    }
    gap = 0;
  }
  found.push([start, from + length - gap - start]);
  return found.filter(([, long]) => long > 0);
}

/**
 * The tiles, with those of which only pieces were found: a piece inside a place where a tile of the gallery would stand
 * is that tile.
 */
function repaired(tiles: readonly Box[], leaves: readonly Box[]): Box[] {
  const group = largestGroup(tiles);
  if (group.length < 2) return [...tiles];
  const width = middle(group.map((tile) => tile.width));
  const height = middle(group.map((tile) => tile.height));
  const whole: Box[] = group.map((tile) => tile);
  const pieces = leaves.filter((leaf) => !group.includes(leaf));
  const rest: Box[] = [];
  const pitch = width + gapOf(group, width);
  for (const piece of pieces.toSorted((a, b) => b.width * b.height - a.width * a.height)) {
    if (piece.width > 1.05 * width || piece.height > 1.05 * height) {
      rest.push(piece);
      continue;
    }
    const place = placeOf(piece, whole, { width, height, pitch });
    if (place === null) {
      if (tiles.includes(piece)) rest.push(piece);
    } else if (!whole.some((tile) => commonArea(tile, place) > 0.2 * width * height)) whole.push(place);
  }
  return [...whole, ...rest.filter((box) => tiles.includes(box))].toSorted((a, b) => a.y - b.y || a.x - b.x);
}

/** Where a tile of the gallery would stand that holds the piece; null where none would. */
function placeOf(
  piece: Box,
  whole: readonly Box[],
  { width, height, pitch }: { readonly width: number; readonly height: number; readonly pitch: number },
): Box | null {
  const loose = Math.max(3, 0.03 * width);
  const holds = (place: Box) =>
    piece.x >= place.x - loose &&
    piece.y >= place.y - loose &&
    piece.x + piece.width <= place.x + place.width + loose &&
    piece.y + piece.height <= place.y + place.height + loose;
  const inRow = whole.filter(({ y }) => piece.y >= y - loose && piece.y + piece.height <= y + height + loose);
  // In its own row by whole steps from a neighbour; in a row of its own where other rows have a column.
  for (const { x, y } of inRow) {
    const steps = Math.round((piece.x + piece.width / 2 - (x + width / 2)) / pitch);
    const place = { x: Math.round(x + steps * pitch), y, width, height };
    if (place.x >= 0 && holds(place)) return place;
  }
  return null;
}

function largestGroup(tiles: readonly Box[]): Box[] {
  let best: Box[] = [];
  for (const tile of tiles) {
    const group = tiles.filter((other) => isAlike(tile, other));
    if (group.length > best.length || (group.length === best.length && group.length > 0 && tile.width > best[0]!.width))
      best = group;
  }
  return best;
}

/** The space between neighbours in a row: the smallest that is seen. */
function gapOf(group: readonly Box[], width: number): number {
  let least = 0.5 * width;
  for (const a of group)
    for (const b of group) {
      const gap = b.x - (a.x + a.width);
      if (a !== b && Math.abs(a.y - b.y) < 4 && gap >= 0 && gap < least) least = gap;
    }
  return least === 0.5 * width ? Math.round(0.02 * width) : least;
}

const middle = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!;
