import type { Caller } from '../ports/caller.ts';

/** On the log of another school: an authority did it. Who that is, is on the log of the first one alone. */
export const asAuthority = (caller: Caller): Caller =>
  caller.actor.kind === 'staff' ? { actor: { kind: 'system', id: 'authority' } } : caller;
