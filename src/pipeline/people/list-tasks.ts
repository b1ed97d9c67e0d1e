import type { Outside } from '../ports/outside.ts';

/** Maximum number of tasks in one answer: the oldest of them. */
const mostListed = 500;

/** What imports left to decide, the oldest first; names only. */
export async function listTasks({ database }: Pick<Outside, 'database'>) {
  const rows = await database.read.task.findMany({
    where: { doneAt: null },
    include: { person: { select: { id: true, name: true } }, other: { select: { id: true, name: true } } },
    orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
    take: mostListed,
  });
  return rows.map(({ id, kind, person, other, createdAt }) => ({ id, kind, person, other, createdAt }));
}
