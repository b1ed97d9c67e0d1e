import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import { holdGate } from '../core/gate-record.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';
import { uploadExpiry } from './begin-upload.ts';
import { objectOf } from './drop-upload.ts';
import { failUpload } from './fail-upload.ts';
import { assertUploader } from './take-upload.ts';

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
