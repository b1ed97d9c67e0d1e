import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Checkpoint, openCheckpoint, readCheckpoint } from '../audit/checkpoint.ts';
import { NoteMalformed } from '../audit/note-form.ts';
import { ReceiptUnusable } from '../audit/receipt.ts';
import { NoteForged, type NoteVerifier, parseVerifierKey } from '../audit/signed-note.ts';
import { tilePath } from '../audit/tile-shape.ts';
import { ExportUnusable, type Known } from '../audit/verify-export.ts';
import { verifyTiles } from '../audit/verify-tiles.ts';
import type { Fault } from './fault-words.ts';
import { type Language, messages } from './messages.ts';
import { openFile } from './open-file.ts';
import { unpacking } from './read-zip.ts';
import type { Summary } from './summary.ts';
import { collect, type Verified, verifySource } from './verify-source.ts';

/** The file cannot be judged; the message is for the person who asked. */
export class Unusable extends Error {
  override readonly name = 'Unusable';
}

/**
 * Verifies an exported log, an evidence pack, a receipt or a folder of tiles against what the caller knows of the log (`given`):
 * verifier keys, or files with one, and files with checkpoints.
 * @throws Unusable. Errors of the file system propagate.
 */
export async function verifyFile(
  path: string,
  given: { keys: readonly string[]; checkpoints: readonly string[] },
  language: Language,
): Promise<Verified> {
  const keys = await Promise.all(given.keys.map((key) => readKey(key, language)));
  const checkpoints = await Promise.all(given.checkpoints.map((file) => readKnown(file, keys, language)));
  try {
    if ((await stat(path)).isDirectory()) return await collect(ofTiles(path, { keys, checkpoints }, language));
    await using file = await openFile(path);
    return await verifySource(file, { keys, checkpoints }, unpacking);
  } catch (error) {
    if (error instanceof ReceiptUnusable) throw new Unusable(messages[language].noReceipt(path), { cause: error });
    if (error instanceof ExportUnusable) throw new Unusable(messages[language].noExport(path), { cause: error });
    throw error;
  }
}

/**
 * A folder that holds `checkpoint` and `tile/`, as published or mirrored; beside them perhaps `checkpoints/` and `key`.
 */
async function* ofTiles(folder: string, known: Known, language: Language): AsyncGenerator<Fault, Summary> {
  const t = messages[language];
  const note = await readIfThere(join(folder, 'checkpoint'));
  if (note === null) throw new Unusable(t.noTiles(folder));
  const stated = (await readIfThere(join(folder, 'key')))?.toString('utf8').trim();
  const [ours] = known.keys;
  const key = stated ?? ours?.name;
  if (key === undefined) throw new Unusable(t.needsKey(folder));
  const keys = ours ? known.keys : [await readKey(key, language)];
  async function* checkpoints() {
    for (const name of (await namesIn(join(folder, 'checkpoints'))).sort())
      yield await readFile(join(folder, 'checkpoints', name), 'utf8');
  }
  const log = {
    note: note.toString('utf8'),
    read: (tile: Parameters<typeof tilePath>[0]) => readIfThere(join(folder, tilePath(tile))),
    checkpoints,
  };
  try {
    const summary = yield* verifyTiles(log, { keys, checkpoints: known.checkpoints });
    return { kind: 'tiles', ...summary, key, isKeyKnown: ours !== undefined };
  } catch (error) {
    if (error instanceof NoteMalformed) throw new Unusable(t.badCheckpoint(folder), { cause: error });
    throw error;
  }
}

async function readIfThere(path: string): Promise<Buffer | null> {
  return readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
}

async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
}

async function readKey(given: string, language: Language): Promise<NoteVerifier> {
  try {
    return parseVerifierKey(given.includes('+') ? given : await readFile(given, 'utf8'));
  } catch (error) {
    if (error instanceof NoteMalformed) throw new Unusable(messages[language].badKey(given), { cause: error });
    throw error;
  }
}

/** A checkpoint kept elsewhere: if keys are given, one of them must have signed it. */
async function readKnown(path: string, keys: readonly NoteVerifier[], language: Language): Promise<Checkpoint> {
  const note = await readFile(path, 'utf8');
  const t = messages[language];
  try {
    return keys.length === 0 ? readCheckpoint(note) : openCheckpoint(note, { log: keys });
  } catch (error) {
    if (error instanceof NoteMalformed) throw new Unusable(t.badCheckpoint(path), { cause: error });
    if (error instanceof NoteForged) throw new Unusable(t.forgedCheckpoint(path), { cause: error });
    throw error;
  }
}
