import { mayBeCommitted } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import { lend } from '../../domain/memory.ts';
import { noteBytesEverySecond } from '../core/note-progress.ts';
import {
  composeIntoStore,
  folderOf,
  purgeSealed,
  readBack,
  type StoredSealed,
  sealIntoStore,
} from '../core/sealed-object.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';
import { assertDigest, type DeclaredFile, probeFile, publishRecording } from './publish-recording.ts';
import { openStaged } from './staged-media.ts';

type Needs = Pick<Outside, 'database' | 'objects' | 'media' | 'keyring' | 'clock' | 'settings'>;

const caller: Caller = { actor: { kind: 'system', id: 'sealing' } };

/**
 * Seals an upload that has arrived whole. What came in one run is a body already, and its parts are put in a row; otherwise
 * the attempt draws a session key and a salt of its own. Every attempt writes an object of its own; what was written is read back and verified, and then published by compare-and-swap on the state. With the row the
 * upload key is destroyed, and a job removes the staged parts. Repeatable; of two attempts at once one publishes, and what
 * the other wrote is removed.
 */
export async function sealUpload(outside: Needs, uploadId: Id, signal: AbortSignal): Promise<void> {
  const { database } = outside;
  const upload = await database.read.upload.findUnique({ where: { id: uploadId } });
  if (upload?.state !== 'sealing') return;
  const file: DeclaredFile = {
    name: upload.fileName,
    declaredType: upload.declaredType ?? undefined,
    declaredBytes: Number(upload.bytes),
    declaredSha256: upload.declaredSha256 ?? undefined,
  };
  const source = await openStaged(outside, uploadId);
  let sealed: StoredSealed | null = null;
  try {
    const probe = await probeFile(outside, source, file, signal);
    // A body that came in one run is only read back. Every other byte is handled twice: sealed, and then read back.
    const weight = source.body ? 2 : 1;
    const counted = noteBytesEverySecond((bytes) =>
      database.read.upload.updateMany({ where: { id: uploadId }, data: { sealedBytes: weight * bytes } }),
    );
    const folder = folderOf('recordings', uploadId);
    sealed = source.body
      ? await composeIntoStore(outside, folder, source.body, signal)
      : await sealIntoStore(outside, folder, lend(counted(source.readOnce(signal))), {
          mediaLength: source.bytes,
          signal,
        });
    assertDigest(file, sealed);
    await readBack(outside, sealed, counted, signal);
    const fresh = sealed;
    const place = { recordingId: uploadId, lessonId: upload.lessonId };
    await database.transact(caller, async (tx) => {
      await publishRecording(tx, outside, place, { file, sealed: fresh, probe });
      await tx.db.upload.deleteMany({ where: { id: uploadId } });
      await tx.enqueue('remove-staged', { uploadId }, { key: `staged:${uploadId}` });
    });
  } catch (error) {
    // With the database away nobody knows whether it was committed: the next try finds out.
    if (sealed && !mayBeCommitted(error)) await purgeSealed(outside, sealed.bodyKey);
    throw error;
  } finally {
    source.close();
  }
}
