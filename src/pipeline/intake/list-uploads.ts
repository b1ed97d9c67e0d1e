import type { Id } from '../../domain/ids.ts';
import type { Outside } from '../ports/outside.ts';
import { toView, withLesson } from './get-upload.ts';

type Needs = Pick<Outside, 'database'>;

/** Uploads of one person that have not become a recording yet, newest first. Only that person can resume them. */
export async function listUploads({ database }: Needs, uploaderId: Id) {
  const rows = await database.read.upload.findMany({
    where: { uploaderId },
    include: withLesson,
    orderBy: { createdAt: 'desc' },
    take: 200,
  });
  return rows.map(toView);
}
