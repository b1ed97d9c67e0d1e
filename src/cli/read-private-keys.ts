import { readFile } from 'node:fs/promises';
import { fill } from '../language/fill.ts';
import type { Text } from '../language/texts.ts';
import { KeyRefused } from '../vault/errors.ts';
import { type OpeningKey, parsePrivateKey, splitArmored } from '../vault/keyring.ts';
import { UsageError } from './command-line.ts';

/**
 * The private keys of a file, unlocked with the first line of another one, or with a passphrase from the environment.
 * @throws UsageError for a file or passphrase that does not fit, in the words of `badKey`.
 */
export async function readPrivateKeys(
  file: string,
  given: { readonly passphraseFile: string | undefined; readonly passphrase: string | undefined },
  badKey: Text<'why'>,
): Promise<OpeningKey[]> {
  const text = await readFile(file, 'utf8');
  const sheet = given.passphraseFile ? await readFile(given.passphraseFile, 'utf8') : given.passphrase;
  const passphrase = sheet?.split('\n', 1).join().trim() || undefined;
  const keys: OpeningKey[] = [];
  try {
    const blocks = splitArmored(text);
    for (const block of blocks.length > 0 ? blocks : [text]) keys.push(await parsePrivateKey(block, passphrase));
  } catch (error) {
    if (error instanceof KeyRefused) throw new UsageError(fill(badKey, { why: error.message }));
    throw error;
  }
  return keys;
}
