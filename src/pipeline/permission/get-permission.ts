import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import type { Outside } from '../ports/outside.ts';
import { withEvents } from './list-permissions.ts';

/** One permission with its history. @throws Refusal `NOT_FOUND`; `NO_FILE` when a document was to be given and none came. */
export async function getPermission({ database }: Pick<Outside, 'database'>, permissionId: Id, documentCame = true) {
  if (!documentCame) throw new Refusal('NO_FILE');
  const row = await database.read.permission.findUnique({ where: { id: permissionId }, include: withEvents });
  if (!row) throw new Refusal('NOT_FOUND');
  return row;
}
