import type { Id } from '../../domain/ids.ts';
import type { Database } from './database.ts';

/** What somebody may present before it is known which school they belong to. */
export type SecretKind =
  | 'session'
  | 'api-token'
  | 'scim-token'
  | 'invitation'
  | 'password-reset'
  | 'signer-link'
  | 'viewer-link'
  | 'delivery'
  | 'runner'
  | 'runner-invitation';

/**
 * The schools of an installation, by their parts. Each has rows, objects, keys and a log of its own, and use cases know of one alone
 * (docs/decisions/0040-many-schools.md).
 */
export interface Schools<Parts> {
  /** Also one that was taken out, whose log takes no entry more. @throws Refusal `NOT_FOUND` for one that is not there. */
  of(id: Id): Promise<Parts>;
  /** The rows of a school, also of one that is only to be made. */
  rowsOf(id: Id): Database;
  /** The school that a token belongs to, by its digest; the first one when it belongs to none. */
  ofSecret(kind: SecretKind, digest: string): Promise<Parts>;
  /** The school of a link for watching. As {@link Schools.ofSecret}. */
  ofViewerLink(linkId: Id): Promise<Parts>;
  /** The schools in which an account may work, the one first where it worked last. */
  ofAccount(accountId: Id): Promise<readonly NamedSchool[]>;
  /**
   * Every school, closed ones too, but none that was taken out. The first one stands in front, also before there is one: the log of the installation is
   * kept under its id.
   */
  list(): Promise<readonly Id[]>;
}

export interface NamedSchool {
  readonly id: Id;
  readonly name: string;
}
