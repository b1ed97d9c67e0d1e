import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import type { LessonKind } from '../../domain/retention.ts';
import { lockSeries } from '../core/gate-record.ts';
import { getLesson } from '../lesson/get-lesson.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';

/**
 * One more lesson of a course. Nobody is asked again for it: who takes part in the course at that time takes part in it.
 * @throws Refusal `NOT_FOUND`; `INVALID_REQUEST` `OUTSIDE_COURSE`; `WRONG_STATE` `LESSON_STANDS_ALONE`.
 */
export async function addLesson(
  outside: Pick<Outside, 'database'>,
  caller: Caller,
  courseId: Id,
  input: { title?: string | undefined; kind: LessonKind; plannedStart: Date; plannedEnd: Date },
) {
  const lessonId = await outside.database.transact(caller, async (tx) => {
    const course = await lockSeries(tx.db, courseId);
    if (input.plannedStart < course.from || input.plannedEnd > course.until)
      throw new Refusal('INVALID_REQUEST', {
        reasons: [{ code: 'OUTSIDE_COURSE', subject: { kind: 'field', id: 'plannedStart' } }],
      });
    const { title = course.title, ...rest } = input;
    const row = await tx.db.lesson.create({
      data: { ...rest, title, courseId, teacherId: course.teacherId },
    });
    await tx.log({
      action: 'lesson.created',
      outcome: 'done',
      object: { kind: 'lesson', id: row.id, lessonId: row.id },
      details: { course: courseId },
    });
    return row.id;
  });
  return getLesson(outside, lessonId);
}
