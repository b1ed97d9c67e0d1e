import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import type { Outside } from '../ports/outside.ts';
import { uploadExpiry } from './begin-upload.ts';

/**
 * The offset of an upload, for a client that resumes it. One that has become a recording is whole.
 * @throws Refusal `UPLOAD_OVER` for one that has failed or is not there.
 */
export async function findUpload(outside: Pick<Outside, 'database' | 'clock' | 'settings'>, id: Id) {
  const { read } = outside.database;
  const row = await read.upload.findUnique({ where: { id } });
  if (row && row.state !== 'failed') return row;
  const recording = await read.recording.findUnique({ where: { id }, include: { sealed: true } });
  if (!recording?.sealed || row) throw new Refusal('UPLOAD_OVER');
  const bytes = recording.sealed.mediaBytes;
  return { state: 'sealed' as const, bytes, offset: bytes, metadata: {}, expiresAt: uploadExpiry(outside) };
}
