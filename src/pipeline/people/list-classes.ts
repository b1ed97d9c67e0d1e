import type { Outside } from '../ports/outside.ts';

/** Classes with how many pupils they have now, the newest school year first. */
export async function listClasses({ database }: Pick<Outside, 'database'>) {
  const rows = await database.read.class.findMany({
    include: { _count: { select: { members: { where: { until: null, person: { roles: { has: 'pupil' } } } } } } },
    orderBy: [{ schoolYear: 'desc' }, { name: 'asc' }],
  });
  return rows.map(({ id, name, schoolYear, _count }) => ({ id, name, schoolYear, pupils: _count.members }));
}
