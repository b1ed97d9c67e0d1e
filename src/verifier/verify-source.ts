import { linesOf, verifyPack } from '../audit/evidence.ts';
import { verifyReceipt } from '../audit/receipt.ts';
import { mostReceiptBytes } from '../audit/receipt-format.ts';
import { type Known, verifyExport } from '../audit/verify-export.ts';
import type { Fault } from './fault-words.ts';
import { piecesOf, type Source } from './source.ts';
import type { Summary } from './summary.ts';
import { readZip, type Unpacking, ZipMalformed } from './zip-reader.ts';

export interface Verified {
  /** Null: a receipt or the archive of a pack is so broken that its content cannot be judged. */
  readonly summary: Summary | null;
  /** The first hundred faults. */
  readonly faults: readonly Fault[];
  /** Number of further faults. */
  readonly more: number;
}

const mostShown = 100;

/**
 * Verifies an exported log, an evidence pack or a receipt, told by its content, against what the caller knows of the log.
 * @throws ExportUnusable. @throws ReceiptUnusable.
 */
export async function verifySource(source: Source, known: Known, unpacking: Unpacking): Promise<Verified> {
  try {
    if (await isZip(source)) return await collect(ofPack(source, known, unpacking));
    const receipt = await readReceipt(source);
    return await collect(receipt ? ofReceipt(receipt, known) : ofExport(source, known));
  } catch (error) {
    if (error instanceof ZipMalformed)
      return { summary: null, faults: [{ fault: 'ARCHIVE_CHANGED', why: error.message }], more: 0 };
    throw error;
  }
}

export async function collect(check: AsyncGenerator<Fault, Summary | null>): Promise<Verified> {
  const faults: Fault[] = [];
  let found = 0;
  let step = await check.next();
  for (; !step.done; step = await check.next()) if (++found <= mostShown) faults.push(step.value);
  return { summary: step.value, faults, more: found - faults.length };
}

async function* ofExport(source: Source, known: Known): AsyncGenerator<Fault, Summary> {
  return { kind: 'export', ...(yield* verifyExport(linesOf(piecesOf(source)), known)) };
}

async function* ofPack(source: Source, known: Known, unpacking: Unpacking): AsyncGenerator<Fault, Summary> {
  return { kind: 'pack', ...(yield* verifyPack(await readZip(source, unpacking), known)) };
}

async function* ofReceipt(octets: Buffer, known: Known): AsyncGenerator<Fault, Summary | null> {
  const summary = yield* verifyReceipt(octets, known);
  return summary && { kind: 'receipt', ...summary };
}

/** The octets of a receipt, also of a damaged one: by its name for itself, or by how it begins. Null: another file. */
async function readReceipt(source: Source): Promise<Buffer | null> {
  if (source.size > mostReceiptBytes) return null;
  const octets = await source.read(0, source.size);
  if (octets.indexOf('{"format":"emanet-log"') === 0) return null;
  return octets.includes('"emanet-receipt"') || octets.indexOf('{"consent":') === 0 ? octets : null;
}

async function isZip(source: Source): Promise<boolean> {
  const octets = await source.read(0, 4);
  return octets.length === 4 && octets.readUInt32BE(0) === 0x504b0304;
}
