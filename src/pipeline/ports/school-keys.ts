import type { Id } from '../../domain/ids.ts';

/** A recovery key that was made just now, and is kept nowhere. */
export interface FreshRecoveryKey {
  readonly fingerprint: string;
  /** Armored. */
  readonly publicKey: string;
  /** Armored, and locked with the passphrase. */
  readonly privateKey: string;
  readonly passphrase: string;
}

/** Keys of schools that are opened, in EMANET_HOME. */
export interface SchoolKeys {
  /** Whether this process may write there. */
  mayMake(): Promise<boolean>;
  makeRecoveryKey(): Promise<FreshRecoveryKey>;
  /** Makes those of a school to come, with the public half of its recovery key (armored). Safe to repeat. */
  make(id: Id, recoveryKey: string): Promise<void>;
}
