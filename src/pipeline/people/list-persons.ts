import type { Id } from '../../domain/ids.ts';
import type { PersonRole } from '../../domain/person.ts';
import { hasWords } from '../core/has-words.ts';
import type { Outside } from '../ports/outside.ts';

export interface PersonQuery {
  /** Every word of it stands in the name, whatever the marks and the dots of i. */
  readonly search?: string | undefined;
  readonly role?: PersonRole | undefined;
  readonly classId?: Id | undefined;
  /** `folded name, id` of the last one of the page before. */
  readonly after?: readonly [folded: string, id: Id] | undefined;
  readonly limit: number;
}

/** People by name, without their addresses. */
export async function listPersons({ database }: Pick<Outside, 'database'>, query: PersonQuery) {
  const [folded, id] = query.after ?? [];
  const rows = await database.read.person.findMany({
    where: {
      erasedAt: null,
      AND: [
        ...hasWords(query.search),
        ...(folded === undefined || id === undefined
          ? []
          : [{ OR: [{ folded: { gt: folded } }, { folded, id: { gt: id } }] }]),
      ],
      ...(query.role ? { roles: { has: query.role } } : {}),
      ...(query.classId ? { memberships: { some: { classId: query.classId, until: null } } } : {}),
    },
    orderBy: [{ folded: 'asc' }, { id: 'asc' }],
    take: query.limit + 1,
    select: {
      id: true,
      name: true,
      folded: true,
      roles: true,
      schoolNumber: true,
      memberships: {
        where: { until: null },
        select: { class: { select: { id: true, name: true, schoolYear: true } } },
      },
    },
  });
  const page = rows.slice(0, query.limit);
  const last = rows.length > query.limit ? page.at(-1) : undefined;
  return {
    items: page.map(({ folded: _, memberships, ...person }) => ({
      ...person,
      classes: memberships.map((member) => member.class),
    })),
    next: last ? ([last.folded, last.id] as const) : null,
  };
}
