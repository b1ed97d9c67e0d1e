import { createHash, timingSafeEqual } from 'node:crypto';

/**
 * Only with the token. The address identifies no caller: behind a reverse proxy every request comes from this machine.
 */
export function mayReadMetrics(authorization: string | undefined, token: string | null): boolean {
  if (token === null) return false;
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(authorization ?? ''), digest(`Bearer ${token}`));
}
