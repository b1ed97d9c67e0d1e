import { createHash } from 'node:crypto';
import { StringDecoder } from 'node:string_decoder';
import { type ExportedEntry, parseLine } from './export-format.ts';
import { leafHash } from './merkle.ts';
import { type ExportFault, type ExportSummary, ExportUnusable, type Known, verifyExport } from './verify-export.ts';

/**
 * An evidence pack: one ZIP file about a recording or a person.
 *
 * - `log.jsonl`: every entry that concerns it, each with its inclusion proof (export-format.ts), and last, the entry
 *   that records that this pack was made.
 * - `manifest.json`: SHA-256 of every other file, how many entries there were, and one digest over their leaf hashes.
 *   Its own SHA-256 stands in that last entry: so the signed log vouches for every octet of the pack, and for its
 *   completeness.
 * - The record and the reports, for people.
 */
export interface PackManifest {
  readonly format: 'emanet-evidence';
  readonly v: 1;
  readonly about: { readonly kind: 'recording' | 'participant'; readonly id: string };
  /** RFC 3339, UTC. */
  readonly madeAt: string;
  /** Number of entries before that of the pack itself. */
  readonly entries: number;
  /** SHA-256 over their leaf hashes, concatenated, in hex. */
  readonly leaves: string;
  /** SHA-256 in hex, by name. */
  readonly files: Readonly<Record<string, string>>;
}

export const manifestName = 'manifest.json';
export const logName = 'log.jsonl';

export type PackFault =
  | { readonly fault: 'FILE_CHANGED' | 'FILE_MISSING' | 'FILE_NOT_LISTED'; readonly name: string }
  /** No entry of the signed log records that this pack was made. */
  | { readonly fault: 'PACK_NOT_ON_LOG' }
  | { readonly fault: 'ENTRIES_LEFT_OUT' }
  /** The archive around the files was not written by this software, so programs may read different files in it. */
  | { readonly fault: 'ARCHIVE_CHANGED'; readonly why: string };

/** Attacker-controlled. */
export interface OpenPack {
  readonly names: readonly string[];
  read(name: string): AsyncIterable<Uint8Array>;
}

/**
 * Verifies a pack in memory that does not grow with its log. Pure and offline. Yields each fault.
 * @throws ExportUnusable if it is no evidence pack.
 */
export async function* verifyPack(
  pack: OpenPack,
  known: Known,
): AsyncGenerator<PackFault | ExportFault, ExportSummary & { readonly about: PackManifest['about'] }> {
  const names = new Set(pack.names);
  if (!names.has(manifestName) || !names.has(logName)) throw new ExportUnusable('this is no evidence pack');
  const text = await readSmall(pack.read(manifestName));
  const manifest = parseManifest(text);
  for (const [name, digest] of Object.entries(manifest.files)) {
    if (!names.has(name)) yield { fault: 'FILE_MISSING', name };
    else if ((await sha256Of(pack.read(name))) !== digest) yield { fault: 'FILE_CHANGED', name };
  }
  for (const name of names)
    if (name !== manifestName && name !== logName && !Object.hasOwn(manifest.files, name))
      yield { fault: 'FILE_NOT_LISTED', name };
  const entries = new PackEntries();
  const summary = yield* verifyExport(entries.watch(linesOf(pack.read(logName))), known);
  const { last, count, leaves } = entries.finish();
  if (last === null || !vouches(last, createHash('sha256').update(text).digest('hex')))
    yield { fault: 'PACK_NOT_ON_LOG' };
  else if (count !== manifest.entries || leaves !== manifest.leaves) yield { fault: 'ENTRIES_LEFT_OUT' };
  return { ...summary, about: manifest.about };
}

/**
 * Passes lines on and records the data that the manifest states about them: all entries but the last, which is the
 * pack's own.
 */
class PackEntries {
  readonly #leaves = createHash('sha256');
  #last: ExportedEntry | null = null;
  #count = 0;

  async *watch(batches: AsyncIterable<readonly string[]>): AsyncGenerator<readonly string[]> {
    for await (const batch of batches) {
      for (const text of batch) {
        const line = parseLine(text);
        if (line && 'seq' in line) {
          if (this.#last) {
            this.#count += 1;
            this.#leaves.update(leafHash(this.#last.canonical));
          }
          this.#last = line;
        }
      }
      yield batch;
    }
  }

  finish() {
    return { last: this.#last, count: this.#count, leaves: this.#leaves.digest('hex') };
  }
}

function vouches({ canonical }: ExportedEntry, manifestSha256: string): boolean {
  try {
    const { action, details } = JSON.parse(canonical) as { action?: unknown; details?: { manifest?: unknown } };
    return action === 'audit.pack_made' && details?.manifest === manifestSha256;
  } catch {
    return false; // not JSON: the check of the export reports it too
  }
}

function parseManifest(text: string): PackManifest {
  const isTexts = (value: unknown) =>
    typeof value === 'object' && value !== null && Object.values(value).every((one) => typeof one === 'string');
  try {
    const value = JSON.parse(text) as Partial<PackManifest> | null;
    const isOne =
      value?.format === 'emanet-evidence' &&
      value.v === 1 &&
      Number.isSafeInteger(value.entries) &&
      typeof value.leaves === 'string' &&
      isTexts(value.files) &&
      isTexts(value.about);
    if (isOne) return value as PackManifest;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new ExportUnusable('its manifest is none');
}

const mostSmall = 2 ** 20;

async function readSmall(pieces: AsyncIterable<Uint8Array>): Promise<string> {
  const kept: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of pieces) {
    bytes += piece.length;
    if (bytes > mostSmall) throw new ExportUnusable('its manifest is too large');
    kept.push(piece);
  }
  return Buffer.concat(kept).toString('utf8');
}

async function sha256Of(pieces: AsyncIterable<Uint8Array>): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of pieces) hash.update(piece);
  return hash.digest('hex');
}

/** Yields batches of lines of a UTF-8 text. Only a line feed ends a line: other line breaks may stand inside JSON. */
export async function* linesOf(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<string[]> {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  for await (const piece of pieces) {
    const text = decoder.write(piece as Buffer);
    const end = text.lastIndexOf('\n');
    if (end >= 0) yield (rest + text.slice(0, end)).split('\n');
    rest = end >= 0 ? text.slice(end + 1) : rest + text;
  }
  rest += decoder.end();
  if (rest !== '') yield [rest];
}
