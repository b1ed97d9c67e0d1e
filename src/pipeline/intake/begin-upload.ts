import { randomBytes, randomUUID } from 'node:crypto';
import type { Id } from '../../domain/ids.ts';
import { wrapSessionKey } from '../../vault/envelope.ts';
import { uploadKeyBytes } from '../../vault/stage.ts';
import { holdGate } from '../core/gate-record.ts';
import { assertNotTooLarge } from '../core/sealed-object.ts';
import { staffIdOf } from '../core/staff-id.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';

type Needs = Pick<Outside, 'database' | 'keyring' | 'clock' | 'settings'>;

/**
 * Opens a resumable upload. The gate is asked before a byte is taken; the upload key is drawn here and kept only wrapped
 * for the vault. The recording does not exist for anybody before it is sealed. Policy P1, P2, P3, P6, P7, P8.
 * @throws Refusal `PERMISSION_MISSING` with everything that is missing, `NOT_FOUND`, `TOO_LARGE`.
 */
export async function beginUpload(
  outside: Needs,
  caller: Caller,
  input: {
    lessonId: Id;
    bytes: number;
    fileName: string | null;
    declaredType: string | undefined;
    declaredSha256: string | undefined;
    /** As the client gave it, to be given back (tus 1.0.0, Upload-Metadata). */
    metadata: Readonly<Record<string, string | null>>;
  },
): Promise<Id> {
  const { database, keyring, clock, settings } = outside;
  assertNotTooLarge(settings.maxRecordingBytes, input.bytes);
  const id = randomUUID();
  const { recipients } = keyring;
  const uploadKey = randomBytes(uploadKeyBytes);
  const wrappedKey = await wrapSessionKey(uploadKey, recipients).finally(() => uploadKey.fill(0));
  await database.transact(caller, async (tx) => {
    const { lessonId, fileName, metadata } = input;
    await holdGate(tx.db, lessonId, clock(), 'upload');
    const expiresAt = uploadExpiry(outside);
    const uploaderId = staffIdOf(caller);
    await tx.db.recording.create({
      data: { id, lessonId, uploaderId, state: 'receiving', leaseUntil: expiresAt },
    });
    await tx.db.upload.create({
      data: {
        id,
        lessonId,
        uploaderId,
        state: 'receiving',
        bytes: input.bytes,
        metadata,
        fileName,
        declaredType: input.declaredType ?? null,
        declaredSha256: input.declaredSha256 ?? null,
        wrappedKey: Uint8Array.from(wrappedKey),
        recipients: recipients.map(({ fingerprint }) => fingerprint).toSorted(),
        expiresAt,
      },
    });
    const object = { kind: 'recording', id, recordingId: id, lessonId };
    await tx.log({ action: 'gate.held', outcome: 'done', object });
    await tx.log({
      action: 'recording.receiving',
      outcome: 'done',
      object,
      details: { resumable: true, bytes: input.bytes },
    });
  });
  return id;
}

/** Until when a silent upload is kept. */
export function uploadExpiry({ clock, settings }: Pick<Outside, 'clock' | 'settings'>): Date {
  return new Date(clock().getTime() + settings.uploadKeepMs);
}
