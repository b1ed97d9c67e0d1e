import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { KeyRefused, VaultCorrupt } from './errors.ts';

/**
 * The second lock: how a key envelope lies in the database. Once the epoch key is destroyed, a backup of the database
 * and a vault key together still open nothing. Layout (docs/vault-format.md):
 *
 *   01 ‖ epoch (32 bits) ‖ nonce (96 bits) ‖ AES-256-GCM ciphertext ‖ tag (128 bits)
 *
 * The id of the sealed object is the associated data: the envelope of one row does not open in another.
 */

/** A key of this lock. Epochs count from 1; epoch 0 of a row means that its envelope is not locked. */
export interface EpochKey {
  readonly epoch: number;
  /** 32 octets. */
  readonly key: Uint8Array;
}

const version = 1;
const nonceAt = 5;
const nonceBytes = 12;
const tagBytes = 16;
const ciphertextAt = nonceAt + nonceBytes;

export const epochKeyBytes = 32;
export const maxEpoch = 2 ** 31 - 1;
/** By how much the lock lengthens an envelope. */
export const lockBytes = ciphertextAt + tagBytes;

/** Never the same twice: each call draws a new nonce. */
export function lockEnvelope(envelope: Uint8Array, { epoch, key }: EpochKey, sealedId: string): Buffer<ArrayBuffer> {
  if (!Number.isInteger(epoch) || epoch < 1 || epoch > maxEpoch) throw new RangeError(`no epoch: ${epoch}`);
  const head = Buffer.alloc(nonceAt);
  head.writeUInt8(version, 0);
  head.writeUInt32BE(epoch, 1);
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: tagBytes }).setAAD(Buffer.from(sealedId));
  return Buffer.concat([head, nonce, cipher.update(envelope), cipher.final(), cipher.getAuthTag()]);
}

/**
 * @throws KeyRefused `EPOCH_GONE` if the key of its epoch is not among `keys`.
 * @throws VaultCorrupt `LOCK` if it was not locked for this object with that key.
 */
export function unlockEnvelope(locked: Uint8Array, keys: readonly EpochKey[], sealedId: string): Buffer {
  const bytes = Buffer.from(locked.buffer, locked.byteOffset, locked.length);
  if (bytes.length < lockBytes || bytes[0] !== version) throw new VaultCorrupt('LOCK', 'not a locked envelope');
  const epoch = bytes.readUInt32BE(1);
  const found = keys.find((one) => one.epoch === epoch);
  if (!found) throw new KeyRefused('EPOCH_GONE', `the key of epoch ${epoch} is not there`);
  const tagAt = bytes.length - tagBytes;
  const nonce = bytes.subarray(nonceAt, ciphertextAt);
  const decipher = createDecipheriv('aes-256-gcm', found.key, nonce, { authTagLength: tagBytes })
    .setAAD(Buffer.from(sealedId))
    .setAuthTag(bytes.subarray(tagAt));
  try {
    return Buffer.concat([decipher.update(bytes.subarray(ciphertextAt, tagAt)), decipher.final()]);
  } catch (cause) {
    throw new VaultCorrupt('LOCK', 'the envelope is not the one that was locked for this object', cause);
  }
}
