import type { Person, PersonKind, ReasonOnLog } from '../domain/audit-event.ts';
import type { Id } from '../domain/ids.ts';

/** Kinds of object, in events, that are people. */
const kindOfObject: Readonly<Record<string, PersonKind>> = {
  staff: 'staff',
  participant: 'participant',
  link: 'viewer',
  invitation: 'invitation',
  person: 'person',
  signer_link: 'signer',
};

/** The person that a subject is, or its id if it is none: a site, a field, a segment. */
export function subjectOf({ kind, id }: { readonly kind: string; readonly id: Id }): Person | Id {
  const person = kindOfObject[kind];
  return person === undefined ? id : { person, id };
}

/** The reasons of a refusal, as the log keeps them. */
export function reasonsOnLog(
  reasons: readonly { readonly code: string; readonly subject?: { readonly kind: string; readonly id: Id } }[],
): ReasonOnLog[] {
  return reasons.slice(0, 500).map(({ code, subject }) => ({ code, subject: subject ? subjectOf(subject) : null }));
}

/** The value with every person in it replaced, however deep. */
export function mapPersons(value: unknown, replace: (person: Person) => unknown): unknown {
  if (Array.isArray(value)) return value.map((one) => mapPersons(one, replace));
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
  if ('person' in value && 'id' in value) return replace(value as Person);
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, mapPersons(member, replace)]));
}
