import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';
import { type LookedUp, LookUpUnavailable } from '../ports/work-look-up.ts';
import { openSegment } from './show-segment.ts';

type Needs = Pick<Outside, 'database' | 'objects' | 'keyring' | 'media' | 'lookUp'>;

/**
 * Asks a list outside of the school whose music a segment is, when the installation has one: its print is sent, never its
 * sound. The log has it before the print leaves. The answer goes to the caller alone and is kept nowhere. Policy P5.
 * @throws Refusal `NOT_FOUND`; `WRONG_STATE`: `LOOK_UP_OFF` without a list; `LOOK_UP_UNAVAILABLE`.
 */
export async function lookUpSegment(
  outside: Needs,
  caller: Caller,
  segmentId: Id,
  signal: AbortSignal,
): Promise<{ host: string; found: LookedUp[] }> {
  const { lookUp, media, database } = outside;
  if (lookUp === null) throw new Refusal('WRONG_STATE', { reasons: [{ code: 'LOOK_UP_OFF' }] });
  const { host } = lookUp;
  const { print, object } = await openSegment(
    outside,
    caller,
    { segmentId, signal, sense: 'heard', shows: null },
    async ({ source, probe, startMs, endMs, stream, object }) => ({
      print: await media.soundPrint(source, probe, { startMs, endMs, stream }, { signal }),
      object,
    }),
  );
  await database.transact(caller, (tx) =>
    tx.log({ action: 'segment.looked_up', outcome: 'done', object, details: { host } }),
  );
  try {
    return { host, found: await lookUp.find(print, signal) };
  } catch (error) {
    if (error instanceof LookUpUnavailable) throw new Refusal('LOOK_UP_UNAVAILABLE', { cause: error });
    throw error;
  }
}
