import { createHmac } from 'node:crypto';

/** What evidence says of a device. The same text under two names has two digests. */
export type DeviceFact = 'address' | 'agent';

/**
 * The keyed digest of a network address or of what a program calls itself: HMAC-SHA-256 in hex. Without the key, nobody
 * can find the text by trying; with it, the school can tell whether two acts came from one device.
 */
export function deviceDigest(key: Uint8Array, fact: DeviceFact, text: string): string {
  return createHmac('sha256', key).update(`${fact}:${text}`).digest('hex');
}
