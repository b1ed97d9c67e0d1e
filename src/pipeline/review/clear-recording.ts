import { assertAllDecided, editsOf } from '../../domain/decision.ts';
import type { Id } from '../../domain/ids.ts';
import { renewAttendance } from '../attendance/settle-lesson.ts';
import { assertForRecording } from '../core/gate-record.ts';
import { moveRecording } from '../core/move-recording.ts';
import { staffIdOf } from '../core/staff-id.ts';
import type { Caller } from '../ports/caller.ts';
import { besideTheRequest } from '../ports/commit-watch.ts';
import type { Outside } from '../ports/outside.ts';
import { assertChecked, assertInReview } from './assert-in-review.ts';
import { percentPlayed } from './view-coverage.ts';
import { getSegments } from './view-segment.ts';

type Needs = Pick<Outside, 'database' | 'clock'>;

/**
 * Ends the review: every segment is decided and the gate holds. A rendition without the removed parts is then made.
 * @throws Refusal `SEGMENTS_OPEN`, `PERMISSION_MISSING`, `WRONG_STATE`, `SAME_PERSON`, `NOT_FOUND`.
 */
export async function clearRecording({ database, clock }: Needs, caller: Caller, recordingId: Id): Promise<void> {
  // What the reports say may have changed with the people of the school. What that brings up stays, also where it is the reason
  // why the review cannot end: a part that has to go is there for the reviewer then.
  await besideTheRequest(() =>
    database.transact(caller, async (tx) =>
      renewAttendance(tx, await assertInReview(tx, caller, recordingId), clock()),
    ),
  );
  await database.transact(caller, async (tx) => {
    const lessonId = await assertInReview(tx, caller, recordingId);
    await assertChecked(tx, recordingId);
    await assertForRecording(tx.db, { recordingId, lessonId }, clock(), { kind: 'clear' });
    const segments = await getSegments(tx.db, recordingId);
    assertAllDecided(segments);
    await moveRecording(tx, recordingId, 'clear', { clearedById: staffIdOf(caller), clearedAt: clock() });
    const edits = editsOf(segments);
    await tx.db.rendition.create({
      data: {
        recordingId,
        state: 'making',
        requestedById: staffIdOf(caller),
        edits: edits.map(({ region, ...edit }) => ({ ...edit, ...(region ? { region: { ...region } } : {}) })),
      },
    });
    await tx.enqueue('make-rendition', { recordingId }, { key: `rendition:${recordingId}` });
    await tx.log({
      action: 'recording.cleared',
      outcome: 'done',
      object: { kind: 'recording', id: recordingId, recordingId, lessonId },
      details: {
        segments: segments.length,
        edits: edits.length,
        playedPercent: await percentPlayed(tx.db, recordingId),
      },
    });
  });
}
