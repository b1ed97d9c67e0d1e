import type { RoleMapping } from '../../domain/role-mapping.ts';

/** What a journey to the provider is for: signing in, or confirming a session that is there. */
export type SignOnPurpose =
  | { readonly kind: 'sign-in' /** The page to go on with. */; readonly to: string }
  | { readonly kind: 'confirm'; readonly schoolId: string; readonly sessionId: string }
  /** For a program on the computer of the browser, which listens on this port of loopback (RFC 8252). */
  | { readonly kind: 'command-line'; readonly port: number; readonly challenge: string; readonly state: string };

/** A session on its way to the program that shows the verifier of `challenge` (RFC 7636, S256). */
export interface HandedOver {
  readonly schoolId: string;
  readonly token: string;
  readonly challenge: string;
  readonly endsAt: number;
}

/** What the provider says of somebody, after everything about the answer was checked. */
export interface ProvidedPerson {
  readonly issuer: string;
  readonly subject: string;
  /** The session at the provider; null: it names none. */
  readonly sessionId: string | null;
  readonly email: string | null;
  readonly isEmailVerified: boolean;
  readonly name: string | null;
  /** Null: the provider says nothing of groups. */
  readonly groups: readonly string[] | null;
  /** The provider asked for two factors. */
  readonly usedTwoFactors: boolean;
  /** When the person last signed in at the provider; null: it does not say. */
  readonly authenticatedAt: Date | null;
}

/** Somebody who is back from the provider. `challenge…`: the journey counts once. */
export interface Returned {
  readonly person: ProvidedPerson;
  readonly purpose: SignOnPurpose;
  readonly challengeDigest: string;
  readonly challengeEndsAt: Date;
}

/** A sign-out at the provider (OpenID Connect Back-Channel Logout 1.0), which counts once. */
export interface SignedOut {
  readonly issuer: string;
  /** Null: it names only the session. */
  readonly subject: string | null;
  /** Null: every session of the person. */
  readonly sessionId: string | null;
  readonly challengeDigest: string;
  readonly challengeEndsAt: Date;
}

/** Why somebody who comes back is not believed. `detail` is for the operator: it holds no token and no name. */
export class NotBelieved extends Error {
  override readonly name = 'NotBelieved';
  /** `journey`: it was not begun in this browser, or it is over. `refused`: the provider said no. `answer`: it is not valid. */
  readonly why: 'journey' | 'refused' | 'answer';

  constructor(why: NotBelieved['why'], detail: string, options?: ErrorOptions) {
    super(detail, options);
    this.why = why;
  }
}

/** Single sign-on with OpenID Connect, at the one provider of the installation. */
export interface SignOn {
  /** As the button says it. */
  readonly name: string;
  readonly mapping: RoleMapping;
  /** An account is made for whom there is none yet. */
  readonly makesAccounts: boolean;
  /** An account that has its address from before is linked to whom the provider says has that address. */
  readonly linksByEmail: boolean;
  /** The provider always asks for two factors, whatever it says of it. */
  readonly trustsSecondFactor: boolean;
  /**
   * Where to send a browser, and what it keeps until it comes back: sealed, nothing is kept here.
   * @throws Refusal `PROVIDER_UNAVAILABLE`.
   */
  begin(purpose: SignOnPurpose, language: string): Promise<{ readonly url: string; readonly sealed: string }>;
  /**
   * Takes the query with which a browser comes back, and what it kept.
   * @throws NotBelieved; Refusal `PROVIDER_UNAVAILABLE`.
   */
  finish(query: string, sealed: string | null): Promise<Returned>;
  /** @throws NotBelieved; Refusal `PROVIDER_UNAVAILABLE`. */
  readSignOut(token: string): Promise<SignedOut>;
  /** Seals a session for a program, and opens it again; null: it is not ours. */
  handOver(session: HandedOver): string;
  takeOver(code: string): HandedOver | null;
}
