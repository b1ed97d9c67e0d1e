import { createReadStream } from 'node:fs';
import { z } from 'zod';
import { type ChainedEntry, type ChainFault, findChainFaults } from '../audit/chain.ts';

const hash = z.string().regex(/^[0-9a-f]{64}$/);
const line = z.object({ seq: z.int().min(1), canonical: z.string(), leafHash: hash, chainHash: hash });

const mostShown = 100;

/** The file is not an exported log at all. */
export class UnusableExport extends Error {
  override readonly name = 'UnusableExport';
  /** 1 for the first line; 0: the file as a whole. */
  readonly line: number;

  constructor(lineNumber: number, cause?: unknown) {
    super(`line ${lineNumber} is not an entry of the log`, { cause });
    this.line = lineNumber;
  }
}

/**
 * Recomputes every hash of an export in JSON Lines, which is attacker-controlled. Offline, in constant memory.
 * The export has to be complete, from the first entry on: one with a filter shows gaps, which are faults.
 * @throws UnusableExport for a file that is empty or not an export; errors of the file system.
 */
export async function verifyExport(
  path: string,
): Promise<{ entries: number; chainHash: string; faults: ChainFault[] }> {
  const faults: ChainFault[] = [];
  let entries = 0;
  async function* counted() {
    for await (const entry of readEntries(path)) {
      entries += 1;
      yield entry;
    }
  }
  const check = findChainFaults(counted());
  let step = await check.next();
  // One change breaks every link after it: those must not crowd out a second change further on.
  const shown = { links: 0, changes: 0 };
  for (; !step.done; step = await check.next()) {
    const kind = step.value.fault === 'CHAIN_HASH' ? 'links' : 'changes';
    shown[kind] += 1;
    if (shown[kind] <= mostShown) faults.push(step.value);
  }
  if (entries === 0) throw new UnusableExport(0);
  return { entries, chainHash: step.value.chainHash.toString('hex'), faults };
}

async function* readEntries(path: string): AsyncGenerator<ChainedEntry> {
  let number = 0;
  for await (const text of readLines(path)) {
    number += 1;
    yield parseLine(text, number);
  }
}

/** Only a line feed ends a line: readline also breaks at U+2028, which may stand inside of JSON. */
async function* readLines(path: string): AsyncGenerator<string> {
  let rest = '';
  for await (const chunk of createReadStream(path, 'utf8') as AsyncIterable<string>) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop()!;
    yield* lines;
  }
  if (rest !== '') yield rest;
}

function parseLine(text: string, number: number): ChainedEntry {
  try {
    return line.parse(JSON.parse(text));
  } catch (cause) {
    throw new UnusableExport(number, cause);
  }
}
