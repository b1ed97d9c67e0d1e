import { createHash } from 'node:crypto';
import type { Evidence } from '../domain/evidence.ts';
import { canonicalJson } from './canonical-json.ts';

/** What the log entry of an act says of its evidence (`details.evidence`): SHA-256 of its canonical JSON, in hex. */
export function evidenceDigest(evidence: Evidence): string {
  return createHash('sha256').update(canonicalJson(evidence)).digest('hex');
}
