/** Identifiers are UUIDs: random, so that one tells nothing of a person and cannot be guessed from another. */
export type Id = string;

/** Written as PostgreSQL writes them. */
export const isId = (text: string): boolean => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text);

/** An actor: a member of staff, a viewer or a signer with a personal link, or the system itself. */
export type Actor =
  | {
      readonly kind: 'staff';
      readonly id: Id;
      readonly roles: readonly StaffRole[];
      readonly scopes: readonly Scope[] | null;
    }
  | { readonly kind: 'viewer'; readonly id: Id }
  /** Somebody with a personal link to answer; `id` is that of the link. */
  | { readonly kind: 'signer'; readonly id: Id }
  | { readonly kind: 'system'; readonly id: string }
  | { readonly kind: 'nobody' };

/** Roles that a school gives. */
export const schoolRoles = ['teacher', 'reviewer', 'administrator', 'auditor'] as const;
export type SchoolRole = (typeof schoolRoles)[number];
/**
 * With the one that only the operator gives, in the first school: an authority opens and closes schools, and sees nothing of
 * them but figures.
 */
export const staffRoles = [...schoolRoles, 'authority'] as const;
export type StaffRole = (typeof staffRoles)[number];

export const actorKinds = ['staff', 'viewer', 'signer', 'system', 'nobody'] as const satisfies readonly Actor['kind'][];

/** How a session began: the proof that its owner gave beside, or in place of, a password. */
export const factors = ['password', 'authenticator', 'backup_code', 'passkey', 'provider', 'provider_mfa'] as const;
export type Factor = (typeof factors)[number];

/** Outcome of a request to reset somebody's second factors. */
export const factorResetOutcomes = ['confirmed', 'cancelled'] as const;

/** What an API token may be used for; a session of the browser has all of it (`scopes: null`). */
export const scopes = ['read', 'write', 'audit'] as const;
export type Scope = (typeof scopes)[number];
