import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import { soleLessonOf } from '../core/gate-record.ts';
import { openSealed } from '../core/sealed-object.ts';
import type { Caller } from '../ports/caller.ts';
import type { OpenSource } from '../ports/media.ts';
import type { Outside } from '../ports/outside.ts';

type Needs = Pick<Outside, 'database' | 'objects' | 'keyring' | 'clock'>;

/** Opens the signed document; that it was read is on the log before the first byte leaves. The caller closes it. */
export async function openDocument(outside: Needs, caller: Caller, permissionId: Id): Promise<OpenSource> {
  const permission = await outside.database.read.permission.findUnique({
    where: { id: permissionId },
    include: { document: true },
  });
  if (!permission?.document) throw new Refusal('NOT_FOUND');
  const source = await openSealed(outside, permission.document);
  await outside.database.transact(caller, async (tx) =>
    tx.log({
      action: 'permission.document_read',
      outcome: 'done',
      object: { kind: 'permission', id: permissionId, lessonId: await soleLessonOf(tx.db, permission.courseId) },
    }),
  );
  return source;
}
