import type { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import type { Reason } from '../../domain/reason.ts';
import { dropArriving } from '../captions/drop-captions.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';
import { uploadExpiry } from './begin-upload.ts';
import { objectOf } from './drop-upload.ts';

type Needs = Pick<Outside, 'database' | 'clock' | 'settings'>;

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
    await dropArriving(tx, uploadId);
    await tx.enqueue('remove-staged', { uploadId }, { key: `staged:${uploadId}` });
    await tx.log({
      action: 'recording.upload_failed',
      outcome: 'failed',
      object: objectOf(row),
      details: { code: why.code, reasons: reasons.map((reason) => reason.code) },
    });
  });
}
