import { canonicalJson } from '../../audit/canonical-json.ts';
import { evidenceDigest } from '../../audit/evidence-digest.ts';
import type { Evidence } from '../../domain/evidence.ts';
import { mustHave } from '../../domain/must-have.ts';
import type { ContactBook } from '../core/people-key.ts';
import type { Transaction } from '../ports/database.ts';

/**
 * Keeps the evidence of a signature, with the strokes of a drawn one, locked under the people key, and queues its receipt.
 * Returns its digest, for the log.
 */
export async function keepEvidence(
  tx: Transaction,
  book: ContactBook,
  evidence: Evidence,
  strokes: string | null,
): Promise<string> {
  const { id, event, answeredAt } = evidence;
  const permissionId = mustHave(evidence.permission, 'permission of a signature');
  const sha256 = evidenceDigest(evidence);
  const locked = book.lock(id, JSON.stringify({ canonical: canonicalJson(evidence), strokes }));
  await tx.db.evidence.create({ data: { id, permissionId, event, sha256, locked, createdAt: new Date(answeredAt) } });
  await tx.enqueue('make-receipt', { evidenceId: id }, { key: `receipt:${id}` });
  return sha256;
}
