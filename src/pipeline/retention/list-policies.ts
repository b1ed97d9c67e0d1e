import type { Outside } from '../ports/outside.ts';

export async function listPolicies({ database }: Pick<Outside, 'database'>) {
  return database.read.retentionPolicy.findMany({ orderBy: [{ kind: 'asc' }, { schoolYear: 'asc' }] });
}
