import { createHash } from 'node:crypto';

/** Tokens are random and long; a plain digest is enough to keep the table useless to whoever reads it. */
export function digestToken(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
