import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { type Checkpoint, openCheckpoint, readCheckpoint } from '../audit/checkpoint.ts';
import { NoteForged, NoteMalformed, type NoteVerifier, parseVerifierKey } from '../audit/signed-note.ts';
import { type ExportFault, type ExportSummary, ExportUnusable, verifyExport } from '../audit/verify-export.ts';
import { type Language, messages } from './messages.ts';

export interface Verified {
  readonly summary: ExportSummary;
  /** The first hundred. */
  readonly faults: readonly ExportFault[];
  /** How many more there are. */
  readonly more: number;
}

/** Nothing can be said of the file; the message is for the person who asked. */
export class Unusable extends Error {
  override readonly name = 'Unusable';
}

const mostShown = 100;

/**
 * Verifies an exported log against what is known of it: verifier keys, or files with one, and files with checkpoints.
 * @throws Unusable. Errors of the file system propagate.
 */
export async function verifyFile(
  path: string,
  given: { keys: readonly string[]; checkpoints: readonly string[] },
  language: Language,
): Promise<Verified> {
  const keys = await Promise.all(given.keys.map((key) => readKey(key, language)));
  const checkpoints = await Promise.all(given.checkpoints.map((file) => readKnown(file, keys, language)));
  const faults: ExportFault[] = [];
  let found = 0;
  try {
    const check = verifyExport(readLines(createReadStream(path, 'utf8')), { keys, checkpoints });
    let step = await check.next();
    for (; !step.done; step = await check.next()) if (++found <= mostShown) faults.push(step.value);
    return { summary: step.value, faults, more: found - faults.length };
  } catch (error) {
    if (error instanceof ExportUnusable) throw new Unusable(messages[language].noExport(path), { cause: error });
    throw error;
  }
}

async function readKey(given: string, language: Language): Promise<NoteVerifier> {
  try {
    return parseVerifierKey(given.includes('+') ? given : await readFile(given, 'utf8'));
  } catch (error) {
    if (error instanceof NoteMalformed) throw new Unusable(messages[language].badKey(given), { cause: error });
    throw error;
  }
}

/** A checkpoint that somebody kept: with keys given it has to be signed by one of them. */
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

/** Only a line feed ends a line: readline also breaks at U+2028, which may stand inside of JSON. */
async function* readLines(chunks: AsyncIterable<string>): AsyncGenerator<string[]> {
  let rest = '';
  for await (const chunk of chunks) {
    const lines = chunk.split('\n');
    lines[0] = rest + lines[0];
    rest = lines.pop()!;
    yield lines;
  }
  if (rest !== '') yield [rest];
}
