import type { Id } from '../../domain/ids.ts';
import type { Outside } from '../ports/outside.ts';

type Needs = Pick<Outside, 'database' | 'clock'>;

export async function listLinks({ database }: Pick<Needs, 'database'>, releaseId: Id) {
  return database.read.viewerLink.findMany({ where: { releaseId }, orderBy: { createdAt: 'asc' } });
}
