import { findSigner } from '../../vault/sign.ts';
import { ObjectMissing } from '../ports/object-store.ts';
import type { Outside } from '../ports/outside.ts';

type Needs = Pick<Outside, 'objects' | 'keyring'>;

/** A text and the detached OpenPGP signature of the school over it, armored. */
export interface SignedText {
  readonly text: string;
  readonly signature: string;
}

/** The key that speaks for the school: the one that recordings are sealed to first. */
export function signingKey({ keyring }: Pick<Needs, 'keyring'>) {
  const first = keyring.recipients[0]?.fingerprint;
  const key = keyring.openingKeys.find(({ fingerprint }) => fingerprint === first) ?? keyring.openingKeys[0];
  if (!key) throw new Error('there is no private key to sign with');
  return key;
}

/** A signed text that the store has; null when a part is missing or the school's key did not sign it. */
export async function findSignedText(
  outside: Needs,
  textKey: string,
  signatureKey: string,
): Promise<SignedText | null> {
  const text = await getText(outside, textKey);
  const signature = await getText(outside, signatureKey);
  if (text === null || signature === null) return null;
  return (await findSigner(text, signature, outside.keyring.verifyingKeys)) === null ? null : { text, signature };
}

export async function putText({ objects }: Pick<Needs, 'objects'>, key: string, text: string): Promise<void> {
  await objects.put(
    key,
    (async function* () {
      yield Buffer.from(text, 'utf8');
    })(),
  );
}

const maxTextBytes = 16 * 2 ** 20;

/** A small object as text; null when there is none. */
export async function getText({ objects }: Pick<Needs, 'objects'>, key: string): Promise<string | null> {
  try {
    const pieces: Buffer[] = [];
    for await (const piece of await objects.get(key, { start: 0, end: maxTextBytes })) pieces.push(piece);
    return Buffer.concat(pieces).toString('utf8');
  } catch (error) {
    if (error instanceof ObjectMissing) return null;
    throw error;
  }
}
