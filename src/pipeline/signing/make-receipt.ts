import { createHash } from 'node:crypto';
import { canonicalJson } from '../../audit/canonical-json.ts';
import { writeReceipt } from '../../audit/receipt.ts';
import type { EntryOnLog } from '../../audit/receipt-format.ts';
import type { Evidence } from '../../domain/evidence.ts';
import type { Id } from '../../domain/ids.ts';
import { mustHave } from '../../domain/must-have.ts';
import type { Terms } from '../../domain/terms.ts';
import { toTerms } from '../core/course-terms.ts';
import { openContactBook } from '../core/people-key.ts';
import { AuditQuery } from '../oversight/audit-query.ts';
import { integrateLog } from '../oversight/integrate-log.ts';
import { ownKey } from '../oversight/note-reading.ts';
import { TreeReader } from '../oversight/tree-reader.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';

type Needs = Pick<Outside, 'database' | 'keyring' | 'logSigner'>;

const caller: Caller = { actor: { kind: 'system', id: 'receipts' } };

/** The proof of one signature, as it was made. */
export interface KeptReceipt {
  /** The receipt for machines, with the digest of its octets. */
  readonly text: string;
  readonly sha256: string;
  readonly evidence: Evidence;
  readonly terms: Terms;
  readonly entry: EntryOnLog;
  /** The lesson that was objected to; null: it is about the course. */
  readonly lesson: { readonly title: string; readonly plannedStart: Date } | null;
}

/**
 * Makes the receipt of an answer, once, as soon as its entry is in the signed log; made already, it is the one that was made.
 * Null: there is no such evidence.
 */
export async function makeReceipt(outside: Needs, evidenceId: Id): Promise<KeptReceipt | null> {
  const { read } = outside.database;
  const row = await read.evidence.findUnique({
    where: { id: evidenceId },
    include: { permission: { select: { terms: true } } },
  });
  if (!row?.permission.terms) return null;
  const { terms } = toTerms(row.permission.terms);
  const book = await openContactBook(outside, read);
  try {
    const { canonical } = JSON.parse(book.unlock(evidenceId, row.locked)) as { canonical: string };
    const evidence = JSON.parse(canonical) as Evidence;
    const where = evidence.lesson === null ? null : { id: evidence.lesson };
    const lesson = where && (await read.lesson.findUnique({ where, select: { title: true, plannedStart: true } }));
    const about = { evidence, terms, lesson };
    if (row.receipt !== null) return { ...unpacked(book.unlock(evidenceId, row.receipt)), ...about };
    const entry = await findEntry(outside, evidence, row.sha256);
    const text = await writeReceipt(evidence, terms, entry);
    const receipt = { text, sha256: createHash('sha256').update(text).digest('hex'), entry };
    const data = { receipt: book.lock(evidenceId, packed(receipt)) };
    await outside.database.transact(caller, (tx) =>
      tx.db.evidence.updateMany({ where: { id: evidenceId, receipt: null }, data }),
    );
    return { ...receipt, ...about };
  } finally {
    book.close();
  }
}

type Packed = Pick<KeptReceipt, 'text' | 'sha256' | 'entry'>;

function packed({ text, sha256, entry }: Packed): string {
  return JSON.stringify({
    text,
    sha256,
    entry: { ...entry, proof: entry.proof.map((hash) => Buffer.from(hash).toString('hex')) },
  });
}

function unpacked(json: string): Packed {
  const { text, sha256, entry } = JSON.parse(json) as {
    text: string;
    sha256: string;
    entry: Omit<EntryOnLog, 'proof'> & { proof: string[] };
  };
  return { text, sha256, entry: { ...entry, proof: entry.proof.map((hash) => Buffer.from(hash, 'hex')) } };
}

/** The entry that names the evidence, in a signed tree that has it. */
async function findEntry(outside: Needs, { lesson, permission }: Evidence, sha256: string): Promise<EntryOnLog> {
  const { read } = outside.database;
  const checkpoint = await integrateLog(outside);
  const query = await AuditQuery.of(read, { object: mustHave(lesson ?? permission, 'object of a signature') });
  const found = await newestWith(outside, query, checkpoint.size, canonicalJson(sha256));
  const proof = await new TreeReader(read, checkpoint.size).inclusion(found.seq);
  return { seq: found.seq, canonical: found.canonical, proof, checkpoint: checkpoint.note, key: ownKey(outside) };
}

/** Goes back through the log until it is found: a lesson may have got many entries since. */
async function newestWith({ database: { read } }: Needs, query: AuditQuery, size: number, text: string) {
  for (let cursor: string | undefined; ; ) {
    const entries = await query.page(read, size, 100, cursor);
    const found = entries.find(({ canonical }) => canonical.includes(text));
    const last = entries.at(-1);
    if (found) return found;
    if (!last) throw new Error('the entry of an answer is not on the log');
    cursor = query.cursorAt(last);
  }
}
