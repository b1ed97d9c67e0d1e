/** What can be wrong with what is stored, as the vault finds it. */
export const vaultCorruptCodes = [
  /** The key envelope does not parse, or the session key in it does not come out. */
  'ENVELOPE',
  /** The second lock on the envelope does not open with the key of its epoch, or is another object's. */
  'LOCK',
  /** Envelope, salt or session key is not the one that the sealed record names. */
  'BINDING',
  /** Stored lengths contradict one another, or the store returned more than was asked for. */
  'LENGTH',
  /** The total is not authenticated: the body was cut, extended, or belongs to another envelope. */
  'FINAL_TAG',
  /** A chunk was changed, moved, or belongs to another body. */
  'CHUNK_TAG',
  /** The store returned less than was asked for. */
  'TRUNCATED',
  /** The authentic plaintext is not the literal packet that the stored fields describe. */
  'FRAMING',
] as const;
export type VaultCorruptCode = (typeof vaultCorruptCodes)[number];

/** What a scrub can find wrong with a sealed object. */
export const scrubFaults = [
  ...vaultCorruptCodes,
  /** No key that we hold opens the envelope. */
  'NOT_A_RECIPIENT',
  /** The envelope in the database is locked under an epoch whose key is not here. */
  'EPOCH_GONE',
  'BODY_MISSING',
  'ENVELOPE_MISSING',
  /** The envelope in the store is not the one in the database: recovery without the database would fail. */
  'ENVELOPE_DIFFERS',
  /** The body is authentic under its key, but its digest is not the recorded one. */
  'BODY_DIGEST',
  /** The log does not say how the object was sealed. */
  'NOT_ON_THE_LOG',
  /** The database contradicts the log. */
  'LOG_DIFFERS',
] as const;
export type ScrubFault = (typeof scrubFaults)[number];

/** A pass of the scrub over every sealed object, or a comparison of database and store. */
export const integrityKinds = ['scrub', 'reconcile'] as const;
export type IntegrityKind = (typeof integrityKinds)[number];
