import type { Id } from '../../domain/ids.ts';
import type { Outside } from '../ports/outside.ts';
import { takingPart } from './get-course.ts';

/** Courses, the newest first; lessons that stand alone are not among them. `teacherId`: only that teacher's own. */
export async function listCourses(
  { database }: Pick<Outside, 'database'>,
  { teacherId, limit, after }: { teacherId?: Id | undefined; limit: number; after?: Id | undefined },
) {
  const rows = await database.read.course.findMany({
    where: {
      isSingle: false,
      ...(teacherId === undefined ? {} : { teacherId }),
      ...(after === undefined ? {} : { id: { lt: after } }),
    },
    orderBy: { id: 'desc' },
    take: limit + 1,
    select: {
      id: true,
      title: true,
      teacherId: true,
      supervisorName: true,
      from: true,
      until: true,
      classes: { select: { class: { select: { name: true } } } },
      _count: { select: { participants: takingPart, lessons: true } },
    },
  });
  const page = rows.slice(0, limit);
  return {
    items: page.map(({ classes, _count, ...course }) => ({
      ...course,
      classes: classes.map((one) => one.class.name),
      participants: _count.participants,
      lessons: _count.lessons,
    })),
    next: rows.length > limit ? (page.at(-1)?.id ?? null) : null,
  };
}
