import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import { endParticipants } from '../core/course-people.ts';
import { lockCourse } from '../core/gate-record.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';

/** Somebody takes part no longer. In the lessons that have begun they did: nothing changes for those. @throws Refusal `NOT_FOUND`. */
export function removeParticipant(
  { database, clock }: Pick<Outside, 'database' | 'clock'>,
  caller: Caller,
  courseId: Id,
  participantId: Id,
): Promise<void> {
  return database.transact(caller, async (tx) => {
    await lockCourse(tx.db, courseId);
    const row = await tx.db.participant.findFirst({ where: { id: participantId, courseId, until: null } });
    if (!row) throw new Refusal('NOT_FOUND');
    await endParticipants(tx.db, [participantId], clock());
    await tx.log({
      action: 'course.participant_removed',
      outcome: 'done',
      object: { kind: 'participant', id: participantId },
      details: { course: courseId },
    });
  });
}
