import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import type { Caller } from '../ports/caller.ts';

/** The member of staff who asks. @throws Refusal `NOT_ALLOWED` for anybody else. */
export function staffIdOf(caller: Caller): Id {
  if (caller.actor.kind !== 'staff') throw new Refusal('NOT_ALLOWED');
  return caller.actor.id;
}
