import { createReadStream } from 'node:fs';
import { open, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Checkpoint, openCheckpoint, readCheckpoint } from '../audit/checkpoint.ts';
import { linesOf, verifyPack } from '../audit/evidence.ts';
import { NoteMalformed } from '../audit/note-form.ts';
import { ReceiptUnusable, verifyReceipt } from '../audit/receipt.ts';
import { mostReceiptBytes } from '../audit/receipt-format.ts';
import { NoteForged, type NoteVerifier, parseVerifierKey } from '../audit/signed-note.ts';
import { tilePath } from '../audit/tile-shape.ts';
import { ExportUnusable, verifyExport } from '../audit/verify-export.ts';
import { verifyTiles } from '../audit/verify-tiles.ts';
import type { Fault } from './fault-words.ts';
import { type Language, messages } from './messages.ts';
import { openZip, ZipMalformed } from './read-zip.ts';
import type { Summary } from './summary.ts';

export interface Verified {
  /** Null: a receipt or the archive of a pack is so broken that its content cannot be judged. */
  readonly summary: Summary | null;
  /** The first hundred faults. */
  readonly faults: readonly Fault[];
  /** Number of further faults. */
  readonly more: number;
}

/** The file cannot be judged; the message is for the person who asked. */
export class Unusable extends Error {
  override readonly name = 'Unusable';
}

const mostShown = 100;

interface Known {
  readonly keys: readonly NoteVerifier[];
  readonly checkpoints: readonly Checkpoint[];
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
    if (await isZip(path)) return await collect(ofPack(path, { keys, checkpoints }));
    const receipt = await readReceipt(path);
    return await collect(receipt ? ofReceipt(receipt, { keys, checkpoints }) : ofExport(path, { keys, checkpoints }));
  } catch (error) {
    if (error instanceof ZipMalformed)
      return { summary: null, faults: [{ fault: 'ARCHIVE_CHANGED', why: error.message }], more: 0 };
    if (error instanceof ReceiptUnusable) throw new Unusable(messages[language].noReceipt(path), { cause: error });
    if (error instanceof ExportUnusable) throw new Unusable(messages[language].noExport(path), { cause: error });
    throw error;
  }
}

async function collect(check: AsyncGenerator<Fault, Summary | null>): Promise<Verified> {
  const faults: Fault[] = [];
  let found = 0;
  let step = await check.next();
  for (; !step.done; step = await check.next()) if (++found <= mostShown) faults.push(step.value);
  return { summary: step.value, faults, more: found - faults.length };
}

async function* ofExport(path: string, known: Known): AsyncGenerator<Fault, Summary> {
  return { kind: 'export', ...(yield* verifyExport(linesOf(createReadStream(path)), known)) };
}

async function* ofPack(path: string, known: Known): AsyncGenerator<Fault, Summary> {
  await using zip = await openZip(path);
  return { kind: 'pack', ...(yield* verifyPack(zip, known)) };
}

async function* ofReceipt(octets: Buffer, known: Known): AsyncGenerator<Fault, Summary | null> {
  const summary = yield* verifyReceipt(octets, known);
  return summary && { kind: 'receipt', ...summary };
}

/** The octets of a receipt, also of a damaged one: by its name for itself, or by how it begins. Null: another file. */
async function readReceipt(path: string): Promise<Buffer | null> {
  if ((await stat(path)).size > mostReceiptBytes) return null;
  const octets = await readFile(path);
  if (octets.indexOf('{"format":"emanet-log"') === 0) return null;
  return octets.includes('"emanet-receipt"') || octets.indexOf('{"consent":') === 0 ? octets : null;
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

async function isZip(path: string): Promise<boolean> {
  await using file = await open(path);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(4), 0, 4, 0);
  return bytesRead === 4 && buffer.readUInt32BE(0) === 0x504b0304;
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
