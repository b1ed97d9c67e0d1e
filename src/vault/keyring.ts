import {
  decryptKey,
  encryptKey,
  enums,
  generateKey,
  type Key,
  type PrivateKey,
  type PublicKey,
  readKey,
  readPrivateKey,
  type SignaturePacket,
  type Subkey,
} from 'openpgp';
import { KeyRefused } from './errors.ts';
import { type X25519Opener, type X25519Recipient, x25519Opener, x25519Recipient } from './x25519-pkesk.ts';

/** Bit of the features subpacket. RFC 9580, 5.2.3.32. */
const seipdv2Feature = 0x08;

/** A key that recordings are sealed to. Only `parsePublicKey` makes one, so its checks have passed. */
export interface RecipientKey {
  /** Lower-case hex of the primary key: 40 digits (v4) or 64 (v6). */
  readonly fingerprint: string;
  readonly key: PublicKey;
  /** The subkey that envelopes are wrapped for, if it is one for X25519, and its expiry. */
  readonly x25519: (X25519Recipient & { readonly until: number }) | null;
}

/** An unlocked private key. Only `parsePrivateKey` makes one. */
export interface OpeningKey {
  readonly fingerprint: string;
  readonly key: PrivateKey;
  readonly x25519: readonly X25519Opener[];
}

/** The public half of a key that signed for the school: enough to verify, even if nothing is sealed to it any more. */
export interface VerifyingKey {
  readonly fingerprint: string;
  readonly key: PublicKey;
}

export interface VaultKeyPair {
  readonly fingerprint: string;
  readonly publicKeyArmored: string;
  readonly privateKeyArmored: string;
}

/**
 * How a passphrase locks a private key: Argon2 with 64 MiB (RFC 9580, 3.7.1.4, the second choice of RFC 9106) and AEAD
 * over the secret fields, without which the RFC forbids Argon2 (3.7.2.1).
 */
const locking = {
  aeadProtect: true,
  s2kType: enums.s2k.argon2 as const,
  s2kArgon2Params: { passes: 3, parallelism: 4, memoryExponent: 16 },
};

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
    config: { ...locking, v6Keys: options.version === 6 },
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
    const encryptionKey = await key.getEncryptionKey();
    const fingerprint = key.getFingerprint();
    const point = x25519Of(encryptionKey);
    if (point === null) return { fingerprint, key, x25519: null };
    const until = Math.min(await endOf(key), await endOf(encryptionKey));
    return { fingerprint, key, x25519: { ...point, until } };
  } catch (cause) {
    throw new KeyRefused('CANNOT_ENCRYPT', `key ${key.getFingerprint()} cannot encrypt now`, cause);
  }
}

/**
 * Reads an armored private key and unlocks it. An expired key still opens what was sealed to it.
 * @throws KeyRefused `NOT_A_KEY`, `NO_SEIPDV2_FEATURE`, `PASSPHRASE_MISSING`, `PASSPHRASE_WRONG`.
 */
export async function parsePrivateKey(armored: string, passphrase?: string): Promise<OpeningKey> {
  const locked = await readOrRefuse(() => readPrivateKey({ armoredKey: armored }));
  await assertUnderstandsSeipd2(locked);
  const fingerprint = locked.getFingerprint();
  if (locked.isDecrypted()) return openingKey(locked);
  if (passphrase === undefined) throw new KeyRefused('PASSPHRASE_MISSING', `key ${fingerprint} is locked`);
  try {
    return openingKey(await decryptKey({ privateKey: locked, passphrase }));
  } catch (cause) {
    throw new KeyRefused('PASSPHRASE_WRONG', `the passphrase does not unlock key ${fingerprint}`, cause);
  }
}

/** Reads a key for verifying only. @throws KeyRefused `NOT_A_KEY`. */
export async function parseVerifyingKey(armored: string): Promise<VerifyingKey> {
  const key = (await readOrRefuse(() => readKey({ armoredKey: armored }))).toPublic();
  return { fingerprint: key.getFingerprint(), key };
}

/** @throws KeyRefused `CANNOT_ENCRYPT` for a key that has expired or has no subkey for encryption. */
export async function assertEncrypts({ key, fingerprint }: VerifyingKey): Promise<void> {
  try {
    await key.getEncryptionKey();
  } catch (cause) {
    throw new KeyRefused('CANNOT_ENCRYPT', `key ${fingerprint} cannot encrypt now`, cause);
  }
}

/** Facts about a key for a person who is about to use it. */
export function describeKey({ key }: RecipientKey | OpeningKey | VerifyingKey) {
  return {
    version: key.keyPacket.version,
    createdAt: key.getCreationTime(),
    algorithm: key.getAlgorithmInfo().algorithm,
  };
}

/** The same private key, locked with another passphrase; armored. */
export async function lockPrivateKey({ key }: OpeningKey, passphrase: string): Promise<string> {
  return (await encryptKey({ privateKey: key, passphrase, config: locking })).armor();
}

/** A text may hold several armored blocks, with any text between them. If there are none: an empty list. */
export function splitArmored(text: string): string[] {
  return text.match(/-----BEGIN PGP (\w+) KEY BLOCK-----[\s\S]*?-----END PGP \1 KEY BLOCK-----/g) ?? [];
}

function openingKey(key: PrivateKey): OpeningKey {
  const x25519 = key.getKeys().flatMap((one): X25519Opener[] => {
    const point = x25519Of(one as Subkey);
    const { privateParams } = one.keyPacket as { privateParams: { k?: Uint8Array } | null };
    return point && privateParams?.k ? [x25519Opener(point, privateParams.k)] : [];
  });
  return { fingerprint: key.getFingerprint(), key, x25519 };
}

/** Null for an algorithm other than X25519 of RFC 9580 (25). */
function x25519Of(key: Key | Subkey): X25519Recipient | null {
  // The fields of a key packet are part of OpenPGP.js, absent from its type declarations.
  const { algorithm, version, publicParams } = key.keyPacket as {
    algorithm: number;
    version: number;
    publicParams: { A?: Uint8Array };
  };
  if (algorithm !== enums.publicKey.x25519 || !publicParams.A || (version !== 4 && version !== 6)) return null;
  return x25519Recipient(version, Buffer.from(key.getFingerprint(), 'hex'), publicParams.A);
}

/** When the key expires, in milliseconds; `Infinity` for never. */
async function endOf(key: Key | Subkey): Promise<number> {
  const end = await key.getExpirationTime();
  return end === null ? Number.NEGATIVE_INFINITY : Number(end);
}

async function readOrRefuse<K>(read: () => Promise<K>): Promise<K> {
  try {
    return await read();
  } catch (cause) {
    throw new KeyRefused('NOT_A_KEY', 'not an armored OpenPGP key of the kind expected', cause);
  }
}

/** OpenPGP.js encrypts to keys without the flag too, if told which mode to use: so the vault checks. */
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
