import type { Id } from '../../domain/ids.ts';
import { dropArriving } from '../captions/drop-captions.ts';
import type { Transaction } from '../ports/database.ts';

/** Destroys the key with the row, and has a job remove what was staged. False when there is no such upload. */
export async function dropUpload(
  tx: Transaction,
  uploadId: Id,
  action: 'recording.upload_cancelled' | 'recording.upload_abandoned',
): Promise<boolean> {
  const row = await tx.db.upload.findUnique({ where: { id: uploadId } });
  if (!row) return false;
  await tx.db.upload.delete({ where: { id: uploadId } });
  await dropArriving(tx, uploadId);
  await tx.enqueue('remove-staged', { uploadId }, { key: `staged:${uploadId}` });
  // That it failed is on the log already.
  if (row.state !== 'failed') await tx.log({ action, outcome: 'done', object: objectOf(row) });
  return true;
}

export function objectOf({ id, lessonId }: { id: Id; lessonId: Id }) {
  return { kind: 'recording', id, recordingId: id, lessonId };
}
