import { createHash } from 'node:crypto';
import type { Evidence } from '../domain/evidence.ts';
import type { Terms } from '../domain/terms.ts';
import { canonicalJson } from './canonical-json.ts';
import { readCheckpoint } from './checkpoint.ts';
import { toConsentRecords } from './consent-record.ts';
import { NoteMalformed } from './note-form.ts';
import {
  type EntryOnLog,
  isMembers,
  mostReceiptBytes,
  type Receipt,
  readLogLines,
  toLogLines,
  toReceipt,
} from './receipt-format.ts';
import { encodeVerifierKey, type NoteVerifier, parseVerifierKey } from './signed-note.ts';
import { type ExportFault, type ExportSummary, ExportUnusable, type Known, verifyExport } from './verify-export.ts';

export type ReceiptFault =
  /** It cannot be read any more, or a part of it is missing. */
  | { readonly fault: 'RECEIPT_BROKEN' }
  /** The same values are written in another way than Emanet writes them. */
  | { readonly fault: 'RESPELLED' }
  /** The entry on the log is about another evidence than the receipt holds. */
  | { readonly fault: 'EVIDENCE_CHANGED' }
  /** The terms are not those that the evidence names. */
  | { readonly fault: 'TERMS_CHANGED' }
  /** The part for programs does not say what the evidence says. */
  | { readonly fault: 'CONSENT_CHANGED' }
  /** The entry is about no answer that was taken. */
  | { readonly fault: 'NOT_ON_LOG'; readonly seq: number }
  /** The signed log has no such entry there. */
  | { readonly fault: 'PROOF_WRONG'; readonly seq: number }
  /** The log did not sign this checkpoint. */
  | { readonly fault: 'CHECKPOINT_WRONG' }
  /** The receipt states another key than the given one. */
  | { readonly fault: 'KEY_DIFFERS' }
  /** A checkpoint kept elsewhere is of another log, or of another state of this one. */
  | { readonly fault: 'ORIGIN' | 'FORK'; readonly size: number };

type Proven = Pick<ExportSummary, 'origin' | 'size' | 'root' | 'key' | 'isKeyKnown' | 'notCompared'>;

export interface ReceiptSummary extends Proven {
  /** Number of the entry. */
  readonly seq: number;
  /** When the entry was written, by the server's clock; null: it does not say so. */
  readonly loggedAt: string | null;
  readonly evidenceSha256: string;
  readonly evidence: Evidence;
  readonly terms: Terms;
}

/** The file is no receipt, or one of a kind that this version does not know. */
export class ReceiptUnusable extends Error {
  override readonly name = 'ReceiptUnusable';
}

/**
 * The text of a receipt.
 * @throws Error if it is too long, or would not stand the check of the signer: then one of its parts belongs to another signature.
 */
export async function writeReceipt(evidence: Evidence, terms: Terms, entry: EntryOnLog): Promise<string> {
  const receipt: Receipt = {
    format: 'emanet-receipt',
    v: 1,
    consent: toConsentRecords(evidence, terms),
    evidence,
    terms,
    log: toLogLines(entry),
  };
  const text = spell(receipt);
  if (Buffer.byteLength(text) > mostReceiptBytes) throw new Error('a receipt that no verifier would read');
  const found = await verifyReceipt(Buffer.from(text), { keys: [parseVerifierKey(entry.key)], checkpoints: [] }).next();
  if (!found.done) throw new Error(`the receipt does not prove its signature: ${found.value.fault}`);
  return text;
}

/**
 * Verifies a receipt, which is attacker-controlled. Pure and offline. Yields each fault; for an intact receipt it yields
 * none. Returns null if nothing can be said of what the receipt holds.
 * @throws ReceiptUnusable.
 */
export async function* verifyReceipt(
  octets: Uint8Array,
  known: Known,
): AsyncGenerator<ReceiptFault, ReceiptSummary | null> {
  const read = readText(octets);
  const receipt = toReceipt(read?.value);
  const lines = receipt === null ? null : readLogLines(receipt.log);
  if (read === null || receipt === null || lines === null) {
    yield { fault: 'RECEIPT_BROKEN' };
    return null;
  }
  if (!read.isOneForm) yield { fault: 'RESPELLED' };
  const { evidence, terms, consent } = receipt;
  const { seq, canonical } = lines.entry;
  const evidenceSha256 = sha256(canonicalJson(evidence));
  const told = readEntry(canonical);
  if (told.evidence === null) yield { fault: 'NOT_ON_LOG', seq };
  else if (told.evidence !== evidenceSha256) yield { fault: 'EVIDENCE_CHANGED' };
  if (sha256(canonicalJson(terms)) !== evidence.terms) yield { fault: 'TERMS_CHANGED' };
  if (canonicalJson(toConsentRecords(evidence, terms)) !== canonicalJson(consent)) yield { fault: 'CONSENT_CHANGED' };
  const proven = yield* verifyLog(receipt.log, known);
  return proven === null ? null : { ...proven, seq, loggedAt: told.at, evidenceSha256, evidence, terms };
}

/** The log part by itself is an exported log: its own verifier judges it, and its faults are told in terms of a receipt. */
async function* verifyLog(log: readonly string[], known: Known): AsyncGenerator<ReceiptFault, Proven | null> {
  const lines = readLogLines(log);
  try {
    if (lines === null) throw new NoteMalformed('no log');
    const { head, entry } = lines;
    if (keyLine(parseVerifierKey(head.key)) !== head.key) throw new NoteMalformed('a key has one form');
    if (known.keys.length > 0 && !known.keys.some((one) => keyLine(one) === head.key)) yield { fault: 'KEY_DIFFERS' };
    // A checkpoint taken later is no fault of a receipt, which stays as it was made.
    const { size: sizeThen } = readCheckpoint(head.checkpoint);
    const older = known.checkpoints.filter(({ size }) => size <= sizeThen);
    const newer = known.checkpoints.filter(({ size }) => size > sizeThen);
    const check = verifyExport([log], { keys: known.keys, checkpoints: older });
    const told = new Set<string>();
    let step = await check.next();
    for (; !step.done; step = await check.next()) {
      const fault = toReceiptFault(step.value, entry.seq);
      if (!told.has(fault.fault)) yield fault;
      told.add(fault.fault);
    }
    const { origin, size, root, key, isKeyKnown, notCompared } = step.value;
    return { origin, size, root, key, isKeyKnown, notCompared: [...notCompared, ...newer.map((one) => one.size)] };
  } catch (error) {
    if (!(error instanceof ExportUnusable || error instanceof NoteMalformed)) throw error;
    yield { fault: 'CHECKPOINT_WRONG' };
    return null;
  }
}

function toReceiptFault(fault: ExportFault, seq: number): ReceiptFault {
  switch (fault.fault) {
    case 'SIGNATURE':
      return { fault: 'CHECKPOINT_WRONG' };
    case 'ORIGIN':
    case 'FORK':
      return { fault: fault.fault, size: fault.size };
    default:
      return { fault: 'PROOF_WRONG', seq };
  }
}

const keyLine = ({ name, publicKey, algorithm }: NoteVerifier) => encodeVerifierKey(name, publicKey, algorithm);
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
/** The one way in which a receipt is written. */
const spell = (value: unknown) => `${canonicalJson(value)}\n`;

/**
 * The value in a file, and whether the file spells it as a receipt is spelled; null: it is not JSON that could be.
 * @throws ReceiptUnusable if it is something else altogether.
 */
function readText(octets: Uint8Array): { readonly value: unknown; readonly isOneForm: boolean } | null {
  let value: unknown;
  let isOneForm: boolean;
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(octets);
    value = JSON.parse(text);
    isOneForm = spell(value) === text;
  } catch (error) {
    // No UTF-8 or no value of canonical form; no JSON; nested without end.
    if (error instanceof TypeError || error instanceof SyntaxError || error instanceof RangeError) return null;
    throw error;
  }
  if (isMembers(value) && value.format !== 'emanet-receipt') throw new ReceiptUnusable('this is no receipt');
  if (isMembers(value) && value.v !== 1) throw new ReceiptUnusable('a receipt of another version');
  return { value, isOneForm };
}

/** What the entry on the log says of the evidence; null where it says nothing, or was about something that failed. */
function readEntry(canonical: string): { readonly evidence: string | null; readonly at: string | null } {
  try {
    const entry: unknown = JSON.parse(canonical);
    if (!isMembers(entry)) return { evidence: null, at: null };
    const { at, outcome, details } = entry;
    const evidence = isMembers(details) && outcome === 'done' ? details.evidence : null;
    return { evidence: typeof evidence === 'string' ? evidence : null, at: typeof at === 'string' ? at : null };
  } catch (error) {
    if (error instanceof SyntaxError) return { evidence: null, at: null };
    throw error;
  }
}
