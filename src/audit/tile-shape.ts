import type { Subtree } from './tree-shape.ts';

/**
 * The tree cut into tiles as C2SP `tlog-tiles` lays them out: a tile of level L holds up to 256 hashes of subtrees of
 * height 8·L, one after the other. A full tile never changes; of the last, partial one of each level there is one
 * version per width. Names and places alone, without a hash.
 */
export interface Tile {
  readonly level: number;
  readonly index: number;
  /** Hashes in it, 1–256. */
  readonly width: number;
}

export const tileWidth = 256;
const tileHeight = 8;

/** `tile/<level>/<index>[.p/<width>]`; the index in groups of three digits, all but the last preceded by an `x`. */
export function tilePath({ level, index, width }: Tile): string {
  const digits = String(index).padStart(Math.ceil(String(index).length / 3) * 3, '0');
  const groups = digits.replaceAll(/\d{3}(?=\d)/g, 'x$&/');
  return `tile/${level}/${groups}${width === tileWidth ? '' : `.p/${width}`}`;
}

/** The tile that a path names, or null. */
export function parseTilePath(path: string): Tile | null {
  const [, level, groups, partial] =
    /^tile\/(0|[1-9]\d?)\/((?:x\d{3}\/)*\d{3})(?:\.p\/([1-9]\d{0,2}))?$/.exec(path) ?? [];
  if (groups === undefined) return null;
  const index = Number(groups.replaceAll(/[x/]/g, ''));
  const tile = { level: Number(level), index, width: partial === undefined ? tileWidth : Number(partial) };
  return tile.level < 64 && Number.isSafeInteger(index) && tilePath(tile) === path ? tile : null;
}

/** How many hashes of subtrees of height 8·`level` are complete in a tree of `size` leaves. */
export function hashesAt(level: number, size: number): number {
  return Math.floor(size / tileWidth ** level);
}

/** The tile in a tree of `size` leaves; null if it is still empty. */
export function tileIn(size: number, level: number, index: number): Tile | null {
  const width = Math.min(tileWidth, hashesAt(level, size) - index * tileWidth);
  return width > 0 ? { level, index, width } : null;
}

/** The last tile of every level, if it is not full in a tree of `size` leaves: together the right edge. */
export function partialTiles(size: number): Tile[] {
  const tiles: Tile[] = [];
  for (let level = 0; hashesAt(level, size) > 0; level++) {
    const tile = tileIn(size, level, Math.floor(hashesAt(level, size) / tileWidth));
    if (tile) tiles.push(tile);
  }
  return tiles;
}

/** Every tile of a tree of `size` leaves, level by level. */
export function* allTiles(size: number): Generator<Tile> {
  for (let level = 0; hashesAt(level, size) > 0; level++)
    for (let index = 0; ; index++) {
      const tile = tileIn(size, level, index);
      if (!tile) break;
      yield tile;
    }
}

/** The tile that holds a subtree, the index of its first hash there, and the number of hashes. */
export function placeOf({ height, index }: Subtree) {
  const wide = 2 ** (height % tileHeight);
  const start = index * wide;
  return {
    level: Math.floor(height / tileHeight),
    index: Math.floor(start / tileWidth),
    at: start % tileWidth,
    wide,
  };
}
