import { reasonsOnLog } from '../../audit/persons.ts';
import type { CountableEvent } from '../../domain/audit-event.ts';
import type { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';

/** What was asked for: a route's pattern, and the lesson or recording that it was about. */
export interface RefusedRequest {
  readonly route: string;
  readonly lessonId: Id | undefined;
  readonly recordingId: Id | undefined;
}

/**
 * Puts a refusal on the log. Of strangers only refused links are noted, and counted; the first refusals of a signed-in
 * person in a minute are written one by one, further ones are counted: a thief of a token cannot fill the log. Policy
 * P4.
 */
export async function noteRefusal(
  { database, tally }: Pick<Outside, 'database' | 'tally'>,
  caller: Caller,
  refusal: Refusal,
  { route, lessonId, recordingId }: RefusedRequest,
): Promise<void> {
  const { code } = refusal;
  if (code === 'SIGN_IN_FAILED') return; // logged where it happened, with more detail
  if (caller.actor.kind === 'nobody' && code !== 'LINK_NOT_VALID') return;
  const isDenied = code === 'NOT_ALLOWED' || code === 'SECOND_FACTOR_REQUIRED';
  const id = recordingId ?? lessonId;
  const event: CountableEvent = {
    action: code === 'PERMISSION_MISSING' ? 'gate.refused' : isDenied ? 'request.denied' : 'request.refused',
    outcome: 'refused',
    ...(id ? { object: { kind: recordingId ? 'recording' : 'lesson', id, lessonId, recordingId } } : {}),
    details: { code, route, reasons: reasonsOnLog(refusal.reasons) },
  };
  if (caller.actor.kind === 'nobody') tally.count(caller, event);
  else if (tally.isSingle(caller, event)) await database.transact(caller, (tx) => tx.log(event));
}
