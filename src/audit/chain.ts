import { createHash } from 'node:crypto';
import { canonicalJson } from './canonical-json.ts';

/** One row as it is stored and exported. */
export interface ChainedEntry {
  readonly seq: number;
  readonly canonical: string;
  readonly leafHash: string;
  readonly chainHash: string;
}

/** RFC 6962, 2.1: SHA-256(0x00 ‖ entry). */
export function leafHash(canonical: string): Buffer {
  return createHash('sha256').update(Buffer.of(0)).update(canonical, 'utf8').digest();
}

/** SHA-256(previous chain hash ‖ leaf hash); 32 zero octets stand before the first entry. */
export function chainHash(previous: Buffer, leaf: Buffer): Buffer {
  return createHash('sha256').update(previous).update(leaf).digest();
}

export const chainStart: Buffer = Buffer.alloc(32);

export type ChainFault = {
  readonly seq: number;
  readonly fault: 'NOT_CANONICAL' | 'LEAF_HASH' | 'CHAIN_HASH' | 'SEQUENCE';
};

/**
 * Recomputes every hash of a run of entries, which are attacker-controlled. Pure and offline.
 * Yields each fault with the entry that shows it; an intact run yields nothing. What this form cannot show is a log whose
 * end was cut off or that was computed anew from some entry on: compare the last chain hash with one kept elsewhere.
 */
export async function* findChainFaults(
  entries: AsyncIterable<ChainedEntry> | Iterable<ChainedEntry>,
  before: { seq: number; chainHash: Buffer } = { seq: 0, chainHash: chainStart },
): AsyncGenerator<ChainFault, { seq: number; chainHash: Buffer }> {
  let { seq, chainHash: previous } = before;
  for await (const entry of entries) {
    if (entry.seq !== seq + 1) yield { seq: entry.seq, fault: 'SEQUENCE' };
    if (!isCanonical(entry.canonical)) yield { seq: entry.seq, fault: 'NOT_CANONICAL' };
    const leaf = leafHash(entry.canonical);
    if (leaf.toString('hex') !== entry.leafHash) yield { seq: entry.seq, fault: 'LEAF_HASH' };
    previous = chainHash(previous, leaf);
    if (previous.toString('hex') !== entry.chainHash) yield { seq: entry.seq, fault: 'CHAIN_HASH' };
    seq = entry.seq;
  }
  return { seq, chainHash: previous };
}

function isCanonical(text: string): boolean {
  try {
    return canonicalJson(JSON.parse(text)) === text;
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) return false;
    throw error;
  }
}
