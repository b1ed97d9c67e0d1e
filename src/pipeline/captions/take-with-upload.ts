import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import type { Caller } from '../ports/caller.ts';
import { StoreUnavailable } from '../ports/object-store.ts';
import type { Outside } from '../ports/outside.ts';
import { type ArrivingCaptions, takeCaptions } from './take-captions.ts';

type Needs = Pick<Outside, 'database' | 'objects' | 'keyring' | 'clock'>;

/**
 * Takes captions that came in the form of a recording which is sealed by now. A recording is not lost over its captions:
 * why they were refused is on the log and is returned; null when they were taken.
 */
export async function takeWithUpload(
  outside: Needs,
  caller: Caller,
  recordingId: Id,
  file: ArrivingCaptions,
): Promise<Refusal | null> {
  try {
    await takeCaptions(outside, caller, recordingId, file);
    return null;
  } catch (error) {
    const why = error instanceof StoreUnavailable ? new Refusal('STORE_UNAVAILABLE', { cause: error }) : error;
    if (!(why instanceof Refusal)) throw error;
    await outside.database.transact(caller, (tx) =>
      tx.log({
        action: 'captions.refused',
        outcome: 'refused',
        object: { kind: 'recording', id: recordingId, recordingId },
        details: {
          language: file.language ?? null,
          code: why.code,
          reasons: why.reasons.map((reason) => reason.code),
        },
      }),
    );
    return why;
  }
}
