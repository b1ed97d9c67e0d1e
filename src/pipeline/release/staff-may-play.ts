import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import type { Outside } from '../ports/outside.ts';

/** A withdrawal stops staff too: a recording in quarantine cannot be watched. Policy P1. */
export async function staffMayPlay(
  { database }: { readonly database: { readonly read: Pick<Outside['database']['read'], 'recording'> } },
  recordingId: Id,
): Promise<Refusal | null> {
  const row = await database.read.recording.findUnique({ where: { id: recordingId }, select: { state: true } });
  const may = row !== null && ['sealed', 'in_review', 'cleared', 'approved', 'released'].includes(row.state);
  if (may) return null;
  return new Refusal('WRONG_STATE', {
    reasons: [{ code: 'NOT_PLAYABLE' }],
  });
}
