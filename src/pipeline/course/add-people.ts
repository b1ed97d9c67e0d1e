import type { Id } from '../../domain/ids.ts';
import { followClasses } from '../core/course-people.ts';
import { lockSeries } from '../core/gate-record.ts';
import { quarantineInCourse } from '../core/quarantine.ts';
import { staffIdOf } from '../core/staff-id.ts';
import { addTypedPeople, type NewParticipant } from '../core/typed-people.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';
import { addKnownPeople, assertKnown, assertNotTooMany } from './create-course.ts';

/**
 * More people take part from `from` on. If that has passed, lessons in between had them too: their recordings go into
 * quarantine at once.
 * @throws Refusal `NOT_FOUND`, `INVALID_REQUEST`; `WRONG_STATE` `LESSON_STANDS_ALONE`.
 */
export function addPeople(
  outside: Pick<Outside, 'database' | 'clock' | 'keyring'>,
  caller: Caller,
  courseId: Id,
  input: { classIds: Id[]; personIds: Id[]; people: NewParticipant[]; from?: Date | undefined },
) {
  const { classIds, personIds, people } = input;
  const now = outside.clock();
  return outside.database.transact(caller, async (tx) => {
    const course = await lockSeries(tx.db, courseId);
    await assertKnown(tx, 'classIds', 'CLASS_UNKNOWN', classIds);
    await assertKnown(tx, 'personIds', 'PERSON_UNKNOWN', personIds);
    const from = input.from ?? new Date(Math.max(now.getTime(), course.from.getTime()));
    await tx.db.courseClass.createMany({
      data: classIds.map((classId) => ({ courseId, classId })),
      skipDuplicates: true,
    });
    const { came } = await followClasses(tx.db, { courseId }, { now, from });
    const known = await addKnownPeople(tx, courseId, personIds, from);
    const typed = await addTypedPeople(outside, tx, people, { courseId, lessonId: null, from }, staffIdOf(caller));
    await assertNotTooMany(tx, courseId);
    await quarantineInCourse(tx, courseId, now);
    const added = came + known.length + typed.length;
    await tx.log({
      action: 'course.people_added',
      outcome: 'done',
      object: { kind: 'course', id: courseId },
      details: { added },
    });
    return { added };
  });
}
