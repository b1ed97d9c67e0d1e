import { createHash } from 'node:crypto';

/** Tokens are random and long: a plain digest is enough to make the table useless to a reader. */
export function digestToken(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
