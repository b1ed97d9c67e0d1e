import type { Hash } from './merkle.ts';

/**
 * An exported log: JSON Lines in UTF-8, oldest entry first.
 *
 * - The first line states the kind of file and holds the checkpoint at which it was read.
 * - An entry: its number, its canonical text, its leaf hash, and in an export of some entries its inclusion proof.
 * - A checkpoint: in an export of all entries it stands after the last entry that it covers, so that a change can be
 *   located between two signed checkpoints; in an export of some it comes with its consistency proof.
 * - The last line states the number of entries, so that a file that was cut off is not taken for a whole one.
 *
 * Hashes are base64.
 */
export interface ExportHead {
  readonly format: 'emanet-log';
  readonly v: 1;
  /** `all`: entries 1 to the size of the checkpoint. `some`: the entries that the filter matched. */
  readonly entries: 'all' | 'some';
  readonly filter: Readonly<Record<string, unknown>>;
  readonly checkpoint: string;
  /** Verifier key of the log, as the file itself states it: compare it with one that you know. */
  readonly key: string;
}

export interface ExportedEntry {
  readonly seq: number;
  readonly canonical: string;
  readonly leaf: string;
  readonly proof?: readonly string[];
}

export interface ExportedCheckpoint {
  readonly checkpoint: string;
  readonly proof?: readonly string[];
}

export interface ExportEnd {
  readonly end: number;
}

export type ExportLine = ExportHead | ExportedEntry | ExportedCheckpoint | ExportEnd;

export function formatLine(line: ExportLine): string {
  return `${JSON.stringify(line)}\n`;
}

export function toEntryLine(seq: number, canonical: string, leaf: Hash, proof?: readonly Hash[]): ExportedEntry {
  return { seq, canonical, leaf: toBase64(leaf), ...(proof ? { proof: proof.map(toBase64) } : {}) };
}

export const toBase64 = (hash: Uint8Array) => Buffer.from(hash).toString('base64');

/**
 * Parses a line; null for text that is no line. Attacker-controlled. `formatLine` is the only way to write a line: an
 * unknown member, a double one or a blank would be read by some programs and not by others. A line feed may end it.
 */
export function parseLine(text: string): ExportLine | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null; // the caller reports which line it was
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  const line = toLine(value as Record<string, unknown>);
  return line !== null && formatLine(line).trimEnd() === text.replace(/\n$/, '') ? line : null;
}

function toLine({ format, v, entries, filter, checkpoint, key, seq, canonical, leaf, proof, end }: Members) {
  const isProof = proof === undefined || isTexts(proof);
  const withProof = proof === undefined ? {} : { proof };
  if (format === 'emanet-log' && v === 1) {
    const isHead = (entries === 'all' || entries === 'some') && isTexts([checkpoint, key]);
    const isFilter = typeof filter === 'object' && filter !== null;
    return isHead && isFilter ? ({ format, v, entries, filter, checkpoint, key } as ExportHead) : null;
  }
  if (isNumber(seq))
    return isTexts([canonical, leaf]) && isProof ? ({ seq, canonical, leaf, ...withProof } as ExportedEntry) : null;
  if (typeof checkpoint === 'string') return isProof ? ({ checkpoint, ...withProof } as ExportedCheckpoint) : null;
  return isNumber(end) ? ({ end } as ExportEnd) : null;
}

type Members = Readonly<Record<string, unknown>>;
const isTexts = (value: unknown) => Array.isArray(value) && value.every((one) => typeof one === 'string');
const isNumber = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 0;
