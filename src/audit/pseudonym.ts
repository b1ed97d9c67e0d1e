import { createHmac } from 'node:crypto';

/**
 * A person's name on the log: HMAC-SHA-256 under that person's own key, cut to 128 bits. The key reveals whose it is;
 * once the key is erased, the pseudonym can no longer be traced, and no hash of the log has changed. Policy P11.
 */
export function pseudonymOf(key: Uint8Array, kind: string, id: string): string {
  return `person-${createHmac('sha256', key).update(`${kind}:${id}`).digest().subarray(0, 16).toString('base64url')}`;
}

export const personKeyBytes = 32;

export function isPseudonym(text: string): boolean {
  return /^person-[\w-]{22}$/.test(text);
}

/** Every pseudonym in an entry, once. */
export function pseudonymsIn(canonical: string): string[] {
  return [...new Set(Array.from(canonical.matchAll(/"person-[\w-]{22}"/g), ([quoted]) => quoted.slice(1, -1)))];
}
