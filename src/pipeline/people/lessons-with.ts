import type { Id } from '../../domain/ids.ts';
import { attendedLessons } from '../attendance/attended-lessons.ts';
import { isPresent } from '../core/gate-record.ts';
import type { Database, Transaction } from '../ports/database.ts';

/**
 * The lessons in which somebody takes part, from seats that are recorded or not, and those that they were in by an attendance
 * report.
 */
export async function lessonsWith(db: Database['read'] | Transaction['db'], personId: Id): Promise<Id[]> {
  const parts = await db.participant.findMany({
    where: { personId },
    include: { course: { select: { isSingle: true, lessons: { select: { id: true, plannedStart: true } } } } },
  });
  const ids = parts.flatMap(({ course, ...part }) =>
    course.lessons
      .filter(({ id, plannedStart }) =>
        part.lessonId === null
          ? course.isSingle || isPresent(part, plannedStart)
          : part.lessonId === id && isPresent(part, plannedStart),
      )
      .map(({ id }) => id),
  );
  return [...new Set([...ids, ...(await attendedLessons(db, personId))])];
}
