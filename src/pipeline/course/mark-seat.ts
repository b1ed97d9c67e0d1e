import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import { courseOf, lockLesson, ofLesson } from '../core/gate-record.ts';
import { quarantineUnlessGateHolds } from '../core/quarantine.ts';
import { staffIdOf } from '../core/staff-id.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';

/**
 * Says that somebody sits in a lesson in a seat that is not recorded (camera and microphone off, name hidden, or beside the
 * teacher), or no longer. Such a seat needs the permission to take part alone. Policy P1, P6.
 * @throws Refusal `NOT_FOUND`.
 */
export function markSeat(
  { database, clock }: Pick<Outside, 'database' | 'clock'>,
  caller: Caller,
  lessonId: Id,
  participantId: Id,
  isUnrecorded: boolean,
): Promise<void> {
  return database.transact(caller, async (tx) => {
    await lockLesson(tx.db, lessonId);
    const courseId = await courseOf(tx.db, lessonId);
    const row = await tx.db.participant.findFirst({ where: { id: participantId, courseId, ...ofLesson(lessonId) } });
    if (!row) throw new Refusal('NOT_FOUND');
    const seat = { lessonId, participantId };
    if (isUnrecorded)
      await tx.db.unrecordedSeat.createMany({
        data: [{ ...seat, markedById: staffIdOf(caller), markedAt: clock() }],
        skipDuplicates: true,
      });
    else await tx.db.unrecordedSeat.deleteMany({ where: seat });
    await quarantineUnlessGateHolds(tx, lessonId, clock());
    await tx.log({
      action: 'lesson.seat_marked',
      outcome: 'done',
      object: { kind: 'participant', id: participantId, lessonId },
      details: { unrecorded: isUnrecorded },
    });
  });
}
