import type { VaultCorruptCode } from '../domain/integrity.ts';

/** The stored bytes differ from the sealed ones. Never safe to retry against the same copy. */
export class VaultCorrupt extends Error {
  override readonly name = 'VaultCorrupt';
  readonly code: VaultCorruptCode;

  constructor(code: VaultCorruptCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}

/** The media was longer or shorter than declared. Output emitted before it must be discarded. */
export class LengthMismatch extends Error {
  override readonly name = 'LengthMismatch';
  readonly declaredBytes: number;
  /** At least this many arrived: counting stops at the first byte too many. */
  readonly receivedBytes: number;

  constructor(declaredBytes: number, receivedBytes: number) {
    super(`declared ${declaredBytes} bytes of media, received ${receivedBytes}`);
    this.declaredBytes = declaredBytes;
    this.receivedBytes = receivedBytes;
  }
}

export type KeyRefusedCode =
  | 'NOT_A_KEY'
  /** The key does not say that it understands SEIPD version 2: most software holding it could not read the vault. */
  | 'NO_SEIPDV2_FEATURE'
  /** Revoked, expired, or without a valid subkey for encryption. */
  | 'CANNOT_ENCRYPT'
  | 'PASSPHRASE_MISSING'
  | 'PASSPHRASE_WRONG'
  /** The key of the epoch under which the envelope is locked was destroyed, or is not here. */
  | 'EPOCH_GONE'
  /** None of the private keys given is a recipient of the envelope. */
  | 'NOT_A_RECIPIENT';

/** A key that the vault refuses, and why. */
export class KeyRefused extends Error {
  override readonly name = 'KeyRefused';
  readonly code: KeyRefusedCode;

  constructor(code: KeyRefusedCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}
