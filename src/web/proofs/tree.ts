import { placeOf, type Tile, tileIn, tilePath, tileWidth } from '../../audit/tile-shape.ts';
import { inclusionSpans, isPowerOfTwo, type Span, type Subtree, split, subtreesOf } from '../../audit/tree-shape.ts';
import { hashBytes, isSame, nodeHash, type Octets } from './hashing.ts';
import type { Checkpoint } from './signed-checkpoint.ts';

/** The octets of a tile. @throws TilesMissing. */
export type ReadTile = (tile: Tile) => Promise<Octets>;

/** The published tree cannot be read: what it would prove is not proven. */
export class TilesMissing extends Error {
  override readonly name = 'TilesMissing';
}

/**
 * The tree of a log of `size` entries as its published tiles have it. They are not trusted: whatever is asked is computed
 * up to a root, and that root is compared with a signed one.
 */
export class Tree {
  readonly #size: number;
  readonly #readTile: ReadTile;
  readonly #subtrees = new Map<string, Promise<Octets>>();
  readonly #spans = new Map<string, Promise<Octets>>();

  constructor(size: number, readTile: ReadTile) {
    this.#size = size;
    this.#readTile = readTile;
  }

  /** Whether `leaf` is leaf `index` of the tree of the checkpoint, which has the size of this one. */
  async includes(leaf: Octets, index: number, { root, size }: Checkpoint): Promise<boolean> {
    if (size !== this.#size || index < 0 || index >= size) return false;
    let computed = leaf;
    for (const span of inclusionSpans(index, size)) {
      const beside = await this.#hashOf(span);
      computed = await (span.start > index ? nodeHash(computed, beside) : nodeHash(beside, computed));
    }
    return isSame(computed, root);
  }

  /**
   * Whether the tree of `newer` begins with every leaf of that of `older`: both roots are computed from the same hashes,
   * those of the subtrees that make up the older one.
   */
  async continues(older: Checkpoint, newer: Checkpoint): Promise<boolean> {
    if (newer.size !== this.#size || older.size > newer.size) return false;
    if (older.size === 0) return true;
    const rootOf = async ({ start, end }: Span): Promise<Octets> => {
      const isWhole = end - start === 1 || (end <= older.size && isPowerOfTwo(end - start));
      if (isWhole || start >= older.size) return this.#hashOf({ start, end });
      const middle = start + split(end - start);
      return nodeHash(await rootOf({ start, end: middle }), await rootOf({ start: middle, end }));
    };
    return (
      isSame(await this.#hashOf({ start: 0, end: older.size }), older.root) &&
      isSame(await rootOf({ start: 0, end: newer.size }), newer.root)
    );
  }

  #hashOf(span: Span): Promise<Octets> {
    return kept(this.#spans, `${span.start}-${span.end}`, async () => {
      const hashes = await Promise.all(subtreesOf(span).map((subtree) => this.#subtree(subtree)));
      let folded = hashes.pop();
      if (folded === undefined) throw new RangeError('a node without leaves');
      for (const left of hashes.reverse()) folded = await nodeHash(left, folded);
      return folded;
    });
  }

  #subtree({ height, index }: Subtree): Promise<Octets> {
    return kept(this.#subtrees, `${height}/${index}`, async () => {
      const { level, index: at, at: start, wide } = placeOf({ height, index });
      if (wide > 1) {
        const below = [2 * index, 2 * index + 1].map((one) => this.#subtree({ height: height - 1, index: one }));
        const [left, right] = await Promise.all(below);
        if (left === undefined || right === undefined) throw new RangeError('a subtree has two halves');
        return nodeHash(left, right);
      }
      const tile = tileIn(this.#size, level, at);
      if (tile === null) throw new RangeError(`no tile ${level}/${at} in a tree of ${this.#size}`);
      const octets = await this.#readTile(tile);
      return octets.slice(start * hashBytes, (start + 1) * hashBytes);
    });
  }
}

function kept<T>(found: Map<string, Promise<T>>, key: string, make: () => Promise<T>): Promise<T> {
  const before = found.get(key);
  if (before !== undefined) return before;
  const made = make();
  found.set(key, made);
  return made;
}

/** Reads published tiles; full ones never change and are kept for as long as the page is open. */
export function publishedTiles(): ReadTile {
  const tiles = new Map<string, Promise<Octets>>();
  return (tile) => {
    const path = tilePath(tile);
    return kept(tiles, path, async () => {
      try {
        return await fetchTile(path, tile);
      } catch (error) {
        tiles.delete(path);
        throw error;
      } finally {
        if (tile.width < tileWidth) tiles.delete(path);
      }
    });
  };
}

async function fetchTile(path: string, { width }: Tile): Promise<Octets> {
  let octets: Octets;
  try {
    const response = await fetch(`/log/${path}`);
    if (!response.ok) throw new TilesMissing(`${path}: ${response.status}`);
    octets = new Uint8Array(await response.arrayBuffer());
  } catch (cause) {
    throw cause instanceof TilesMissing ? cause : new TilesMissing(path, { cause });
  }
  if (octets.length !== width * hashBytes) throw new TilesMissing(`${path}: ${octets.length} octets`);
  return octets;
}
