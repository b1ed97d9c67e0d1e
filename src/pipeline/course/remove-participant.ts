import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import { endParticipants } from '../core/course-people.ts';
import { lockSeries } from '../core/gate-record.ts';
import { isAdministrator } from '../core/is-administrator.ts';
import type { Caller } from '../ports/caller.ts';
import type { Transaction } from '../ports/database.ts';
import type { Outside } from '../ports/outside.ts';

/**
 * Somebody takes part no longer, neither with their class nor by themselves. In the lessons that have begun they did: nothing
 * changes for those. A guest of one day is taken out of their one lesson, as long as nothing of it is recorded: afterwards
 * nobody can say that they are not in the recording, and taking them out would open the gate for it (policy P6). Once the
 * lesson has begun, a film of it may wait to be uploaded: then an administrator says that the guest was not there.
 * @throws Refusal `NOT_FOUND`; `WRONG_STATE`: `LESSON_STANDS_ALONE`, `GUEST_RECORDED`, `GUEST_WAS_DUE`.
 */
export function removeParticipant(
  { database, clock }: Pick<Outside, 'database' | 'clock'>,
  caller: Caller,
  courseId: Id,
  participantId: Id,
): Promise<void> {
  return database.transact(caller, async (tx) => {
    await lockSeries(tx.db, courseId);
    const row = await tx.db.participant.findFirst({ where: { id: participantId, courseId, until: null } });
    if (!row) throw new Refusal('NOT_FOUND');
    const { personId, lessonId } = row;
    if (lessonId !== null) {
      await assertNotRecorded(tx, lessonId);
      const { plannedStart } = await tx.db.lesson.findUniqueOrThrow({ where: { id: lessonId } });
      if (plannedStart <= clock() && !isAdministrator(caller))
        throw new Refusal('WRONG_STATE', { reasons: [{ code: 'GUEST_WAS_DUE' }] });
    }
    const same = await tx.db.participant.findMany({ where: { courseId, personId, lessonId, until: null } });
    await endParticipants(
      tx.db,
      same.map(({ id }) => id),
      clock(),
    );
    await tx.log({
      action: 'course.participant_removed',
      outcome: 'done',
      object: { kind: 'participant', id: participantId, ...(lessonId === null ? {} : { lessonId }) },
      details: { course: courseId },
    });
  });
}

/** An upload that is on its way counts: the course is locked, so that none begins meanwhile. */
async function assertNotRecorded({ db }: Transaction, lessonId: Id): Promise<void> {
  const kept = { lessonId, state: { not: 'erased' } } as const;
  if ((await db.recording.count({ where: kept })) > 0)
    throw new Refusal('WRONG_STATE', { reasons: [{ code: 'GUEST_RECORDED' }] });
}
