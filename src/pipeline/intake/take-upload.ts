import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';

/** Who may append now. Taking an upload over draws a new fence: the previous holder can no longer commit. */
export interface UploadHold {
  readonly uploadId: Id;
  readonly fence: bigint;
}

/** Takes an upload over from its current holder. Null when there is none. */
export async function takeUpload({ database }: Pick<Outside, 'database'>, uploadId: Id): Promise<UploadHold | null> {
  const [row] = await database.read.$queryRaw<{ fence: bigint }[]>`
    UPDATE upload SET fence = fence + 1 WHERE id = ${uploadId}::uuid RETURNING fence`;
  return row ? { uploadId, fence: row.fence } : null;
}

/**
 * What a recording is made of comes from one person, who then cannot approve it: only the person who began an upload
 * resumes it, asks for its offset, or finishes it. Policy P9.
 * @throws Refusal `NOT_ALLOWED`. An upload that does not exist belongs to nobody.
 */
export async function assertUploader(
  { database }: Pick<Outside, 'database'>,
  caller: Caller,
  uploadId: Id,
): Promise<void> {
  const where = { id: uploadId };
  const found =
    (await database.read.upload.findUnique({ where, select: { uploaderId: true } })) ??
    (await database.read.recording.findUnique({ where, select: { uploaderId: true } }));
  if (!found || (caller.actor.kind === 'staff' && caller.actor.id === found.uploaderId)) return;
  throw new Refusal('NOT_ALLOWED', {
    reasons: [{ code: 'UPLOADER_ONLY' }],
  });
}
