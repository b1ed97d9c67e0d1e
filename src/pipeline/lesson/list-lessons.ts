import type { Id } from '../../domain/ids.ts';
import { hasWords } from '../core/has-words.ts';
import { after, type Moment, pageOf } from '../core/newest-first.ts';
import type { Outside } from '../ports/outside.ts';
import { arrived } from './get-lesson.ts';

export interface LessonQuery {
  /** Only that teacher's own. */
  readonly teacherId?: Id | undefined;
  /** Only those of a course. */
  readonly courseId?: Id | undefined;
  /** Every word of it stands in the title. */
  readonly words?: string | undefined;
  readonly from?: Date | undefined;
  readonly until?: Date | undefined;
  readonly after?: Moment | undefined;
  readonly limit: number;
}

/** By their planned start, the newest first. */
export async function listLessons({ database }: Pick<Outside, 'database'>, query: LessonQuery) {
  const { teacherId, courseId, from, until, limit } = query;
  const found = await database.read.lesson.findMany({
    where: {
      ...(teacherId === undefined ? {} : { teacherId }),
      ...(courseId === undefined ? {} : { courseId }),
      plannedStart: { ...(from ? { gte: from } : {}), ...(until ? { lt: until } : {}) },
      AND: [...hasWords(query.words), ...(query.after ? after('plannedStart', query.after) : [])],
    },
    orderBy: [{ plannedStart: 'desc' }, { id: 'desc' }],
    take: limit + 1,
    include: { recordings: arrived },
    omit: { attendance: true },
  });
  const { rows, next } = pageOf(found, limit, (row) => row.plannedStart);
  return { items: rows.map((row) => ({ ...row, recordings: row.recordings.length })), next };
}
