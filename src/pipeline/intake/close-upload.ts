import { type Reason, Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import { holdGate } from '../lesson/load-lesson.ts';
import type { Caller, Outside, Transaction } from '../ports.ts';
import { emptyFolder, folderOf, isRecorded, stageFolder } from '../sealed-object.ts';
import { assertUploader } from './append-to-upload.ts';
import { uploadExpiry } from './begin-upload.ts';

type Needs = Pick<Outside, 'database' | 'clock' | 'settings'>;

/**
 * All bytes have arrived: the gate is asked again, nothing more is taken, and a job seals. Repeatable. When the gate refuses,
 * the upload fails and nothing is kept. Policy P1.
 * Its uploader does this, or the clock.
 * @throws Refusal `PERMISSION_MISSING`; `UPLOAD_INCOMPLETE` while bytes are missing; `UPLOAD_OVER`; `NOT_ALLOWED`.
 */
export async function closeUpload(outside: Needs, caller: Caller, uploadId: Id): Promise<void> {
  const { database, clock } = outside;
  if (caller.actor.kind !== 'system') await assertUploader(outside, caller, uploadId);
  try {
    await database.transact(caller, async (tx) => {
      const row = await tx.db.upload.findUnique({ where: { id: uploadId } });
      if (!row || row.state === 'failed') throw new Refusal('UPLOAD_OVER');
      if (row.state === 'sealing') return;
      if (row.offset !== row.bytes) throw new Refusal('UPLOAD_INCOMPLETE');
      await holdGate(tx.db, row.lessonId, clock());
      const expiresAt = uploadExpiry(outside);
      const { count } = await tx.db.upload.updateMany({
        where: { id: uploadId, state: 'receiving' },
        data: { state: 'sealing', sealedBytes: 0, expiresAt },
      });
      if (count === 0) return;
      await tx.db.recording.updateMany({
        where: { id: uploadId, state: 'receiving', leaseUntil: { not: null } },
        data: { leaseUntil: expiresAt },
      });
      await tx.enqueue('seal-upload', { uploadId }, { key: `seal:${uploadId}` });
      await tx.log({ action: 'recording.received', outcome: 'done', object: objectOf(row) });
    });
  } catch (error) {
    if (error instanceof Refusal && error.code === 'PERMISSION_MISSING')
      await failUpload(outside, caller, uploadId, error);
    throw error;
  }
}

/**
 * Ends an upload that cannot become a recording: its key is destroyed, its parts are removed by a job, and its owner is told
 * why until the row is swept. Repeatable.
 */
export async function failUpload(outside: Needs, caller: Caller, uploadId: Id, why: Refusal): Promise<void> {
  await outside.database.transact(caller, async (tx) => {
    const reasons: readonly Reason[] = why.reasons;
    const { count } = await tx.db.upload.updateMany({
      where: { id: uploadId, state: { not: 'failed' } },
      data: {
        state: 'failed',
        wrappedKey: null,
        recipients: [],
        reasons: [{ code: why.code, reasons: reasons.map((reason) => ({ ...reason })) }],
        expiresAt: uploadExpiry(outside),
      },
    });
    if (count === 0) return;
    const row = await tx.db.upload.findUniqueOrThrow({ where: { id: uploadId } });
    await tx.db.uploadPart.deleteMany({ where: { uploadId } });
    await tx.db.recording.deleteMany({ where: { id: uploadId, state: 'receiving' } });
    await tx.enqueue('remove-staged', { uploadId }, { key: `staged:${uploadId}` });
    await tx.log({
      action: 'recording.upload_failed',
      outcome: 'failed',
      object: objectOf(row),
      details: { code: why.code, reasons: reasons.map((reason) => reason.code) },
    });
  });
}

/** Its uploader, or who keeps the lesson, gives an upload up or takes note that it failed. Also while it is being sealed. @throws Refusal `UPLOAD_OVER`. */
export async function cancelUpload({ database }: Needs, caller: Caller, uploadId: Id): Promise<void> {
  await database.transact(caller, async (tx) => {
    if (!(await dropUpload(tx, uploadId, 'recording.upload_cancelled'))) throw new Refusal('UPLOAD_OVER');
  });
}

/** Destroys the key with the row, and has a job remove what was staged. False when there is no such upload. */
export async function dropUpload(
  tx: Transaction,
  uploadId: Id,
  action: 'recording.upload_cancelled' | 'recording.upload_abandoned',
): Promise<boolean> {
  const row = await tx.db.upload.findUnique({ where: { id: uploadId } });
  if (!row) return false;
  await tx.db.upload.delete({ where: { id: uploadId } });
  await tx.db.recording.deleteMany({ where: { id: uploadId, state: 'receiving' } });
  await tx.enqueue('remove-staged', { uploadId }, { key: `staged:${uploadId}` });
  // That it failed is on the log already.
  if (row.state !== 'failed') await tx.log({ action, outcome: 'done', object: objectOf(row) });
  return true;
}

/** Removes the staged parts of an upload that is over, and what a broken sealing left. Repeatable. */
export async function removeStaged(
  outside: Pick<Outside, 'database' | 'objects' | 'clock'>,
  uploadId: Id,
): Promise<void> {
  const { database, objects, clock } = outside;
  const upload = await database.read.upload.findUnique({ where: { id: uploadId }, select: { state: true } });
  if (upload && upload.state !== 'failed') return;
  const soon = new Date(clock().getTime() + 1_000);
  await emptyFolder(outside, stageFolder(uploadId), soon);
  const folder = folderOf('recordings', uploadId);
  const recording = await database.read.recording.findUnique({ where: { id: uploadId }, select: { sealedAt: true } });
  if (!recording) {
    await emptyFolder(outside, folder, soon);
    return;
  }
  // Beside what was published: attempts whose process was killed. What is written now, a rendition, is younger.
  if (!recording.sealedAt) return;
  await objects.abortUnfinished(folder, recording.sealedAt);
  for await (const { key, modifiedAt } of objects.list(folder)) {
    if (modifiedAt >= recording.sealedAt) continue;
    if (!(await isRecorded(outside, key))) await objects.purge(key);
  }
}

function objectOf({ id, lessonId }: { id: Id; lessonId: Id }) {
  return { kind: 'recording', id, recordingId: id, lessonId };
}
