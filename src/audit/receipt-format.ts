import type { Evidence } from '../domain/evidence.ts';
import type { Terms } from '../domain/terms.ts';
import type { ConsentRecord } from './consent-record.ts';
import { type ExportedEntry, type ExportHead, formatLine, parseLine, toEntryLine } from './export-format.ts';
import { type Hash, leafHash } from './merkle.ts';

/**
 * The receipt of one signature, for the signer: one JSON file in canonical form (RFC 8785), with a line feed at its end.
 * It holds that signer's own evidence and the terms that they read, and what shows without the school that the evidence
 * is on its log: so nobody can change it afterwards, the school included.
 */
export interface Receipt {
  readonly format: 'emanet-receipt';
  readonly v: 1;
  /** The answers under the field names of ISO/IEC TS 27560: computed from `evidence` and `terms`, for programs. */
  readonly consent: readonly ConsentRecord[];
  readonly evidence: Evidence;
  readonly terms: Terms;
  /**
   * The lines of an exported log with the one entry (export-format.ts), each without its line feed: head with checkpoint
   * and key, entry with inclusion proof, end. The entry has the SHA-256 of the evidence (`details.evidence`).
   */
  readonly log: readonly string[];
}

/** What the log gives to a receipt. */
export interface EntryOnLog {
  readonly seq: number;
  readonly canonical: string;
  readonly proof: readonly Hash[];
  /** A signed note over a tree that has the entry. */
  readonly checkpoint: string;
  /** Verifier key of the log. */
  readonly key: string;
}

/** No receipt is longer; the texts of the terms are the largest part of one. */
export const mostReceiptBytes = 2 ** 20;

export function toLogLines({ seq, canonical, proof, checkpoint, key }: EntryOnLog): string[] {
  const lines = [
    { format: 'emanet-log', v: 1, entries: 'some', filter: {}, checkpoint, key },
    toEntryLine(seq, canonical, leafHash(canonical), proof),
    { end: 1 },
  ] as const;
  return lines.map((line) => formatLine(line).slice(0, -1));
}

/** The head and the one entry; null if the lines are not exactly those that {@link toLogLines} writes. */
export function readLogLines(
  lines: readonly string[],
): { readonly head: ExportHead; readonly entry: ExportedEntry } | null {
  const [head, entry, end] = lines.map(parseLine);
  if (!head || !entry || !end || lines.length !== 3 || lines.some((line) => line.endsWith('\n'))) return null;
  if (!('format' in head) || head.entries !== 'some' || Object.keys(head.filter).length > 0) return null;
  if (!('seq' in entry) || !('end' in end) || end.end !== 1) return null;
  return { head, entry };
}

/** The receipt in a value out of JSON; null if a part that is read of it is missing or of another type. */
export function toReceipt(value: unknown): Receipt | null {
  if (!isMembers(value) || Object.keys(value).sort().join() !== 'consent,evidence,format,log,terms,v') return null;
  const { format, v, consent, evidence, terms, log } = value;
  const isReceipt =
    format === 'emanet-receipt' &&
    v === 1 &&
    Array.isArray(consent) &&
    isEvidence(evidence) &&
    isTerms(terms) &&
    Array.isArray(log) &&
    log.every(isText);
  return isReceipt ? { format, v, consent, evidence, terms, log } : null;
}

type Members = Readonly<Record<string, unknown>>;
export const isMembers = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isText = (value: unknown): value is string => typeof value === 'string';
const isTextOrNull = (value: unknown) => value === null || isText(value);
const has = (value: Members, read: (member: unknown) => boolean, names: readonly string[]) =>
  names.every((name) => read(value[name]));

/** Only what the consent records and the report of the verifier read: the digest sees to the rest. */
function isEvidence(value: unknown): value is Evidence {
  if (!isMembers(value) || value.v !== 1) return false;
  const { subject, signer, notice, answers, assurance, act } = value;
  return (
    has(value, isText, ['id', 'event', 'terms', 'route', 'answeredAt']) &&
    has(value, isTextOrNull, ['permission', 'lesson', 'tokenSha256']) &&
    isMembers(subject) &&
    has(subject, isText, ['kind', 'id', 'name']) &&
    isTextOrNull(subject.class) &&
    isMembers(signer) &&
    has(signer, isText, ['name', 'capacity']) &&
    has(signer, isTextOrNull, ['id', 'typedName', 'relation']) &&
    (notice === null || (isMembers(notice) && isText(notice.language))) &&
    isMembers(assurance) &&
    typeof assurance.level === 'number' &&
    isMembers(act) &&
    isText(act.kind) &&
    Array.isArray(answers) &&
    answers.every(isAnswer)
  );
}

const isAnswer = (value: unknown) =>
  isMembers(value) &&
  isText(value.purpose) &&
  isTextOrNull(value.audience) &&
  (value.answer === 'yes' || value.answer === 'no');

function isTerms(value: unknown): value is Terms {
  return (
    isMembers(value) &&
    value.v === 1 &&
    has(value, isText, ['school', 'course', 'reason', 'channel', 'from', 'until']) &&
    isTextOrNull(value.keptUntil) &&
    Array.isArray(value.sites) &&
    value.sites.every(isText)
  );
}
