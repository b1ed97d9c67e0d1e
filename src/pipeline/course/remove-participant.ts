import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import { endParticipants } from '../core/course-people.ts';
import { lockSeries } from '../core/gate-record.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';

/**
 * Somebody takes part no longer, neither with their class nor by themselves. In the lessons that have begun they did: nothing
 * changes for those. @throws Refusal `NOT_FOUND`; `WRONG_STATE` `LESSON_STANDS_ALONE`.
 */
export function removeParticipant(
  { database, clock }: Pick<Outside, 'database' | 'clock'>,
  caller: Caller,
  courseId: Id,
  participantId: Id,
): Promise<void> {
  return database.transact(caller, async (tx) => {
    await lockSeries(tx.db, courseId);
    const takingPart = { courseId, lessonId: null, until: null };
    const row = await tx.db.participant.findFirst({ where: { id: participantId, ...takingPart } });
    if (!row) throw new Refusal('NOT_FOUND');
    const same = await tx.db.participant.findMany({ where: { personId: row.personId, ...takingPart } });
    await endParticipants(
      tx.db,
      same.map(({ id }) => id),
      clock(),
    );
    await tx.log({
      action: 'course.participant_removed',
      outcome: 'done',
      object: { kind: 'participant', id: participantId },
      details: { course: courseId },
    });
  });
}
