import type { Id } from '../../domain/ids.ts';
import type { Outside } from '../ports/outside.ts';

export async function listLinks({ database }: Pick<Outside, 'database'>, releaseId: Id) {
  return database.read.viewerLink.findMany({ where: { releaseId }, orderBy: { createdAt: 'asc' } });
}
