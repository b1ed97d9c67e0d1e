import type { Id, StaffRole } from '../../domain/ids.ts';
import { foldForSearch } from '../../domain/person.ts';
import { mostFoundOfKind, reachOf, type SearchKind, searchedBy, searchKinds } from '../../domain/search.ts';
import { hasWords } from '../core/has-words.ts';
import type { Database } from '../ports/database.ts';
import type { Outside } from '../ports/outside.ts';

export interface Found {
  readonly kind: SearchKind;
  readonly id: Id;
  readonly title: string;
  readonly detail: string | null;
  readonly at: Date | null;
}

type FoundOfKind = Omit<Found, 'kind'>;

/** What is asked for; `teacherId` null: all of the school. */
interface Asked {
  readonly text: string;
  readonly teacherId: Id | null;
}

/**
 * Courses, lessons, people and recordings that a member of staff may see, the best of each kind. Every word asked for begins a
 * word of the title; of a name it stands anywhere in it. What begins with the text comes first, and then the newest.
 */
export async function searchSchool(
  { database: { read } }: Pick<Outside, 'database'>,
  who: { readonly id: Id; readonly roles: readonly StaffRole[] },
  text: string,
): Promise<Found[]> {
  const found = await Promise.all(
    searchKinds.map(async (kind): Promise<Found[]> => {
      const reach = reachOf(searchedBy[kind], who.roles);
      if (reach === undefined) return [];
      const asked = { text, teacherId: reach === 'own' ? who.id : null };
      return (await finders[kind](read, asked)).map((one) => ({ kind, ...one }));
    }),
  );
  return found.flat();
}

type Find = (read: Database['read'], asked: Asked) => Promise<FoundOfKind[]>;

/** What begins with the text, and if that is not enough, what has it further on. */
const beginningFirst =
  (find: (read: Database['read'], asked: Asked, begins: boolean) => Promise<FoundOfKind[]>): Find =>
  async (read, asked) => {
    const first = await find(read, asked, true);
    if (first.length === mostFoundOfKind) return first;
    const ids = new Set(first.map(({ id }) => id));
    const rest = (await find(read, asked, false)).filter(({ id }) => !ids.has(id));
    return [...first, ...rest].slice(0, mostFoundOfKind);
  };

const finders: Record<SearchKind, Find> = {
  course: beginningFirst(
    (read, { text, teacherId }, begins) => read.$queryRaw<FoundOfKind[]>`
      SELECT id, title, "from" AS at, (
        SELECT string_agg(class.name, ', ' ORDER BY class.name) FROM course_class
        JOIN class ON class.id = course_class."classId" WHERE course_class."courseId" = course.id
      ) AS detail
      FROM course
      WHERE NOT "isSingle" AND words @@ search_query(${text}, ${begins})
        AND (${teacherId}::text IS NULL OR "teacherId" = ${teacherId})
      ORDER BY "from" DESC, id LIMIT ${mostFoundOfKind}`,
  ),
  lesson: beginningFirst(
    (read, { text, teacherId }, begins) => read.$queryRaw<FoundOfKind[]>`
      SELECT found.id, found.title, found.at, CASE WHEN "isSingle" THEN NULL ELSE course.title END AS detail
      FROM (
        SELECT id, title, "courseId", "plannedStart" AS at FROM lesson
        WHERE words @@ search_query(${text}, ${begins})
          AND (${teacherId}::text IS NULL OR "teacherId" = ${teacherId})
        ORDER BY "plannedStart" DESC LIMIT ${mostFoundOfKind}
      ) AS found JOIN course ON course.id = found."courseId"
      ORDER BY found.at DESC, found.id`,
  ),
  // By the title of the lesson or the name of the file: the newest of each. A recording that is still arriving does not exist
  // for anybody.
  recording: beginningFirst(
    (read, { text, teacherId }, begins) => read.$queryRaw<FoundOfKind[]>`
      SELECT DISTINCT id, title, detail, at FROM (
        (SELECT recording.id, title, "fileName" AS detail, recording."createdAt" AS at
          FROM recording JOIN lesson ON lesson.id = recording."lessonId"
          WHERE lesson.words @@ search_query(${text}, ${begins})
            AND state <> 'receiving' AND (${teacherId}::text IS NULL OR "teacherId" = ${teacherId})
          ORDER BY at DESC, id LIMIT ${mostFoundOfKind})
        UNION ALL
        (SELECT recording.id, title, "fileName", recording."createdAt" AS at
          FROM recording JOIN lesson ON lesson.id = recording."lessonId"
          WHERE recording.words @@ search_query(${text}, ${begins})
            AND state <> 'receiving' AND (${teacherId}::text IS NULL OR "teacherId" = ${teacherId})
          ORDER BY at DESC, id LIMIT ${mostFoundOfKind})
      ) AS found
      ORDER BY at DESC, id LIMIT ${mostFoundOfKind}`,
  ),
  async person(read, { text }) {
    const folded = foldForSearch(text);
    const find = (begins: boolean) =>
      read.person.findMany({
        where: {
          erasedAt: null,
          AND: hasWords(text),
          ...(begins ? { folded: { startsWith: folded } } : { NOT: { folded: { startsWith: folded } } }),
        },
        orderBy: [{ folded: 'asc' }, { id: 'asc' }],
        take: mostFoundOfKind,
        select: {
          id: true,
          name: true,
          memberships: { where: { until: null }, select: { class: { select: { name: true } } } },
        },
      });
    const first = await find(true);
    const rest = first.length < mostFoundOfKind ? await find(false) : [];
    return [...first, ...rest].slice(0, mostFoundOfKind).map(({ id, name, memberships }) => ({
      id,
      title: name,
      detail: memberships.map((one) => one.class.name).join(', ') || null,
      at: null,
    }));
  },
};
