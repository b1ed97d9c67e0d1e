import { consistencyProof, type Hash, hashBytes, inclusionProof, type ReadHash } from '../../audit/merkle.ts';
import { hashesAt, type Tile, tilePath, tileWidth } from '../../audit/tile-shape.ts';
import { readTiles, tilesRead } from '../../audit/tiles.ts';
import { mustHave } from '../../domain/must-have.ts';
import type { Transaction } from '../ports/database.ts';

type Tables = Pick<Transaction['db'], '$queryRaw'>;

/** Tiles that are kept for the next proof: entries that stand together have most of theirs in common. */
const mostKept = 64;

/** Proofs out of the tree of `size` leaves, whatever has been added since. */
export class TreeReader {
  readonly #db: Tables;
  readonly #size: number;
  readonly #kept = new Map<string, Buffer>();

  constructor(db: Tables, size: number) {
    this.#db = db;
    this.#size = size;
  }

  /** @throws RangeError when there is no such entry in this tree. */
  inclusion(seq: number): Promise<Hash[]> {
    return this.#prove((read) => inclusionProof(seq - 1, this.#size, read));
  }

  /** @throws RangeError unless 0 < oldSize ≤ size. */
  consistency(oldSize: number): Promise<Hash[]> {
    return this.#prove((read) => consistencyProof(oldSize, this.#size, read));
  }

  /** The tiles that a proof needs are fetched at once; the proof itself waits for nothing. */
  async #prove(work: (read: ReadHash) => Hash[]): Promise<Hash[]> {
    const tiles = tilesRead(this.#size, work);
    const missing = tiles.filter((tile) => !this.#kept.has(tilePath(tile)));
    for (const { tile, octets } of await readTilesOf(this.#db, this.#size, missing))
      this.#kept.set(tilePath(tile), octets);
    const found = new Map(tiles.map((tile) => [`${tile.level}/${tile.index}`, this.#kept.get(tilePath(tile))]));
    const proof = work(
      readTiles((level, index) => mustHave(found.get(`${level}/${index}`), `tile ${level}/${index} for this proof`)),
    );
    for (const path of this.#kept.keys()) {
      if (this.#kept.size <= mostKept) break;
      this.#kept.delete(path);
    }
    return proof;
  }
}

/**
 * The octets of tiles of the tree of `size` leaves, in one query: a full one is kept as it is, another is made of what it
 * consists of (the hashes over full tiles of a level are the hashes of the level above).
 */
export async function readTilesOf(
  db: Tables,
  size: number,
  tiles: readonly Tile[],
): Promise<{ readonly tile: Tile; readonly octets: Buffer }[]> {
  for (const { level, index, width } of tiles)
    if (index * tileWidth + width > hashesAt(level, size)) throw new RangeError(`no such tile in a tree of ${size}`);
  if (tiles.length === 0) return [];
  const rows = await db.$queryRaw<Octets[]>`
    SELECT CASE
      WHEN want.width = ${tileWidth} THEN
        (SELECT t.hashes FROM audit_tile t WHERE t.level = want.level AND t.index = want.index)
      WHEN want.level = 0 THEN
        (SELECT string_agg(e.leaf_hash, '' ORDER BY e.seq) FROM audit_entry e
         WHERE e.seq > want.index * ${tileWidth} AND e.seq <= want.index * ${tileWidth} + want.width)
      ELSE
        (SELECT string_agg(t.root, '' ORDER BY t.index) FROM audit_tile t
         WHERE t.level = want.level - 1
           AND t.index >= want.index * ${tileWidth} AND t.index < want.index * ${tileWidth} + want.width)
      END AS octets
    FROM unnest(${tiles.map(({ level }) => level)}::int[], ${tiles.map(({ index }) => index)}::bigint[],
                ${tiles.map(({ width }) => width)}::int[]) WITH ORDINALITY AS want (level, index, width, n)
    ORDER BY want.n`;
  return tiles.map((tile, at) => ({
    tile,
    octets: whole(rows[at], tile.width, `hashes of tile ${tile.level}/${tile.index}`),
  }));
}

/** As {@link readTilesOf}, one. */
export async function readTile(db: Tables, size: number, tile: Tile): Promise<Buffer> {
  const [read] = await readTilesOf(db, size, [tile]);
  return mustHave(read, 'answer for the tile').octets;
}

/** Leaf hashes `[start, end)`. */
export async function readLeaves(db: Tables, start: number, end: number): Promise<Hash[]> {
  // As one value: a row for each hash would take longer to unpack than to read.
  const [row] = await db.$queryRaw<Octets[]>`
    SELECT string_agg(leaf_hash, '' ORDER BY seq) AS octets FROM audit_entry WHERE seq > ${start} AND seq <= ${end}`;
  const octets = whole(row, end - start, `entries between ${start + 1} and ${end}`);
  return Array.from({ length: end - start }, (_, at) => octets.subarray(at * hashBytes, (at + 1) * hashBytes));
}

interface Octets {
  readonly octets: Uint8Array | null;
}

function whole(row: Octets | undefined, hashes: number, what: string): Buffer {
  const octets = row?.octets ?? Buffer.alloc(0);
  if (octets.length !== hashes * hashBytes) throw new Error(`the log lacks ${what}`);
  return Buffer.from(octets.buffer, octets.byteOffset, octets.length);
}
