import { type Hash, hashBytes, nodeHash, type ReadHash, rootOf } from './merkle.ts';
import { hashesAt, partialTiles, placeOf, type Tile, tileIn, tilePath, tileWidth } from './tile-shape.ts';

/** Reads subtrees out of tiles: `tile` gives the hashes of one, in the width that the tree has of it. */
export function readTiles(tile: (level: number, index: number) => Uint8Array): ReadHash {
  return (subtree) => {
    const { level, index, at, wide } = placeOf(subtree);
    return foldTile(tile(level, index), at, at + wide);
  };
}

/** The tiles of a tree of `size` leaves that `work` reads, so that they can be fetched at once. */
export function tilesRead(size: number, work: (read: ReadHash) => unknown): Tile[] {
  const found = new Map<string, Tile>();
  const nothing = Buffer.alloc(hashBytes);
  work((subtree) => {
    const { level, index } = placeOf(subtree);
    const tile = tileIn(size, level, index);
    if (!tile) throw new RangeError(`no tile ${level}/${index} in a tree of ${size}`);
    found.set(tilePath(tile), tile);
    return nothing;
  });
  return [...found.values()];
}

/** The hash over all of a full tile: one hash of the tile above. */
export function tileRoot(octets: Uint8Array): Hash {
  return foldTile(octets, 0, tileWidth);
}

/**
 * The right edge of a growing tree, as its partial tiles: takes leaves, gives full tiles as they fill, computes the
 * root.
 */
export class TileEdge {
  /** Hashes of the last tile of every level, fewer than 256. */
  readonly #rows: Hash[][];
  #size: number;

  /** `tile` gives the octets of a partial tile of a tree of `size` leaves. */
  constructor(size = 0, tile: (tile: Tile) => Uint8Array = () => Buffer.alloc(0)) {
    this.#size = size;
    this.#rows = [];
    for (const partial of partialTiles(size)) {
      const octets = tile(partial);
      this.#rows[partial.level] = Array.from({ length: partial.width }, (_, at) => hashAt(octets, at));
    }
  }

  get size(): number {
    return this.#size;
  }

  /** Adds a leaf; yields the tiles that it fills, the lowest first, each with the hash over it. */
  *append(leaf: Hash): Generator<Tile & { hashes: Buffer; root: Hash }> {
    this.#size += 1;
    let hash = leaf;
    for (let level = 0; ; level++) {
      const row = this.#rows[level] ?? [];
      this.#rows[level] = row;
      row.push(hash);
      if (row.length < tileWidth) return;
      const hashes = Buffer.concat(row.splice(0));
      hash = tileRoot(hashes);
      yield { level, index: hashesAt(level + 1, this.#size) - 1, width: tileWidth, hashes, root: hash };
    }
  }

  /** The octets of the partial tile of a level. */
  partial(level: number): Buffer {
    return Buffer.concat(this.#rows[level] ?? []);
  }

  root(): Hash {
    // The perfect subtrees that make up a tree all lie in its partial tiles.
    return rootOf(
      this.#size,
      readTiles((level) => this.partial(level)),
    );
  }
}

function foldTile(octets: Uint8Array, start: number, end: number): Hash {
  if (octets.length < end * hashBytes) throw new RangeError(`a tile of ${octets.length} octets has no hash ${end - 1}`);
  return fold(octets, start, end);
}

/** Over hashes `[start, end)` of the octets: one, or a power of two. */
function fold(octets: Uint8Array, start: number, end: number): Hash {
  if (end - start === 1) return hashAt(octets, start);
  const middle = (start + end) / 2;
  return nodeHash(fold(octets, start, middle), fold(octets, middle, end));
}

function hashAt(octets: Uint8Array, at: number): Hash {
  return Buffer.from(octets.subarray(at * hashBytes, (at + 1) * hashBytes));
}
