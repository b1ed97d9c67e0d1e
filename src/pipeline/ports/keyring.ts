import type { EpochKey } from '../../vault/epoch-lock.ts';
import type { OpeningKey, RecipientKey, VerifyingKey } from '../../vault/keyring.ts';

/**
 * The current keys. Each property is read again at every use: keys change while the process runs. Code that needs one
 * set for several steps takes it once.
 */
export interface Keyring {
  /** Recipients of new envelopes: the current vault key first, then the recovery keys. */
  readonly recipients: readonly RecipientKey[];
  /** The current, the prepared and the former vault keys, unlocked. */
  readonly openingKeys: readonly OpeningKey[];
  /** Every key that has ever signed for the school, as far as it is kept. */
  readonly verifyingKeys: readonly VerifyingKey[];
  /** Every key that there is and what it is for. */
  readonly known: readonly KnownKey[];
  /** Keys of the second lock on envelopes, the current one first: there is always one. */
  readonly epochs: readonly KeptEpochKey[];
  /** Destroys the key of an epoch. An envelope locked under it no longer opens anywhere. Repeatable. */
  destroyEpoch(epoch: number): Promise<void>;
  /** Checks at once whether the keys have changed. @throws what is wrong with them; the previous set stays in force. */
  refresh(): Promise<void>;
}

export interface KeptEpochKey extends EpochKey {
  /** Since when it has been there; null when it comes from the environment and is not ours to destroy. */
  readonly since: Date | null;
}

export interface KnownKey {
  readonly role: 'vault' | 'recovery';
  readonly state: 'next' | 'current' | 'former' | 'retired';
  readonly fingerprint: string;
  readonly version: number;
  readonly algorithm: string;
  readonly createdAt: Date;
}
