/** Proofs of identity. Sessions and attempts are our own (`staff/`); libraries do the rest. */
export interface Credentials {
  readonly passwords: PasswordHashing;
  readonly strength: PasswordStrength;
  readonly codes: OneTimeCodes;
  readonly passkeys: Passkeys;
}

/** Both refuse with `TOO_MANY_REQUESTS` if too many are waiting. */
export interface PasswordHashing {
  hash(password: string): Promise<string>;
  /** Takes the same time for `null`, an account that is not there. `outdated`: right, and to be hashed again. */
  verify(password: string, hash: string | null): Promise<'right' | 'outdated' | 'wrong'>;
}

export interface PasswordStrength {
  /** `context`: names and words that stand around the person. Null: good enough. */
  judge(password: string, context: readonly string[]): Promise<'breached' | 'context' | 'guessable' | null>;
}

/** RFC 6238. */
export interface OneTimeCodes {
  /** A new secret, encrypted for keeping, and the `otpauth:` address that an app takes. */
  begin(label: string): { readonly sealed: Uint8Array<ArrayBuffer>; readonly uri: string };
  /** The time step whose code this is, if that step is now within ten seconds; null: it is none. */
  findStep(sealed: Uint8Array, code: string, at: Date): bigint | null;
}

/** A browser's answer to a challenge, as WebAuthn's `toJSON()` gives it. Attacker-controlled. */
export interface PasskeyAnswer {
  readonly id: string;
  readonly response: { readonly clientDataJSON: string };
}

/** The challenge that was answered: it counts once. */
interface AnsweredChallenge {
  readonly challengeDigest: string;
  readonly challengeEndsAt: Date;
}

export interface Passkeys {
  registrationOptions(
    person: { readonly id: string; readonly name: string; readonly email: string },
    existing: readonly string[],
    at: Date,
  ): Promise<object>;
  /** Null: not valid. */
  verifyRegistration(
    answer: PasskeyAnswer,
    personId: string,
    at: Date,
  ): Promise<(AnsweredChallenge & { id: string; publicKey: Uint8Array<ArrayBuffer>; counter: number }) | null>;
  signInOptions(at: Date): Promise<object>;
  /** Null: not valid. */
  verifySignIn(
    answer: PasskeyAnswer,
    kept: { readonly id: string; readonly publicKey: Uint8Array; readonly counter: number },
    at: Date,
  ): Promise<(AnsweredChallenge & { readonly counter: number }) | null>;
}
