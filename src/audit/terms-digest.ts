import { createHash } from 'node:crypto';
import type { Terms } from '../domain/terms.ts';
import { canonicalJson } from './canonical-json.ts';

/** The name of terms: SHA-256 of their canonical JSON, in hex. */
export function termsDigest(terms: Terms): string {
  return createHash('sha256').update(canonicalJson(terms)).digest('hex');
}
