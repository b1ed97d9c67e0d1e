import type { Caller } from '../ports/caller.ts';

/** Whether whoever asks is an administrator, on a route that others may call too. */
export function isAdministrator({ actor }: Caller): boolean {
  return actor.kind === 'staff' && actor.roles.includes('administrator');
}
