import { readCheckpoint } from '../../audit/checkpoint.ts';
import { hashesAt, partialTiles, type Tile, tileIn, tilePath, tileWidth } from '../../audit/tile-shape.ts';
import { getText, putText } from '../core/signed-text.ts';
import type { Outside } from '../ports/outside.ts';
import { checkpointsBetween, findCheckpoint, integrateLog } from './integrate-log.ts';
import { ownKey } from './note-reading.ts';
import { keepEntries } from './sealed-entries.ts';
import { readTile } from './tree-reader.ts';

type KeepNeeds = Pick<Outside, 'objects' | 'clock' | 'settings'>;
type Needs = Pick<Outside, 'database' | 'logSigner' | 'keyring'> & KeepNeeds;

/** Where the mirror lies in the store; below it the names are those of C2SP tlog-tiles. */
export const mirrorPrefix = 'log/';

/** The mirror holds a checkpoint that this database never signed: one of the two was changed or set back. */
export class LogForked extends Error {
  override readonly name = 'LogForked';
}

/**
 * Signs what has arrived and mirrors the tree to the object store: tiles, every checkpoint under
 * `log/checkpoints/<size>`, which is not written again, and the newest under `log/checkpoint`. So an attacker who can
 * change only the database cannot change the log unseen. Of the mirror anybody may see everything: it has hashes only. The
 * texts go beside it, sealed (`sealed-entries.ts`). Repeatable from every point. Policy P4.
 * @throws LogForked and leaves the mirror as it is.
 */
export async function publishLog(outside: Needs): Promise<void> {
  const { database } = outside;
  const newest = await integrateLog(outside);
  const mirrored = await sizeOfMirror(outside);
  if (mirrored === newest.size) return;
  // First what a checkpoint speaks of, then the checkpoint.
  for (const tile of newTiles(mirrored, newest.size))
    await (tile.width === tileWidth ? keep : put)(
      outside,
      tilePath(tile),
      await readTile(database.read, newest.size, tile),
    );
  await keepEntries(outside, mirrored, newest.size);
  for await (const { size, note } of checkpointsBetween(database, mirrored, newest.size))
    await keep(outside, `checkpoints/${String(size).padStart(16, '0')}`, Buffer.from(note, 'utf8'));
  await put(outside, 'key', Buffer.from(`${ownKey(outside)}\n`, 'utf8'));
  await putText(outside, `${mirrorPrefix}checkpoint`, newest.note);
}

/** What the public may read of the log: hashes. Null: there is no such tile. */
export async function readPublished({ database }: Pick<Needs, 'database'>, tile: Tile): Promise<Buffer | null> {
  const checkpoint = await findCheckpoint(database.read);
  if (!checkpoint) return null;
  const { level, index, width } = tile;
  const there = tileIn(checkpoint.size, level, index);
  if (!there || there.width < width) return null;
  // A narrower version of a tile is the beginning of it.
  const octets = await readTile(database.read, checkpoint.size, there);
  return octets.subarray(0, width * (octets.length / there.width));
}

/** Full tiles that fill between the two sizes, and the right edge of the newer one. */
function* newTiles(from: number, to: number): Generator<Tile> {
  for (let level = 0; hashesAt(level, to) >= tileWidth; level++) {
    const end = Math.floor(hashesAt(level, to) / tileWidth);
    for (let index = Math.floor(hashesAt(level, from) / tileWidth); index < end; index++)
      yield { level, index, width: tileWidth };
  }
  yield* partialTiles(to);
}

/**
 * The size of the mirror, as the mirror says: a store that was emptied is filled again.
 * @throws LogForked
 */
export async function sizeOfMirror({
  objects,
  database,
  logSigner,
}: Pick<Needs, 'objects' | 'database' | 'logSigner'>): Promise<number> {
  const note = await getText({ objects }, `${mirrorPrefix}checkpoint`);
  if (note === null) return 0;
  const { origin, size, root } = readCheckpoint(note);
  const own = await database.read.auditCheckpoint.findFirst({ where: { size } });
  if (origin === logSigner.name && own && root.equals(own.root)) return size;
  throw new LogForked(`the store has a checkpoint of ${origin} over ${size} entries that this database did not sign`);
}

/**
 * Writes what is never written again, and locks it where the store can. What the right edge holds for now is not locked: its
 * hashes come again in the full tile.
 */
async function keep(outside: KeepNeeds, path: string, octets: Uint8Array): Promise<void> {
  await put(outside, path, octets);
  await lockInMirror(outside, path);
}

/** Locks what lies there for as long as the log is kept. */
export async function lockInMirror({ objects, clock, settings }: KeepNeeds, path: string): Promise<void> {
  await objects.lock(`${mirrorPrefix}${path}`, new Date(clock().getTime() + settings.logLockMs));
}

async function put({ objects }: Pick<Needs, 'objects'>, path: string, octets: Uint8Array): Promise<void> {
  const key = `${mirrorPrefix}${path}`;
  const there = await objects.head(key);
  if (there?.bytes === octets.length) return;
  await objects.put(key, one(octets));
}

async function* one(octets: Uint8Array) {
  yield octets;
}
