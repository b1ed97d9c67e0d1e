import type { Id } from '../../domain/ids.ts';
import { mostParticipants } from '../../domain/permission.ts';
import { assertFewer } from '../core/assert-fewer.ts';
import { courseOf, lockLesson, soleLessonOf } from '../core/gate-record.ts';
import { quarantineUnlessGateHolds } from '../core/quarantine.ts';
import { staffIdOf } from '../core/staff-id.ts';
import { addTypedPeople, type NewParticipant } from '../core/typed-people.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';
import { findParticipant } from './get-lesson.ts';

type Needs = Pick<Outside, 'database' | 'clock' | 'keyring'>;

/**
 * Also after an upload: without this person's permission its recordings go into quarantine at once. In a lesson of a course
 * they are a guest of that day.
 */
export async function addParticipant(outside: Needs, caller: Caller, lessonId: Id, person: NewParticipant) {
  return outside.database.transact(caller, async (tx) => {
    await lockLesson(tx.db, lessonId);
    const courseId = await courseOf(tx.db, lessonId);
    await assertFewer(tx.db.participant.count({ where: { courseId } }), mostParticipants);
    const isAlone = (await soleLessonOf(tx.db, courseId)) !== undefined;
    const { plannedStart } = await tx.db.lesson.findUniqueOrThrow({ where: { id: lessonId } });
    const place = { courseId, lessonId: isAlone ? null : lessonId, from: plannedStart };
    const [id = ''] = await addTypedPeople(outside, tx, [person], place, staffIdOf(caller));
    await quarantineUnlessGateHolds(tx, lessonId, outside.clock());
    await tx.log({
      action: 'lesson.participant_added',
      outcome: 'done',
      object: { kind: 'participant', id, lessonId },
    });
    return findParticipant(tx, id);
  });
}
