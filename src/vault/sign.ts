import { createMessage, readSignature, sign, verify } from 'openpgp';
import type { OpeningKey, VerifyingKey } from './keyring.ts';

/**
 * A detached signature (RFC 9580, 5.2, type 0x00) over the UTF-8 bytes of `text`, by the primary key, armored. Any
 * OpenPGP program that knows the key's algorithm verifies it against the same bytes.
 */
export async function signDetached(text: string, key: OpeningKey): Promise<string> {
  return sign({
    message: await createMessage({ binary: Buffer.from(text, 'utf8') }),
    signingKeys: key.key,
    detached: true,
    format: 'armored',
  });
}

/**
 * The fingerprint of the key that signed exactly these bytes, or null if none of `keys` did. Text and signature are
 * attacker-controlled. A key that has expired since still vouches for what it signed.
 */
export async function findSigner(
  text: string,
  signatureArmored: string,
  keys: readonly (OpeningKey | VerifyingKey)[],
): Promise<string | null> {
  const signature = await readOrNull(signatureArmored);
  if (signature === null) return null;
  const { signatures } = await verify({
    message: await createMessage({ binary: Buffer.from(text, 'utf8') }),
    signature,
    verificationKeys: keys.map(({ key }) => key.toPublic()),
  });
  for (const { keyID, verified } of signatures) {
    const isGood = await verified.then(
      () => true,
      () => false, // an invalid signature of any kind vouches for nothing
    );
    if (!isGood) continue;
    const signer = keys.find(({ key }) => key.getKeys(keyID).length > 0);
    if (signer) return signer.fingerprint;
  }
  return null;
}

async function readOrNull(armoredSignature: string) {
  try {
    return await readSignature({ armoredSignature });
  } catch {
    return null; // not a signature at all: the answer is the same as for a wrong one
  }
}
