import { createHash, randomBytes } from 'node:crypto';
import type { AuditAction, AuditEvent, AuditObject, Person } from '../domain/audit-event.ts';
import type { Actor } from '../domain/ids.ts';
import { canonicalJson } from './canonical-json.ts';
import { mapPersons, subjectOf } from './persons.ts';

/**
 * One entry of the log, in its final form. Its number is not part of it: the number states the place of the entry, not
 * its content, and is assigned later.
 */
export interface AuditEntry {
  readonly v: 1;
  /** Random, so that equal events are different leaves. */
  readonly id: string;
  /** RFC 3339, UTC, milliseconds. */
  readonly at: string;
  readonly actor: { readonly kind: Actor['kind']; readonly id?: string; readonly addressDigest?: string };
  readonly action: AuditAction;
  readonly outcome: AuditEvent['outcome'];
  readonly object?: AuditObject;
  readonly details?: Readonly<Record<string, unknown>>;
}

export interface SealedEntry {
  readonly canonical: string;
  /** Kept apart from the entry and forgotten after a while; only its salted digest is on the log. Policy P11. */
  readonly address: { readonly value: string; readonly salt: string } | null;
}

/** Every person whom an entry of this event names, the actor included. */
export function personsOf(event: AuditEvent, actor: Actor): Person[] {
  const found: Person[] = [];
  mapPersons([actorOf(actor), event.object ? subjectOf(event.object) : null, event.details], (person) => {
    found.push(person);
    return null;
  });
  return found;
}

/**
 * The canonical text (RFC 8785) of an event, ready to be appended. Each person stands in it under the name that
 * `nameOf` gives.
 */
export function toEntry(
  event: AuditEvent,
  { actor, address }: { readonly actor: Actor; readonly address?: string | undefined },
  given: { readonly at: Date; readonly id: string; readonly nameOf: (person: Person) => string },
): SealedEntry {
  const kept = address === undefined ? null : { value: address, salt: randomBytes(16).toString('hex') };
  const { object, details } = event;
  const entry = {
    v: 1,
    id: given.id,
    at: given.at.toISOString(),
    actor: {
      kind: actor.kind,
      ...('id' in actor ? { id: actorOf(actor) } : {}),
      ...(kept === null ? {} : { addressDigest: addressDigest(kept.salt, kept.value) }),
    },
    action: event.action,
    outcome: event.outcome,
    ...(object ? { object: { ...object, id: subjectOf(object) } } : {}),
    ...(details ? { details } : {}),
  };
  return {
    canonical: canonicalJson(mapPersons(entry, given.nameOf)),
    address: kept,
  };
}

function actorOf(actor: Actor): Person | string | null {
  if (!('id' in actor)) return null;
  return actor.kind === 'system' ? actor.id : { person: actor.kind, id: actor.id };
}

export function addressDigest(salt: string, address: string): string {
  return createHash('sha256').update(`${salt}:${address}`).digest('hex');
}
