import type { Id } from '../../domain/ids.ts';
import type { Outside } from '../ports/outside.ts';
import { everything } from './get-lesson.ts';

/** Newest first; `teacherId`: only that teacher's own. */
export async function listLessons({ database }: Pick<Outside, 'database'>, teacherId: Id | null) {
  const rows = await database.read.lesson.findMany({
    where: teacherId === null ? {} : { teacherId },
    orderBy: { plannedStart: 'desc' },
    include: { recordings: everything.recordings },
  });
  return rows.map((row) => ({ ...row, recordings: row.recordings.length }));
}
