import { isCanonicalJson } from './canonical-json.ts';
import { type Checkpoint, openCheckpoint, readCheckpoint } from './checkpoint.ts';
import {
  type ExportEnd,
  type ExportedCheckpoint,
  type ExportedEntry,
  type ExportHead,
  type ExportLine,
  parseLine,
} from './export-format.ts';
import { isConsistent, isIncluded, leafHash, RightEdge } from './merkle.ts';
import { NoteMalformed } from './note-form.ts';
import { NoteForged, type NoteVerifier, parseVerifierKey } from './signed-note.ts';

/** A fault and its place: entries have the numbers of the log, lines of the file count from 1. */
export type ExportFault = { readonly line: number } & (
  | { readonly fault: 'LINE' }
  | { readonly fault: 'NOT_CANONICAL' | 'CHANGED' | 'NOT_INCLUDED' | 'NO_PROOF'; readonly seq: number }
  /** `seq` stands in the place of `expected`: entries are missing, moved, doubled or inserted. */
  | { readonly fault: 'SEQUENCE'; readonly seq: number; readonly expected: number }
  /**
   * Between the entries `from` and `to`, an entry differs from those for which the checkpoint over `to` entries was
   * signed.
   */
  | { readonly fault: 'ROOT'; readonly from: number; readonly to: number }
  | { readonly fault: 'CUT_OFF'; readonly from: number; readonly to: number }
  | { readonly fault: 'NO_END' }
  | { readonly fault: 'COUNT'; readonly counted: number; readonly stated: number }
  | { readonly fault: 'SIGNATURE' | 'ORIGIN' | 'INCONSISTENT'; readonly size: number }
  /** A checkpoint known from elsewhere is of another log, or covers more entries than this one has. */
  | { readonly fault: 'FORK' | 'OLDER_THAN_KNOWN'; readonly size: number }
);

export interface ExportSummary {
  readonly origin: string;
  readonly entries: number;
  readonly isComplete: boolean;
  /** Size of the checkpoint at which the export was read. */
  readonly size: number;
  readonly root: string;
  /** The verifier key that signed the checkpoint. */
  readonly key: string;
  /** Whether that key was given by the caller, and not only stated by the file itself. */
  readonly isKeyKnown: boolean;
  /** Sizes of known checkpoints that could not be compared with this file. */
  readonly notCompared: readonly number[];
}

/** The file is no exported log at all, or one of an unknown kind. */
export class ExportUnusable extends Error {
  override readonly name = 'ExportUnusable';
}

export interface Known {
  /**
   * Keys of the log from elsewhere. Without any, the key that the file states is taken, which proves nothing by itself.
   */
  readonly keys: readonly NoteVerifier[];
  /** Checkpoints kept from elsewhere, older than the export, already verified. */
  readonly checkpoints: readonly Checkpoint[];
}

/**
 * Verifies an exported log, which is attacker-controlled, in constant memory: its lines come in batches of any size.
 * Pure and offline. Yields each fault; for an intact file it yields none.
 * @throws ExportUnusable.
 */
export async function* verifyExport(
  batches: AsyncIterable<readonly string[]> | Iterable<readonly string[]>,
  known: Known,
): AsyncGenerator<ExportFault, ExportSummary> {
  let verifier: ExportVerifier | undefined;
  let line = 0;
  for await (const batch of batches)
    for (const text of batch) {
      line += 1;
      const parsed = parseLine(text);
      if (verifier) yield* verifier.take(parsed, line);
      else {
        if (!parsed || !('format' in parsed))
          throw new ExportUnusable('the first line does not say that this is a log');
        verifier = new ExportVerifier(parsed, known);
        yield* verifier.begin();
      }
    }
  if (!verifier) throw new ExportUnusable('the file is empty');
  return yield* verifier.finish(line);
}

class ExportVerifier {
  readonly #head: ExportHead;
  readonly #known: Known;
  readonly #log: readonly NoteVerifier[];
  readonly #checkpoint: Checkpoint;
  readonly #signatureFault: 'SIGNATURE' | null;
  readonly #edge = new RightEdge();
  readonly #compared = new Set<Checkpoint>();
  #entries = 0;
  #lastSeq = 0;
  /** Number of entries last found to be the signed ones. */
  #sureOf = 0;
  /** Once an entry is missing or moved, the tree can no longer be verified. */
  #isTreeLost = false;
  #end: number | null = null;

  constructor(head: ExportHead, known: Known) {
    this.#head = head;
    this.#known = known;
    try {
      this.#log = known.keys.length > 0 ? known.keys : [parseVerifierKey(head.key)];
      const opened = this.#open(head.checkpoint);
      this.#checkpoint = opened.checkpoint;
      this.#signatureFault = opened.isSigned ? null : 'SIGNATURE';
    } catch (error) {
      if (error instanceof NoteMalformed) throw new ExportUnusable(error.message, { cause: error });
      throw error;
    }
  }

  *begin(): Generator<ExportFault> {
    const { size, origin } = this.#checkpoint;
    if (this.#signatureFault) yield { line: 1, fault: this.#signatureFault, size };
    for (const checkpoint of this.#known.checkpoints) {
      if (checkpoint.origin !== origin) yield { line: 1, fault: 'ORIGIN', size: checkpoint.size };
      else if (checkpoint.size > size) yield { line: 1, fault: 'OLDER_THAN_KNOWN', size: checkpoint.size };
      else if (checkpoint.size === size) {
        if (!checkpoint.root.equals(this.#checkpoint.root)) yield { line: 1, fault: 'FORK', size };
      } else continue;
      this.#compared.add(checkpoint);
    }
  }

  *take(parsed: ExportLine | null, line: number): Generator<ExportFault> {
    if (parsed === null || 'format' in parsed || this.#end !== null) yield { line, fault: 'LINE' };
    else if ('seq' in parsed) yield* this.#takeEntry(parsed, line);
    else if ('checkpoint' in parsed) yield* this.#takeCheckpoint(parsed, line);
    else this.#end = (parsed as ExportEnd).end;
  }

  *finish(line: number): Generator<ExportFault, ExportSummary> {
    const { size, root, origin } = this.#checkpoint;
    if (this.#end === null) yield { line, fault: 'NO_END' };
    else if (this.#end !== this.#entries) yield { line, fault: 'COUNT', counted: this.#entries, stated: this.#end };
    if (this.#isComplete) {
      if (this.#lastSeq < size) yield { line, fault: 'CUT_OFF', from: this.#lastSeq + 1, to: size };
      else yield* this.#compareRoot(this.#checkpoint, line, 'ROOT');
    }
    const [key] = this.#known.keys;
    return {
      origin,
      entries: this.#entries,
      isComplete: this.#isComplete,
      size,
      root: root.toString('base64'),
      key: key?.name ?? this.#head.key,
      isKeyKnown: key !== undefined,
      notCompared: this.#known.checkpoints.filter((one) => !this.#compared.has(one)).map(({ size }) => size),
    };
  }

  get #isComplete(): boolean {
    return this.#head.entries === 'all';
  }

  *#takeEntry({ seq, canonical, leaf, proof }: ExportedEntry, line: number): Generator<ExportFault> {
    this.#entries += 1;
    if (!isCanonicalJson(canonical)) yield { line, fault: 'NOT_CANONICAL', seq };
    const computed = leafHash(canonical);
    const stated = toHash(leaf);
    const isChanged = !computed.equals(stated);
    if (isChanged) yield { line, fault: 'CHANGED', seq };
    if (this.#isComplete) {
      if (seq !== this.#lastSeq + 1) {
        yield { line, fault: 'SEQUENCE', seq, expected: this.#lastSeq + 1 };
        this.#isTreeLost = true;
      }
      // The hash that the file states, so that one changed entry does not hide a second one.
      this.#edge.append(isChanged && stated.length === 32 ? stated : computed);
    } else {
      if (seq <= this.#lastSeq) yield { line, fault: 'SEQUENCE', seq, expected: this.#lastSeq + 1 };
      if (proof === undefined) yield { line, fault: 'NO_PROOF', seq };
      else if (!isChanged && !this.#includes(seq, computed, proof)) yield { line, fault: 'NOT_INCLUDED', seq };
    }
    this.#lastSeq = seq;
    if (this.#isComplete)
      for (const checkpoint of this.#known.checkpoints)
        if (checkpoint.size === this.#edge.size) yield* this.#compareRoot(checkpoint, line, 'FORK');
  }

  #includes(seq: number, leaf: Buffer, proof: readonly string[]): boolean {
    const { size, root } = this.#checkpoint;
    return isIncluded({ index: seq - 1, size, leaf, root }, proof.map(toHash));
  }

  *#takeCheckpoint({ checkpoint: note, proof }: ExportedCheckpoint, line: number): Generator<ExportFault> {
    let opened: { checkpoint: Checkpoint; isSigned: boolean };
    try {
      opened = this.#open(note);
    } catch (error) {
      if (!(error instanceof NoteMalformed)) throw error;
      yield { line, fault: 'LINE' };
      return;
    }
    const { checkpoint, isSigned } = opened;
    if (!isSigned) yield { line, fault: 'SIGNATURE', size: checkpoint.size };
    else if (checkpoint.origin !== this.#checkpoint.origin) yield { line, fault: 'ORIGIN', size: checkpoint.size };
    else if (this.#isComplete) {
      if (checkpoint.size !== this.#lastSeq) yield { line, fault: 'INCONSISTENT', size: checkpoint.size };
      else yield* this.#compareRoot(checkpoint, line, 'ROOT');
    } else {
      const { size, root } = this.#checkpoint;
      const claim = { oldSize: checkpoint.size, size, oldRoot: checkpoint.root, root };
      if (!isConsistent(claim, (proof ?? []).map(toHash))) yield { line, fault: 'INCONSISTENT', size: checkpoint.size };
      for (const known of this.#known.checkpoints) {
        if (known.size !== checkpoint.size) continue;
        this.#compared.add(known);
        if (!known.root.equals(checkpoint.root)) yield { line, fault: 'FORK', size: known.size };
      }
    }
  }

  *#compareRoot(checkpoint: Checkpoint, line: number, fault: 'ROOT' | 'FORK'): Generator<ExportFault> {
    this.#compared.add(checkpoint);
    if (this.#isTreeLost) return;
    const { size } = checkpoint;
    if (this.#edge.root().equals(checkpoint.root)) this.#sureOf = size;
    else {
      yield fault === 'ROOT' ? { line, fault, from: this.#sureOf + 1, to: size } : { line, fault, size };
      this.#isTreeLost = true;
    }
  }

  #open(note: string): { checkpoint: Checkpoint; isSigned: boolean } {
    try {
      return { checkpoint: openCheckpoint(note, { log: this.#log }), isSigned: true };
    } catch (error) {
      if (!(error instanceof NoteForged)) throw error;
      return { checkpoint: readCheckpoint(note), isSigned: false };
    }
  }
}

/** Strict: a text that is not the only way to write these octets becomes the empty buffer, which is no hash. */
function toHash(text: string): Buffer {
  const octets = Buffer.from(text, 'base64');
  return octets.toString('base64') === text ? octets : Buffer.alloc(0);
}
