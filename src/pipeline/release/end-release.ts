import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import type { ReleaseEnd } from '../../domain/release.ts';
import { lockLesson } from '../core/gate-record.ts';
import { lessonOf, moveRecording } from '../core/move-recording.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';
import { findRelease } from './find-release.ts';

type Needs = Pick<Outside, 'database' | 'clock'>;

/** @throws Refusal `NOT_FOUND`; `STATE_CHANGED` when it has ended already. */
export async function endRelease(
  { database, clock }: Needs,
  caller: Caller,
  releaseId: Id,
  why: ReleaseEnd = 'ended',
): Promise<void> {
  await database.transact(caller, async (tx) => {
    const { recordingId } = await findRelease(tx, releaseId);
    const lessonId = await lessonOf(tx.db, recordingId);
    await lockLesson(tx.db, lessonId);
    const { count } = await tx.db.release.updateMany({
      where: { id: releaseId, endedAt: null },
      data: { endedAt: clock(), endedWhy: why },
    });
    if (count === 0) throw new Refusal('STATE_CHANGED');
    // A quarantined recording stays in quarantine when its release ends.
    const { state } = await tx.db.recording.findUniqueOrThrow({ where: { id: recordingId } });
    if (state === 'released') await moveRecording(tx, recordingId, 'end_release');
    await tx.log({
      action: 'recording.release_ended',
      outcome: 'done',
      object: { kind: 'release', id: releaseId, recordingId, lessonId },
      details: { why },
    });
  });
}
