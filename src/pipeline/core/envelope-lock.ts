import type { Id } from '../../domain/ids.ts';
import { mustHave } from '../../domain/must-have.ts';
import { type EpochKey, lockBytes, lockEnvelope, unlockEnvelope } from '../../vault/epoch-lock.ts';
import { KeyRefused } from '../../vault/errors.ts';
import type { Keyring } from '../ports/keyring.ts';

/** An envelope as it lies in the database: under the key of its epoch, or plain where the epoch is 0. */
export interface StoredEnvelope {
  readonly id: Id;
  readonly envelope: Uint8Array;
  readonly epoch: number;
}

/** The current epoch: its key locks. */
export function currentEpoch({ epochs }: Pick<Keyring, 'epochs'>): EpochKey {
  return mustHave(epochs[0], 'epoch key');
}

/** For the database only: the copy in the store stays a plain RFC 9580 envelope. */
export function lockForNow(keyring: Pick<Keyring, 'epochs'>, id: Id, envelope: Uint8Array) {
  const current = currentEpoch(keyring);
  return { envelope: lockEnvelope(envelope, current, id), epoch: current.epoch };
}

/**
 * The envelope itself. An epoch that this process does not know may be newer than its last look at the keys: it looks again.
 * @throws KeyRefused `EPOCH_GONE`, VaultCorrupt `LOCK`.
 */
export async function openLock(
  keyring: Pick<Keyring, 'epochs' | 'refresh'>,
  { id, envelope, epoch }: StoredEnvelope,
): Promise<Uint8Array> {
  if (epoch === 0) return envelope;
  try {
    return unlockEnvelope(envelope, keyring.epochs, id);
  } catch (error) {
    if (!(error instanceof KeyRefused)) throw error;
  }
  await keyring.refresh();
  return unlockEnvelope(envelope, keyring.epochs, id);
}

/** How long the envelope itself is. */
export function envelopeBytes({ envelope, epoch }: Omit<StoredEnvelope, 'id'>): number {
  return epoch === 0 ? envelope.length : envelope.length - lockBytes;
}
