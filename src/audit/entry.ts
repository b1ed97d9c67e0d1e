import { createHash, randomBytes } from 'node:crypto';
import type { AuditEvent } from '../domain/audit-event.ts';
import type { Actor } from '../domain/ids.ts';
import { canonicalJson } from './canonical-json.ts';

/**
 * One entry of the log, in its final form. Its number is not part of it: it says where the entry stands, not what it
 * says, and is given later.
 */
export interface AuditEntry {
  readonly v: 1;
  /** Random, so that equal events are different leaves. */
  readonly id: string;
  /** RFC 3339, UTC, milliseconds. */
  readonly at: string;
  readonly actor: { readonly kind: Actor['kind']; readonly id?: string; readonly addressDigest?: string };
  readonly action: AuditEvent['action'];
  readonly outcome: AuditEvent['outcome'];
  readonly object?: AuditEvent['object'];
  readonly details?: AuditEvent['details'];
}

export interface SealedEntry {
  readonly canonical: string;
  /** Kept apart from the entry and forgotten after a while; only its salted digest is on the log. Policy P11. */
  readonly address: { readonly value: string; readonly salt: string } | null;
}

/** The canonical text (RFC 8785) of an event, ready to be appended. */
export function toEntry(event: AuditEvent, actor: Actor, at: Date, id: string, address?: string): SealedEntry {
  const salt = address === undefined ? null : randomBytes(16).toString('hex');
  const entry: AuditEntry = {
    v: 1,
    id,
    at: at.toISOString(),
    actor: {
      kind: actor.kind,
      ...('id' in actor ? { id: actor.id } : {}),
      ...(salt === null ? {} : { addressDigest: addressDigest(salt, address!) }),
    },
    action: event.action,
    outcome: event.outcome,
    ...(event.object ? { object: event.object } : {}),
    ...(event.details ? { details: event.details } : {}),
  };
  return { canonical: canonicalJson(entry), address: salt === null ? null : { value: address!, salt } };
}

export function addressDigest(salt: string, address: string): string {
  return createHash('sha256').update(`${salt}:${address}`).digest('hex');
}
