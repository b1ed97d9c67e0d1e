import type { CountableEvent } from '../../domain/audit-event.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';

/**
 * Puts a refusal on the log. What strangers meet is counted; the first refusals of a signed-in person in a minute are written
 * one by one, further ones are counted: whoever has stolen a token cannot fill the log. Policy P4.
 */
export async function noteRefusal(
  { database, tally }: Pick<Outside, 'database' | 'tally'>,
  caller: Caller,
  event: CountableEvent,
): Promise<void> {
  if (caller.actor.kind === 'nobody') tally.count(caller, event);
  else if (tally.isSingle(caller, event)) await database.transact(caller, (tx) => tx.log(event));
}
