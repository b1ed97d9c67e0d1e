import {
  decryptKey,
  generateKey,
  type Key,
  type PrivateKey,
  type PublicKey,
  readKey,
  readPrivateKey,
  type SignaturePacket,
} from 'openpgp';
import { KeyRefused } from './errors.ts';

/** Bit of the features subpacket. RFC 9580, 5.2.3.32. */
const seipdv2Feature = 0x08;

/** A key that recordings are sealed to. Only `parsePublicKey` makes one, so the checks have been done. */
export interface RecipientKey {
  /** Lower-case hex of the primary key: 40 digits (v4) or 64 (v6). */
  readonly fingerprint: string;
  readonly key: PublicKey;
}

/** An unlocked private key. Only `parsePrivateKey` makes one. */
export interface OpeningKey {
  readonly fingerprint: string;
  readonly key: PrivateKey;
}

export interface VaultKeyPair {
  readonly fingerprint: string;
  readonly publicKeyArmored: string;
  readonly privateKeyArmored: string;
}

/**
 * A key pair made for the vault: Ed25519 primary key, X25519 subkey, and the SEIPDv2 feature.
 * Version 4 by default: more software reads it. Without a passphrase the private key is in the clear.
 */
export async function generateVaultKey(options: {
  /** User id of the key, for the people who hold it. Not secret. */
  name: string;
  version?: 4 | 6;
  passphrase?: string;
}): Promise<VaultKeyPair> {
  const { privateKey, publicKey } = await generateKey({
    type: 'curve25519',
    userIDs: [{ name: options.name }],
    format: 'object',
    config: { aeadProtect: true, v6Keys: options.version === 6 },
    ...(options.passphrase === undefined ? {} : { passphrase: options.passphrase }),
  });
  return {
    fingerprint: publicKey.getFingerprint(),
    publicKeyArmored: publicKey.armor(),
    privateKeyArmored: privateKey.armor(),
  };
}

/**
 * Reads an armored public key and checks that the vault can seal to it. Of a private key, takes the public half.
 * @throws KeyRefused `NOT_A_KEY`, `NO_SEIPDV2_FEATURE`, `CANNOT_ENCRYPT`.
 */
export async function parsePublicKey(armored: string): Promise<RecipientKey> {
  const parsed = await readOrRefuse(() => readKey({ armoredKey: armored }));
  const key = parsed.isPrivate() ? parsed.toPublic() : parsed;
  await assertUnderstandsSeipd2(key);
  try {
    await key.getEncryptionKey();
  } catch (cause) {
    throw new KeyRefused('CANNOT_ENCRYPT', `key ${key.getFingerprint()} cannot encrypt now`, cause);
  }
  return { fingerprint: key.getFingerprint(), key };
}

/**
 * Reads an armored private key and unlocks it. An expired key still opens what was sealed to it.
 * @throws KeyRefused `NOT_A_KEY`, `NO_SEIPDV2_FEATURE`, `PASSPHRASE_MISSING`, `PASSPHRASE_WRONG`.
 */
export async function parsePrivateKey(armored: string, passphrase?: string): Promise<OpeningKey> {
  const locked = await readOrRefuse(() => readPrivateKey({ armoredKey: armored }));
  await assertUnderstandsSeipd2(locked);
  const fingerprint = locked.getFingerprint();
  if (locked.isDecrypted()) return { fingerprint, key: locked };
  if (passphrase === undefined) throw new KeyRefused('PASSPHRASE_MISSING', `key ${fingerprint} is locked`);
  try {
    return { fingerprint, key: await decryptKey({ privateKey: locked, passphrase }) };
  } catch (cause) {
    throw new KeyRefused('PASSPHRASE_WRONG', `the passphrase does not unlock key ${fingerprint}`, cause);
  }
}

async function readOrRefuse<K>(read: () => Promise<K>): Promise<K> {
  try {
    return await read();
  } catch (cause) {
    throw new KeyRefused('NOT_A_KEY', 'not an armored OpenPGP key of the kind expected', cause);
  }
}

/** OpenPGP.js encrypts to keys without the flag all the same when told which mode to use: the check is ours. */
async function assertUnderstandsSeipd2(key: Key): Promise<void> {
  const fingerprint = key.getFingerprint();
  let signature: SignaturePacket;
  try {
    signature = await primarySelfSignature(key);
  } catch (cause) {
    throw new KeyRefused('CANNOT_ENCRYPT', `key ${fingerprint} has no valid self-signature`, cause);
  }
  if (((signature.features?.[0] ?? 0) & seipdv2Feature) === 0) {
    throw new KeyRefused(
      'NO_SEIPDV2_FEATURE',
      `key ${fingerprint} does not declare the SEIPDv2 feature; make a vault key, or add the feature to this one`,
    );
  }
}

/** The signature that carries the key's preferences: of the primary user (v4), or on the key itself (v6). */
function primarySelfSignature(key: Key): Promise<SignaturePacket> {
  // Part of OpenPGP.js, absent from its type declarations.
  const typed = key as Key & { getPrimarySelfSignature(): Promise<SignaturePacket> };
  return typed.getPrimarySelfSignature();
}
