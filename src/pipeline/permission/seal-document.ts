import { mayBeCommitted, Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import { lockCourse, soleLessonOf } from '../core/gate-record.ts';
import {
  emptyFolder,
  folderOf,
  limitBytes,
  openSealed,
  recordSealed,
  type StoredSealed,
  sealIntoStore,
} from '../core/sealed-object.ts';
import type { Caller } from '../ports/caller.ts';
import { ScannerUnavailable } from '../ports/malware-scanner.ts';
import type { OpenSource } from '../ports/media.ts';
import type { Outside } from '../ports/outside.ts';
import { recogniseDocument } from './recognise-document.ts';

type Needs = Pick<Outside, 'database' | 'objects' | 'keyring' | 'clock'>;
type Sealing = Needs & Pick<Outside, 'pages' | 'media' | 'archives' | 'scanner'>;

const maxDocumentBytes = 25 * 2 ** 20;

/**
 * Seals the signed document of a permission like a recording, once it was looked into (`recognise-document.ts`) and, where a
 * scanner is configured, found without malware. A document is given once; a correction is a new permission.
 * @throws Refusal `NOT_FOUND`, `ALREADY_EXISTS`, `TOO_LARGE`, `NOT_DOCUMENT`, `MALWARE_FOUND`, `SCANNER_UNAVAILABLE`.
 */
export async function sealDocument(
  outside: Sealing,
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
    await look(outside, sealed, file.signal);
    await database.transact(caller, async (tx) => {
      await lockCourse(tx.db, permission.courseId);
      const binding = await recordSealed(tx, sealed);
      const { count } = await tx.db.permission.updateMany({
        where: { id: permissionId, documentId: null },
        data: { documentId: sealed.id, documentSha256: sealed.mediaSha256 },
      });
      if (count === 0) throw new Refusal('ALREADY_EXISTS');
      await tx.log({
        action: 'permission.document_sealed',
        outcome: 'done',
        object: { kind: 'permission', id: permissionId, lessonId: await soleLessonOf(tx.db, permission.courseId) },
        details: { ...binding, documentSha256: sealed.mediaSha256 },
      });
    });
  } catch (error) {
    // Unless nobody knows whether it was committed: then the sweep decides.
    if (!mayBeCommitted(error)) await emptyFolder(outside, `${folder}${sealed.id}/`, outside.clock());
    throw error;
  }
}

/** It is read back from the vault: nothing of it was ever in the clear anywhere else. */
async function look(outside: Sealing, sealed: StoredSealed, signal: AbortSignal): Promise<void> {
  const source = await openSealed(outside, { ...sealed, ...sealed.lock() }, signal);
  try {
    const found = await scan(outside, source, signal);
    if (found !== null)
      throw new Refusal('MALWARE_FOUND', {
        reasons: [{ code: 'MALWARE_FOUND', params: { found } }],
      });
    await recogniseDocument(outside, source, { signal });
  } finally {
    source.close();
  }
}

async function scan({ scanner }: Sealing, source: OpenSource, signal: AbortSignal): Promise<string | null> {
  if (scanner === null) return null;
  try {
    return (await scanner.scan(source.read(0, source.bytes, signal), { signal })).found;
  } catch (error) {
    if (error instanceof ScannerUnavailable) throw new Refusal('SCANNER_UNAVAILABLE', { cause: error });
    throw error;
  }
}
