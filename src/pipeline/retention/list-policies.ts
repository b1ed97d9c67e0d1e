import type { LessonKind } from '../../domain/retention.ts';
import type { Outside } from '../ports/outside.ts';

type Needs = Pick<Outside, 'database' | 'clock' | 'settings'>;

export async function listPolicies({ database }: Pick<Needs, 'database'>) {
  const rows = await database.read.retentionPolicy.findMany({ orderBy: [{ kind: 'asc' }, { schoolYear: 'asc' }] });
  return rows.map((row) => ({ ...row, kind: row.kind as LessonKind | null }));
}
