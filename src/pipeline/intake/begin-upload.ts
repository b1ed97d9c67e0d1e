import { randomBytes, randomUUID } from 'node:crypto';
import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import { wrapSessionKey } from '../../vault/envelope.ts';
import { uploadKeyBytes } from '../../vault/stage.ts';
import { lockForNow } from '../core/envelope-lock.ts';
import { holdGate, lockLesson } from '../core/gate-record.ts';
import { assertNotTooLarge } from '../core/sealed-object.ts';
import { staffIdOf } from '../core/staff-id.ts';
import type { Caller } from '../ports/caller.ts';
import type { Transaction } from '../ports/database.ts';
import type { Outside } from '../ports/outside.ts';

type Needs = Pick<Outside, 'database' | 'keyring' | 'clock' | 'settings'>;

/**
 * Opens a resumable upload. The gate is asked before a byte is taken; the upload key is drawn here and kept only wrapped
 * for the vault. The recording does not exist for anybody before it is sealed. Policy P1, P2, P3, P6, P7, P8.
 * With a `key`, an upload that this person has begun with it for this lesson is found again: its answer was lost.
 * @throws Refusal `PERMISSION_MISSING` with everything that is missing, `NOT_FOUND`, `TOO_LARGE`; `UPLOAD_OVER` for a key
 * whose upload has ended, or is one of another size.
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
    key?: string | undefined;
  },
): Promise<Id> {
  const { database, keyring, clock, settings } = outside;
  assertNotTooLarge(settings.maxRecordingBytes, input.bytes);
  const { key } = input;
  const uploaderId = staffIdOf(caller);
  const id = randomUUID();
  const { recipients } = keyring;
  const uploadKey = randomBytes(uploadKeyBytes);
  const wrappedKey = await wrapSessionKey(uploadKey, recipients).finally(() => uploadKey.fill(0));
  return database.transact(caller, async (tx) => {
    const { envelope, epoch } = lockForNow(keyring, id, wrappedKey);
    const { lessonId, fileName, metadata, bytes } = input;
    const begun = key === undefined ? null : await findBegun(tx, { uploaderId, lessonId, creationKey: key }, bytes);
    if (begun !== null) return begun;
    await holdGate(tx.db, lessonId, clock(), 'upload');
    const expiresAt = uploadExpiry(outside);
    await tx.db.recording.create({
      data: { id, lessonId, uploaderId, state: 'receiving', leaseUntil: expiresAt },
    });
    await tx.db.upload.create({
      data: {
        id,
        lessonId,
        uploaderId,
        state: 'receiving',
        bytes,
        creationKey: key ?? null,
        metadata,
        fileName,
        declaredType: input.declaredType ?? null,
        declaredSha256: input.declaredSha256 ?? null,
        wrappedKey: envelope,
        epoch,
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
      details: { resumable: true, bytes },
    });
    return id;
  });
}

/** Of two requests at once with one key, the second finds what the first has begun. */
async function findBegun(
  tx: Transaction,
  named: { uploaderId: Id; lessonId: Id; creationKey: string },
  bytes: number,
): Promise<Id | null> {
  await lockLesson(tx.db, named.lessonId);
  const upload = await tx.db.upload.findUnique({ where: { uploaderId_lessonId_creationKey: named } });
  if (upload === null) return null;
  if (upload.state !== 'receiving' || upload.bytes !== BigInt(bytes)) throw new Refusal('UPLOAD_OVER');
  return upload.id;
}

/** Until when a silent upload is kept. */
export function uploadExpiry({ clock, settings }: Pick<Outside, 'clock' | 'settings'>): Date {
  return new Date(clock().getTime() + settings.uploadKeepMs);
}
