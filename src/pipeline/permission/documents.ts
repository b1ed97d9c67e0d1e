import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import { lockLesson } from '../lesson/load-lesson.ts';
import type { Caller, OpenSource, Outside } from '../ports.ts';
import { emptyFolder, folderOf, limitBytes, openSealed, recordSealed, sealIntoStore } from '../sealed-object.ts';

type Needs = Pick<Outside, 'database' | 'objects' | 'keyring' | 'clock'>;

const maxDocumentBytes = 25 * 2 ** 20;

/**
 * Seals the signed document of a permission like a recording. A document is given once; a correction is a new permission.
 * @throws Refusal `NOT_FOUND`, `ALREADY_EXISTS`, `TOO_LARGE`.
 */
export async function sealDocument(
  outside: Needs,
  caller: Caller,
  permissionId: Id,
  file: { bytes: AsyncIterable<Uint8Array>; signal: AbortSignal },
): Promise<void> {
  const { database } = outside;
  const permission = await database.read.permission.findUnique({ where: { id: permissionId } });
  if (!permission) throw new Refusal('NOT_FOUND');
  if (permission.documentId) throw new Refusal('ALREADY_EXISTS');
  const folder = folderOf('documents', permissionId);
  const sealed = await sealIntoStore(outside, folder, limitBytes(file.bytes, maxDocumentBytes), {
    signal: file.signal,
  });
  try {
    await database.transact(caller, async (tx) => {
      await lockLesson(tx.db, permission.lessonId);
      const binding = await recordSealed(tx, sealed);
      const { count } = await tx.db.permission.updateMany({
        where: { id: permissionId, documentId: null },
        data: { documentId: sealed.id, documentSha256: sealed.mediaSha256 },
      });
      if (count === 0) throw new Refusal('ALREADY_EXISTS');
      await tx.log({
        action: 'permission.document_sealed',
        outcome: 'done',
        object: { kind: 'permission', id: permissionId, lessonId: permission.lessonId },
        details: { ...binding, documentSha256: sealed.mediaSha256 },
      });
    });
  } catch (error) {
    // Unless nobody knows whether it was committed: then the sweep decides.
    if (!(error instanceof Refusal && error.code === 'DATABASE_UNAVAILABLE'))
      await emptyFolder(outside, `${folder}${sealed.id}/`, outside.clock());
    throw error;
  }
}

/** Opens the signed document; that it was read is on the log before the first byte leaves. The caller closes it. */
export async function openDocument(outside: Needs, caller: Caller, permissionId: Id): Promise<OpenSource> {
  const permission = await outside.database.read.permission.findUnique({
    where: { id: permissionId },
    include: { document: true },
  });
  if (!permission?.document) throw new Refusal('NOT_FOUND');
  const source = await openSealed(outside, permission.document);
  await outside.database.transact(caller, (tx) =>
    tx.log({
      action: 'permission.document_read',
      outcome: 'done',
      object: { kind: 'permission', id: permissionId, lessonId: permission.lessonId },
    }),
  );
  return source;
}
