import crypto from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

/**
 * Notes every use of AES-256-GCM for encryption as `digest of the key:nonce`, before a byte is encrypted: a pair that
 * comes twice was used twice. It is put beneath the code from outside, so the code does not know of it. Returns a
 * function that removes it.
 */
export function traceCiphers(note: (use: string) => void): () => void {
  const original = crypto.createCipheriv;
  const traced = (name: string, key: Uint8Array, nonce: Uint8Array, ...rest: unknown[]) => {
    if (name === 'aes-256-gcm')
      note(`${crypto.createHash('sha256').update(key).digest('hex')}:${Buffer.from(nonce).toString('hex')}`);
    return (original as (...given: unknown[]) => unknown)(name, key, nonce, ...rest);
  };
  crypto.createCipheriv = traced as typeof original;
  syncBuiltinESMExports();
  return () => {
    crypto.createCipheriv = original;
    syncBuiltinESMExports();
  };
}

/** Pairs of key and nonce that were used more than once. */
export function reused(uses: readonly string[]): string[] {
  const seen = new Set<string>();
  return uses.filter((use) => seen.size === seen.add(use).size);
}

// Loaded with `node --import` by tests that kill the process: each use is in the file before the cipher is.
if (process.env.EMANET_TEST_CIPHER_TRACE) {
  const file = process.env.EMANET_TEST_CIPHER_TRACE;
  traceCiphers((use) => appendFileSync(file, `${use}\n`));
}
