import type { WorkNeeds } from './register-work.ts';
import { toView, withoutPrints } from './work-facts.ts';

export async function listWorks({ database }: Pick<WorkNeeds, 'database'>) {
  const rows = await database.read.work.findMany({ orderBy: { createdAt: 'desc' }, omit: withoutPrints });
  return rows.map(toView);
}
