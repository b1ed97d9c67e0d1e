import type { Outside } from '../ports/outside.ts';

type Needs = Pick<Outside, 'database' | 'clock' | 'settings'>;

export async function listPolicies({ database }: Pick<Needs, 'database'>) {
  return database.read.retentionPolicy.findMany({ orderBy: [{ kind: 'asc' }, { schoolYear: 'asc' }] });
}
