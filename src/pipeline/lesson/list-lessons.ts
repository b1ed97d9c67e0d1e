import type { Id } from '../../domain/ids.ts';
import type { Outside } from '../ports/outside.ts';
import { arrived } from './get-lesson.ts';

/** Newest first; `teacherId`: only that teacher's own; `courseId`: only those of a course. */
export async function listLessons(
  { database }: Pick<Outside, 'database'>,
  { teacherId, courseId }: { readonly teacherId?: Id | undefined; readonly courseId?: Id | undefined },
) {
  const rows = await database.read.lesson.findMany({
    where: { ...(teacherId === undefined ? {} : { teacherId }), ...(courseId === undefined ? {} : { courseId }) },
    orderBy: { plannedStart: 'desc' },
    include: { recordings: arrived },
  });
  return rows.map((row) => ({ ...row, recordings: row.recordings.length }));
}
