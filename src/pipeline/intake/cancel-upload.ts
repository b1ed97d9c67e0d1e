import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';
import { dropUpload } from './drop-upload.ts';

type Needs = Pick<Outside, 'database' | 'clock' | 'settings'>;

/**
 * The uploader, or the teacher who keeps the lesson, gives an upload up or acknowledges that it failed. Also while it
 * is being sealed.
 * @throws Refusal `UPLOAD_OVER`.
 */
export async function cancelUpload({ database }: Needs, caller: Caller, uploadId: Id): Promise<void> {
  await database.transact(caller, async (tx) => {
    if (!(await dropUpload(tx, uploadId, 'recording.upload_cancelled'))) throw new Refusal('UPLOAD_OVER');
  });
}
