import { consistencyProof, type Hash, hashBytes, inclusionProof, type ReadHash } from '../../audit/merkle.ts';
import { hashesAt, readTiles, type Tile, tilePath, tilesRead, tileWidth } from '../../audit/tiles.ts';
import type { Transaction } from '../ports.ts';

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
    const read = await Promise.all(missing.map((tile) => readTile(this.#db, this.#size, tile)));
    for (const [at, tile] of missing.entries()) this.#kept.set(tilePath(tile), read[at]!);
    const found = new Map(tiles.map((tile) => [`${tile.level}/${tile.index}`, this.#kept.get(tilePath(tile))!]));
    const proof = work(readTiles((level, index) => found.get(`${level}/${index}`)!));
    for (const path of this.#kept.keys()) {
      if (this.#kept.size <= mostKept) break;
      this.#kept.delete(path);
    }
    return proof;
  }
}

/** The octets of a tile of the tree of `size` leaves: a full one is kept as it is, another is made of what it consists of. */
export async function readTile(db: Tables, size: number, { level, index, width }: Tile): Promise<Buffer> {
  const start = index * tileWidth;
  if (start + width > hashesAt(level, size)) throw new RangeError(`no such tile in a tree of ${size}`);
  const rows =
    width === tileWidth
      ? await db.$queryRaw<
          Octets[]
        >`SELECT hashes AS octets FROM audit_tile WHERE level = ${level} AND index = ${index}`
      : level === 0
        ? await leaves(db, start, start + width)
        : // The hashes over full tiles of a level are the hashes of the level above.
          await db.$queryRaw<Octets[]>`
            SELECT string_agg(root, '' ORDER BY index) AS octets FROM audit_tile
            WHERE level = ${level - 1} AND index >= ${start} AND index < ${start + width}`;
  return whole(rows, width, `hashes of tile ${level}/${index}`);
}

/** Leaf hashes `[start, end)`. */
export async function readLeaves(db: Tables, start: number, end: number): Promise<Hash[]> {
  const octets = whole(await leaves(db, start, end), end - start, `entries between ${start + 1} and ${end}`);
  return Array.from({ length: end - start }, (_, at) => octets.subarray(at * hashBytes, (at + 1) * hashBytes));
}

interface Octets {
  readonly octets: Uint8Array | null;
}

/** As one value: a row for each hash would take longer to unpack than to read. */
function leaves(db: Tables, start: number, end: number): Promise<Octets[]> {
  return db.$queryRaw<Octets[]>`
    SELECT string_agg(leaf_hash, '' ORDER BY seq) AS octets FROM audit_entry WHERE seq > ${start} AND seq <= ${end}`;
}

function whole([row]: readonly Octets[], hashes: number, what: string): Buffer {
  const octets = row?.octets ?? Buffer.alloc(0);
  if (octets.length !== hashes * hashBytes) throw new Error(`the log lacks ${what}`);
  return Buffer.from(octets.buffer, octets.byteOffset, octets.length);
}
