import { type Checkpoint, openCheckpoint, readCheckpoint } from './checkpoint.ts';
import { hashBytes } from './merkle.ts';
import { NoteForged, type NoteVerifier } from './signed-note.ts';
import { allTiles, partialTiles, type Tile, tilePath, tileWidth } from './tile-shape.ts';
import { TileEdge } from './tiles.ts';

export type TilesFault =
  | { readonly fault: 'TILE_CHANGED' | 'TILE_MISSING'; readonly name: string }
  /** The leaves are not those for which the checkpoint over `size` entries was signed. */
  | { readonly fault: 'TREE'; readonly size: number }
  | { readonly fault: 'SIGNATURE' | 'ORIGIN'; readonly size: number }
  | { readonly fault: 'FORK' | 'OLDER_THAN_KNOWN'; readonly size: number };

export interface TilesSummary {
  readonly origin: string;
  readonly size: number;
  readonly root: string;
  /** Number of checkpoints compared with the tree, its own included. */
  readonly checkpoints: number;
}

/** A published log, or its mirror; attacker-controlled. */
export interface OpenTiles {
  /** The newest checkpoint. */
  readonly note: string;
  /** Octets of a tile; null if it does not exist. */
  read(tile: Tile): Promise<Uint8Array | null>;
  /** Further checkpoints kept beside it. */
  checkpoints(): AsyncIterable<string>;
}

/**
 * Recomputes the tree of a published log from its leaves and compares with it every higher tile, every checkpoint
 * beside it and every checkpoint known from elsewhere. So it also proves that of two checkpoints the older is a
 * beginning of the newer. Memory does not grow with the log.
 * @throws NoteMalformed if the newest checkpoint is not one.
 */
export async function* verifyTiles(
  log: OpenTiles,
  known: { readonly keys: readonly NoteVerifier[]; readonly checkpoints: readonly Checkpoint[] },
): AsyncGenerator<TilesFault, TilesSummary> {
  const newest = readCheckpoint(log.note);
  const expected: { readonly checkpoint: Checkpoint; readonly fault: 'TREE' | 'FORK' }[] = [];
  const notes = [log.note];
  for await (const note of log.checkpoints()) notes.push(note);
  for (const note of notes) {
    const checkpoint = readCheckpoint(note);
    if (!isSigned(note, known.keys)) yield { fault: 'SIGNATURE', size: checkpoint.size };
    else if (checkpoint.origin !== newest.origin) yield { fault: 'ORIGIN', size: checkpoint.size };
    // A newer one beside an older head: the head was set back.
    else if (checkpoint.size > newest.size) yield { fault: 'OLDER_THAN_KNOWN', size: checkpoint.size };
    else expected.push({ checkpoint, fault: 'TREE' });
  }
  for (const checkpoint of known.checkpoints) {
    if (checkpoint.origin !== newest.origin) yield { fault: 'ORIGIN', size: checkpoint.size };
    else if (checkpoint.size > newest.size) yield { fault: 'OLDER_THAN_KNOWN', size: checkpoint.size };
    else expected.push({ checkpoint, fault: 'FORK' });
  }
  expected.sort((a, b) => a.checkpoint.size - b.checkpoint.size);
  yield* compareTree(log, newest.size, expected);
  return {
    origin: newest.origin,
    size: newest.size,
    root: newest.root.toString('base64'),
    checkpoints: expected.length,
  };
}

async function* compareTree(
  log: OpenTiles,
  size: number,
  expected: readonly { readonly checkpoint: Checkpoint; readonly fault: 'TREE' | 'FORK' }[],
): AsyncGenerator<TilesFault> {
  const edge = new TileEdge();
  let next = 0;
  const compare = function* (): Generator<TilesFault> {
    for (let one = expected[next]; one?.checkpoint.size === edge.size; one = expected[next]) {
      const { checkpoint, fault } = one;
      next += 1;
      if (!edge.root().equals(checkpoint.root)) yield { fault, size: checkpoint.size };
    }
  };
  yield* compare();
  for (const tile of allTiles(size)) {
    if (tile.level > 0) break;
    const octets = await log.read(tile);
    if (octets === null) {
      yield { fault: 'TILE_MISSING', name: tilePath(tile) };
      return; // without its leaves there is no tree
    }
    if (octets.length !== tile.width * hashBytes) {
      yield { fault: 'TILE_CHANGED', name: tilePath(tile) };
      return;
    }
    for (let at = 0; at < tile.width; at++) {
      const leaf = Buffer.from(octets.subarray(at * hashBytes, (at + 1) * hashBytes));
      for (const filled of edge.append(leaf)) if (filled.level > 0) yield* compareTile(log, filled, filled.hashes);
      yield* compare();
    }
  }
  for (const tile of partialTiles(size))
    if (tile.level > 0 && tile.width < tileWidth) yield* compareTile(log, tile, edge.partial(tile.level));
}

async function* compareTile(log: OpenTiles, tile: Tile, computed: Buffer): AsyncGenerator<TilesFault> {
  const octets = await log.read(tile);
  if (octets === null) yield { fault: 'TILE_MISSING', name: tilePath(tile) };
  else if (!computed.equals(octets)) yield { fault: 'TILE_CHANGED', name: tilePath(tile) };
}

function isSigned(note: string, keys: readonly NoteVerifier[]): boolean {
  try {
    openCheckpoint(note, { log: keys });
    return true;
  } catch (error) {
    if (error instanceof NoteForged) return false;
    throw error;
  }
}
